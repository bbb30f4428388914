/** Two rankers on the same cases. */

import {
  type BootstrapOptions,
  type Interval,
  intervals,
  means,
  sumByUser,
  type UserSums,
} from '../../core/experiment/bootstrap.ts';
import type { Random } from '../../core/experiment/random.ts';

export interface PairedDifference {
  /** Mean over cases of a - b. */
  difference: number;
  /** Bootstrap over users; null with fewer than two. */
  interval: Interval | null;
  /** Two-sided, of "no difference"; in (0, 1]. */
  p: number;
}

/**
 * @param a [cases, metrics]; NaN where a case has no value
 * @param b the same cases in the same order
 * @returns a difference a metric
 */
export function compare(
  a: Float64Array,
  b: Float64Array,
  metrics: number,
  cluster: ArrayLike<number>,
  options: BootstrapOptions,
  random: Random,
): PairedDifference[] {
  if (a.length !== b.length || a.length !== cluster.length * metrics) throw new RangeError('not the same cases');
  const data = sumByUser(
    a.map((value, i) => value - b[i]!),
    metrics,
    cluster,
  );
  const difference = means(data);
  const p = randomisationTest(data, options.resamples, random);
  return intervals(data, options, random).map((interval, m) => ({ difference: difference[m]!, interval, p: p[m]! }));
}

/**
 * Fisher's randomisation test by user: were the rankers alike, each user's difference could as well have the other sign
 * (Smucker, Allan and Carterette 2007, "A comparison of statistical significance tests for information retrieval
 * evaluation", CIKM). The outcome itself counts as one of the draws, so p is never 0.
 * @returns [metrics]
 */
export function randomisationTest({ users, metrics, sums }: UserSums, draws: number, random: Random): Float64Array {
  const observed = new Float64Array(metrics);
  const size = new Float64Array(metrics);
  for (let i = 0; i < sums.length; i++) {
    observed[i % metrics]! += sums[i]!;
    size[i % metrics]! += Math.abs(sums[i]!);
  }
  const asFar = new Float64Array(metrics).fill(1);
  const total = new Float64Array(metrics);
  for (let draw = 0; draw < draws; draw++) {
    total.fill(0);
    let bits = 0;
    for (let u = 0; u < users; u++) {
      if (u % 32 === 0) bits = random.bits();
      const sign = bits & 1 ? 1 : -1;
      bits >>>= 1;
      for (let m = 0; m < metrics; m++) total[m]! += sign * sums[u * metrics + m]!;
    }
    // Rounding must not make an equal sum a smaller one.
    for (let m = 0; m < metrics; m++) {
      if (Math.abs(total[m]!) >= Math.abs(observed[m]!) - 1e-12 * size[m]!) asFar[m]!++;
    }
  }
  return asFar.map((count) => count / (draws + 1));
}

/** Holm's step-down correction for several comparisons (Holm 1979, Scandinavian Journal of Statistics 6), in their order. */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
  const corrected = new Array<number>(p.length);
  let running = 0;
  for (const [rank, i] of order.entries()) {
    running = Math.max(running, Math.min(1, (p.length - rank) * p[i]!));
    corrected[i] = running;
  }
  return corrected;
}
