/**
 * The next place of real tourists, from the geotagged photos of Lim, Chan, Leckie and Karunasekera 2015 ("Personalized tour
 * recommendation based on user interests and points of interest visit durations", IJCAI). Rules, with theirs where they have one:
 *
 * - consecutive photos of one place in one trip (`seqID`) are one visit; photos of equal time keep the order of their lines;
 * - only trips to 3 or more different places are tested, as there (335 of them in Toronto);
 * - leave one out: a tested trip is predicted by what was learned from all other trips, those of the same tourist among
 *   them, as there; or in folds by tourist, where all trips of a tourist are held out together, which a model that takes
 *   long to train can afford and which is the harder task;
 * - every visit of a tested trip but the first is predicted from the visits before it, among all places.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Random } from '../../core/experiment/random.ts';
import { DataError } from '../data/data-error.ts';
import type { Interactions } from '../data/dataset.ts';
import { acrossFolds, type Fold } from './folds.ts';
import type { EvaluationCase, Fit, Recommender } from './recommender.ts';

export interface Trip {
  id: string;
  tourist: number;
  /** Indices of `places`, no two neighbours alike. */
  visits: Int32Array;
  /** Of the first photo of each visit, milliseconds since the epoch. */
  times: Float64Array;
}

export interface TorontoData {
  places: readonly string[];
  tourists: readonly string[];
  /** In the order of the file. */
  trips: readonly Trip[];
  photos: number;
  /** [places][places], metres; NaN from a place to itself. */
  distance: Float64Array[];
}

/** @param folder with `user-visits.csv` and `poi-costs.csv` */
export async function readToronto(folder: string): Promise<TorontoData> {
  const visitsFile = join(folder, 'user-visits.csv');
  const photos = await readRows(visitsFile, ['userID', 'dateTaken', 'poiID', 'seqID']);
  const places = index(photos.map((photo) => photo.poiID!).sort((a, b) => Number(a) - Number(b)));
  const tourists = index(photos.map((photo) => photo.userID!));
  const bySequence = Map.groupBy(photos, (photo) => photo.seqID!);
  const trips = [...bySequence].map(([id, rows]): Trip => {
    const ordered = rows
      .map((row) => ({ place: places.get(row.poiID!)!, time: number(row, 'dateTaken', visitsFile) * 1000 }))
      .sort((a, b) => a.time - b.time);
    const visits = ordered.filter(({ place }, i) => i === 0 || ordered[i - 1]!.place !== place);
    return {
      id,
      tourist: tourists.get(rows[0]!.userID!)!,
      visits: Int32Array.from(visits, ({ place }) => place),
      times: Float64Array.from(visits, ({ time }) => time),
    };
  });
  const costsFile = join(folder, 'poi-costs.csv');
  const distance = Array.from({ length: places.size }, () => new Float64Array(places.size).fill(Number.NaN));
  for (const row of await readRows(costsFile, ['from', 'to', 'cost'])) {
    const from = places.get(row.from!);
    const to = places.get(row.to!);
    if (from !== undefined && to !== undefined) distance[from]![to] = number(row, 'cost', costsFile);
  }
  return { places: [...places.keys()], tourists: [...tourists.keys()], trips, photos: photos.length, distance };
}

type Row = Record<string, string> & { line: string };

async function readRows(file: string, columns: readonly string[]): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new DataError('missing', { file }, 'cannot be read', { cause });
  });
  const [header, ...rows] = parse(text, { delimiter: ';', bom: true, info: true }) as unknown as {
    record: string[];
    info: { lines: number };
  }[];
  for (const name of columns) {
    if (!header?.record.includes(name)) throw new DataError('header', { file, line: 1, field: name }, 'no such column');
  }
  return rows.map(({ record, info }) => {
    return { ...Object.fromEntries(header!.record.map((name, i) => [name, record[i]!])), line: String(info.lines) };
  });
}

function number(row: Row, field: string, file: string): number {
  const value = Number(row[field]);
  if (row[field] !== '' && Number.isFinite(value)) return value;
  throw new DataError('row', { file, line: Number(row.line), field }, `"${row[field]}" is not a number`);
}

