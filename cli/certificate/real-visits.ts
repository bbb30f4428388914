/** Real visits, as the certificate reads them: who went where and in what order, and of what kind each place is. */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CATEGORY_NAMES, type Category } from '../../core/venue/vocabulary.ts';
import { DataError } from '../../training/data/data-error.ts';
import { firstLine } from '../../training/data/files/text-lines.ts';
import { readFiles } from '../../training/data/read-dataset.ts';
import { readToronto } from '../../training/evaluation/toronto.ts';

export interface RealTrip {
  tourist: number;
  /** Indices of `places`, in order. */
  visits: Int32Array;
  /** When each was gone to, milliseconds since the epoch. */
  times: Float64Array;
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
 * @throws DataError naming file and line
 */
export async function readVisitsFile(file: string): Promise<RealVisits> {
  const { interactions } = await readFiles([file]);
  const { users, items, user, item, time } = interactions;
  const categories = await categoriesIn(file);
  const places = items.map((id) => ({ id, category: categories.get(id) ?? 'landmark' }));
  const trips: { tourist: number; visits: number[]; times: number[]; last: number }[] = [];
  for (let i = 0; i < user.length; i++) {
    const trip = trips.at(-1);
    const goesOn = trip !== undefined && trip.tourist === user[i] && time[i]! - trip.last <= TRIP_GAP_MS;
    if (!goesOn) trips.push({ tourist: user[i]!, visits: [item[i]!], times: [time[i]!], last: time[i]! });
    else {
      trip.last = time[i]!;
      if (trip.visits.at(-1) === item[i]) continue;
      trip.visits.push(item[i]!);
      trip.times.push(time[i]!);
    }
  }
  return {
    source: basename(file),
    places,
    tourists: users.length,
    trips: trips.map(({ tourist, visits, times }) => {
      return { tourist, visits: Int32Array.from(visits), times: Float64Array.from(times) };
    }),
    distance: null,
  };
}

/** By item. @throws DataError where one is none of ours, or an item has two */
async function categoriesIn(file: string): Promise<Map<string, Category>> {
  const categories = new Map<string, Category>();
  if ((await firstLine(file)).includes('\t')) return categories;
  const rows = parse(await readFile(file, 'utf8'), {
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim()),
    info: true,
    skip_empty_lines: true,
  }) as unknown as { record: { item: string; category?: string }; info: { lines: number } }[];
  for (const { record, info } of rows) {
    if (record.category === undefined) break;
    const item = record.item.trim();
    const named = record.category.trim();
    const place = { file, line: info.lines, field: 'category' };
    const category = CATEGORY_NAMES.find((name) => name === named) ?? CATEGORY_OF_THEME[named];
    if (!category) throw new DataError('row', place, `there is no category "${named}"`);
    const before = categories.get(item);
    if (before && before !== category) throw new DataError('row', place, `item ${item} was a ${before} before`);
    categories.set(item, category);
  }
  return categories;
}
