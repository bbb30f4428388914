/** What a metric is: a sum and a count a traveller, so that intervals can be drawn over travellers. */
import type { TripRecord } from '../record.ts';

export interface Part {
  sum: number;
  /** 0: the trip says nothing of it. */
  count: number;
}

export type MetricUnit = 'share' | 'correlation' | 'fit';

export interface Metric {
  /** As it stands in files. */
  name: string;
  title: string;
  /** In words or signs, as the value of a group: the sum over its travellers over the count. */
  formula: string;
  unit: MetricUnit;
  range: readonly [lowest: number, highest: number];
  /** Which way is better; null where it depends. */
  better: 'higher' | 'lower' | null;
  measure(trip: TripRecord): Part;
}

/** Of the trip's slots that `counts`, those that `hits`. */
export function shareOf<Slot>(
  slots: readonly Slot[],
  hits: (slot: Slot) => boolean,
  counts: (slot: Slot) => boolean = () => true,
): Part {
  const counted = slots.filter(counts);
  return { sum: counted.filter(hits).length, count: counted.length };
}

export const NOTHING: Part = { sum: 0, count: 0 };
