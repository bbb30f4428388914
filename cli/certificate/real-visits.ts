/** Real visits, as the certificate reads them: who went where and in what order, and of what kind each place is. */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CATEGORY_NAMES, type Category } from '../../core/venue/vocabulary.ts';
import { readFiles } from '../../training/data/read-dataset.ts';
import { readToronto } from '../../training/evaluation/toronto.ts';

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
  /** [places][places], metres; null where none are known. */
  distance: readonly Float64Array[] | null;
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

/** Visits further apart than this belong to two trips, as in Lim et al. 2015. */
const TRIP_GAP_MS = 8 * 3_600_000;

/**
 * Any file `user,item,timestamp[,category]`; a category is one of ours, or a theme as above. Without categories all places are
 * alike to the simulator but for their fame.
 * @throws DataError naming file and line; RangeError naming a category that is none
 */
export async function readVisitsFile(file: string): Promise<RealVisits> {
  const { interactions } = await readFiles([file]);
  const { users, items, user, item, time } = interactions;
  const rows: Record<string, string>[] = parse(await readFile(file, 'utf8'), {
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim()),
    skip_empty_lines: true,
  });
  const categories = new Map(rows.map((row) => [row.item, row.category]));
  const places = items.map((id) => ({ id, category: categoryOf(categories.get(id), id) }));
  const trips: { tourist: number; visits: number[]; last: number }[] = [];
  for (let i = 0; i < user.length; i++) {
    const trip = trips.at(-1);
    const goesOn = trip !== undefined && trip.tourist === user[i] && time[i]! - trip.last <= TRIP_GAP_MS;
    if (!goesOn) trips.push({ tourist: user[i]!, visits: [item[i]!], last: time[i]! });
    else {
      if (trip.visits.at(-1) !== item[i]) trip.visits.push(item[i]!);
      trip.last = time[i]!;
    }
  }
  return {
    source: basename(file),
    places,
    tourists: users.length,
    trips: trips.map(({ tourist, visits }) => ({ tourist, visits: Int32Array.from(visits) })),
    distance: null,
  };
}

function categoryOf(named: string | undefined, id: string): Category {
  if (named === undefined) return 'landmark';
  const category = CATEGORY_NAMES.find((name) => name === named) ?? CATEGORY_OF_THEME[named];
  if (!category) throw new RangeError(`item ${id}: there is no category "${named}"`);
  return category;
}
