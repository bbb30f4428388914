/** Real visits, as the certificate reads them: who went where and in what order, and of what kind each place is. */
import type { Category } from '../../core/venue/vocabulary.ts';
import { readToronto } from '../../training/evaluation/toronto.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

export interface RealTrip {
  tourist: number;
  /** Indices of `places`, in order. */
  visits: Int32Array;
}

export interface RealVisits {
  /** Says where they come from. */
  source: string;
  places: readonly { id: string; category: Category }[];
  tourists: number;
  /** Each tourist's in order of time. */
  trips: readonly RealTrip[];
  /** [places][places], metres. */
  distance: readonly Float64Array[];
}

/** The themes of Lim et al. 2015 as the nearest category of ours: all that the simulator can know of a place there. */
const CATEGORY_OF_THEME: Readonly<Record<string, Category>> = {
  Sport: 'sports_venue',
  Cultural: 'museum',
  Amusement: 'activity',
  Beach: 'beach',
  Shopping: 'shop',
  Structure: 'landmark',
};

/**
 * The tourists of Toronto (Lim, Chan, Leckie and Karunasekera 2015), with a theme for each place.
 * @param folder with `user-visits.csv` and `poi-costs.csv`
 * @throws DataError naming file and line; RangeError naming a theme that there is no category for
 */
export async function readTorontoVisits(folder: string): Promise<RealVisits> {
  const data = await readToronto(folder);
  const text = await readFile(join(folder, 'user-visits.csv'), 'utf8');
  const rows: Record<string, string>[] = parse(text, { delimiter: ';', bom: true, columns: true });
  const themes = new Map(rows.map(({ poiID, poiTheme }) => [poiID, poiTheme]));
  const places = data.places.map((id) => {
    const theme = themes.get(id) ?? '';
    const category = CATEGORY_OF_THEME[theme];
    if (!category) throw new RangeError(`place ${id}: there is no category for the theme "${theme}"`);
    return { id, category };
  });
  const trips = [...data.trips].sort((a, b) => a.tourist - b.tourist || a.times[0]! - b.times[0]!);
  return { source: 'toronto', places, tourists: data.tourists.length, trips, distance: data.distance };
}
