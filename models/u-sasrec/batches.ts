/** Batches of histories whose targets are all of one city, and compete with all of its venues. */
import type { Random } from '../../core/experiment/random.ts';
import type { Interactions } from '../../training/data/dataset.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { ACTIONS, FIRST_ITEM, UNKNOWN } from './inputs.ts';
import { candidateFeeds, historyFeeds, type Moments } from './sequences.ts';

/** Rows `targets` of one city and traveller, none more than `length` rows before the last. */
export interface Window {
  city: number;
  targets: number[];
}

/** What each traveller took in a city without a break, in windows of at most `length` rows. */
export function windowsOf(train: Interactions, moments: Moments, length: number): Window[] {
  const windows: Window[] = [];
  let open: Window | null = null;
  let user = -1;
  for (let i = 0; i < train.user.length; i++) {
    const row = train.rows?.[i] ?? i;
    if (moments.action[row] !== ACTIONS.accepted || train.weight[i] === 0) continue;
    const city = moments.city[row]!;
    if (!open || train.user[i] !== user || open.city !== city || row - open.targets[0]! >= length) {
      open = { city, targets: [] };
      windows.push(open);
      user = train.user[i]!;
    }
    open.targets.push(row);
  }
  return windows;
}

export interface WindowBatches {
  length: number;
  batch: number;
  /** Share of items that a batch shows by their content alone. */
  idDropout: number;
  /** Items of each city. */
  cities: readonly Int32Array[];
}

export function* windowBatches(
  windows: readonly Window[],
  moments: Moments,
  { length, batch, idDropout, cities }: WindowBatches,
  random: Random,
): Generator<Feeds> {
  const byCity = cities.map((_, city) => random.shuffle(windows.filter((window) => window.city === city)));
  const batches = byCity.flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / batch) }, (_, i) => all.slice(i * batch, (i + 1) * batch)),
  );
  for (const part of random.shuffle(batches)) {
    const hidden = new Set<number>();
    for (let item = 0; item < moments.features.shape[0]! - 1; item++) if (random.chance(idDropout)) hidden.add(item);
    const known = (item: number) => !hidden.has(item);
    const until = part.map(({ targets }) => targets.at(-1)!);
    const rows = part.flatMap(({ targets }) => targets);
    const positions = part.flatMap(({ targets }, place) =>
      targets.map((row) => (place + 1) * length - 1 - (until[place]! - row)),
    );
    const items = rows.map((row) => moments.item[row]!);
    const candidates = cities[part[0]!.city]!;
    const shape = [rows.length];
    yield {
      ...historyFeeds(moments, until, length, known),
      ...candidateFeeds(candidates, known),
      positions: { data: Int32Array.from(positions), shape },
      target_ids: { data: Int32Array.from(items, (item) => (known(item) ? item + FIRST_ITEM : UNKNOWN)), shape },
      target_rows: { data: Int32Array.from(items, (item) => item + 1), shape },
      target_places: { data: Int32Array.from(items, (item) => candidates.indexOf(item)), shape },
      weights: { data: new Float32Array(rows.length).fill(1), shape },
    };
  }
}