/** Distinct names in order of appearance, to their index. */
function index(names: readonly string[]): Map<string, number> {
  return new Map([...new Set(names)].map((name, i) => [name, i]));
}

/** The trips as sequences: the `user` of an interaction is the trip, so that no step leads from one trip into another. */
export function tripInteractions({ places, trips }: TorontoData, chosen: readonly number[]): Interactions {
  const rows = chosen.flatMap((t, user) => {
    const { visits, times } = trips[t]!;
    return Array.from(visits, (item, v) => ({ user, item, time: times[v]! }));
  });
  return {
    users: chosen.map((t) => trips[t]!.id),
    items: places,
    user: Int32Array.from(rows, ({ user }) => user),
    item: Int32Array.from(rows, ({ item }) => item),
    time: Float64Array.from(rows, ({ time }) => time),
    accepted: new Uint8Array(rows.length).fill(1),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
}

const LEAST_PLACES = 3;

/** Trips to 3 or more different places. */
export function testedTrips({ trips }: TorontoData): number[] {
  return [...trips.keys()].filter((t) => new Set(trips[t]!.visits).size >= LEAST_PLACES);
}

/** What is held out together; each is predicted from all other trips. */
export function heldOut(data: TorontoData, folds: number | 'leave-one-trip-out', seed: number): number[][] {
  const tested = testedTrips(data);
  if (folds === 'leave-one-trip-out') return tested.map((t) => [t]);
  const order = Random.of(seed, 'toronto folds').shuffle(Array.from(data.tourists.keys()));
  const foldOf = new Map(order.map((tourist, i) => [tourist, i % folds]));
  return Array.from({ length: folds }, (_, f) =>
    [...data.trips.keys()].filter((t) => foldOf.get(data.trips[t]!.tourist) === f),
  );
}

export interface TorontoOptions {
  folds: number | 'leave-one-trip-out';
  /** `elsewhere` leaves out the place where the tourist is, which cannot be the next. */
  candidates: 'all' | 'elsewhere';
  seed: number;
}

/**
 * Every prediction, each by a ranker that has not seen the trip. Cases have the tourist as `user`, so that intervals draw
 * tourists.
 */
export async function torontoCases(
  data: TorontoData,
  fits: readonly Fit[],
  { folds, candidates, seed }: TorontoOptions,
): Promise<{ recommenders: Recommender[]; cases: EvaluationCase[]; catalogue: Interactions }> {
  const tested = new Set(testedTrips(data));
  const all = [...data.trips.keys()];
  const catalogue = tripInteractions(data, all);
  const dataset = { interactions: catalogue, lineage: { sources: [], rows: {}, synthetic: false }, own: null };
  const parts = heldOut(data, folds, seed).map((held): Fold => {
    const out = new Set(held);
    return {
      train: tripInteractions(
        data,
        all.filter((t) => !out.has(t)),
      ),
      validation: [],
      cases: held.filter((t) => tested.has(t)).flatMap((t) => casesOf(data, t, candidates)),
    };
  });
  return { ...(await acrossFolds(parts, fits, dataset, seed)), catalogue };
}

function casesOf(
  { trips, places }: TorontoData,
  t: number,
  candidates: TorontoOptions['candidates'],
): EvaluationCase[] {
  const { tourist, visits, times } = trips[t]!;
  return Array.from(visits.subarray(1), (target, v) => ({
    id: -1,
    user: tourist,
    history: visits.slice(0, v + 1),
    target,
    time: times[v + 1]!,
    candidates: candidates === 'all' ? null : Int32Array.from(places.keys()).filter((place) => place !== visits[v]),
    segment: { repeat: visits.subarray(0, v + 1).includes(target) ? 'visited before' : 'new place' },
    index: -1,
  }));
}

/** Floor: the nearest place next. */
export function fitDistance({ distance }: TorontoData): Fit {
  return ({ train }) => ({
    name: 'distance',
    score: async (cases) => {
      return cases.map(({ history }) => {
        const from = history.at(-1);
        if (from === undefined) return new Float32Array(train.items.length);
        return Float32Array.from(distance[from]!, (metres) => -metres);
      });
    },
  });
}
