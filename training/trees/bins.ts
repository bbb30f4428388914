/** Features cut into bins, so that a split is looked for among few thresholds. */
import type { FeatureTable } from './feature-table.ts';

/** The bin of what is missing. */
export const MISSING = 0xffff;
export const MOST_BINS = 0xfffe;

/** Above every number: splits what is known from what is not. */
export const ABOVE_ALL = Math.fround(3.4028234663852886e38);

export interface Bins {
  /** Of each feature: ascending thresholds; bin b holds what is above cut b - 1 and at most cut b. */
  cuts: Float32Array[];
  /** Of each feature, the bin of each row. */
  columns: Uint16Array[];
}

/**
 * A bin a value where a feature has no more than `most` of them: then no threshold is left out. Otherwise bins that hold
 * about as many rows each.
 */
export function binned({ names, rows, values }: FeatureTable, most: number): Bins {
  const width = names.length;
  const cuts: Float32Array[] = [];
  const columns: Uint16Array[] = [];
  for (let f = 0; f < width; f++) {
    const column = Float32Array.from({ length: rows }, (_, row) => values[row * width + f]!);
    const own = cutsOf(column, most);
    cuts.push(own);
    columns.push(Uint16Array.from(column, (x) => (Number.isNaN(x) ? MISSING : binOf(own, x))));
  }
  return { cuts, columns };
}

/** Thresholds between neighbouring values. */
function cutsOf(column: Float32Array, most: number): Float32Array {
  const sorted = column.filter((x) => !Number.isNaN(x)).sort();
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const x of sorted) {
    if (x === distinct.at(-1)) counts[counts.length - 1]! += 1;
    else {
      distinct.push(x);
      counts.push(1);
    }
  }
  const all = distinct.length <= most;
  const cuts: number[] = [];
  let inBins = 0;
  for (let i = 0; i + 1 < distinct.length; i++) {
    inBins += counts[i]!;
    if (all || inBins >= ((cuts.length + 1) * sorted.length) / most) cuts.push(between(distinct[i]!, distinct[i + 1]!));
  }
  return Float32Array.from(cuts);
}

/** At least `low` and below `high`, though there may be no number between them. */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= high || middle < low ? low : middle;
}

/** The first bin whose cut is at least x. */
function binOf(cuts: Float32Array, x: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x <= cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
