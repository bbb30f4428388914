/** How far the members of a group are from agreeing, as the arbiter asks it. */
import type { AffinityMatrix } from './affinity-matrix.ts';

/** Ranks from 1 by ascending value; equal values share the mean of their ranks. */
function ranksOf(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * Spearman's rank correlation, in [-1, 1]: Pearson's over ranks (ties share their mean rank). 1 where either list says
 * that all is one, or is shorter than two: nothing is contradicted.
 */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  return correlation(ranksOf(a), ranksOf(b));
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (a.length + 1) / 2;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - mean) * (b[i]! - mean);
    aa += (a[i]! - mean) ** 2;
    bb += (b[i]! - mean) ** 2;
  }
  return aa === 0 || bb === 0 ? 1 : Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/** The mean over pairs of members of `(1 - rank correlation) / 2` at one moment, in [0, 1]; 0 for a single member. */
export function momentConflict(utilities: readonly Float64Array[]): number {
  const ranks = utilities.map(ranksOf);
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < ranks.length; a++) {
    for (let b = a + 1; b < ranks.length; b++) {
      sum += (1 - correlation(ranks[a]!, ranks[b]!)) / 2;
      pairs++;
    }
  }
  return pairs > 0 ? sum / pairs : 0;
}

/** The mean of `momentConflict` over the moments. */
export function groupConflict({ moments }: AffinityMatrix): number {
  if (moments.length === 0) return 0;
  return moments.reduce((sum, { utilities }) => sum + momentConflict(utilities), 0) / moments.length;
}
