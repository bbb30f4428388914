/** Intervals and tests that know that the cases of one user hang together: what is drawn is users. */

import { normalCdf, normalQuantile } from './distributions.ts';
import type { Random } from './random.ts';

export interface Interval {
  lower: number;
  upper: number;
}

export interface BootstrapOptions {
  resamples: number;
  /** Of the interval, in (0, 1). */
  level: number;
  method: 'bca' | 'percentile';
}

export const BOOTSTRAP: BootstrapOptions = { resamples: 1000, level: 0.95, method: 'bca' };

/** Case values added up by user: a metric is the sum of `sums` over the sum of `counts`, the mean over cases. */
export interface UserSums {
  users: number;
  metrics: number;
  /** [users, metrics] */
  sums: Float64Array;
  /** [users, metrics]: how many cases have a value. */
  counts: Float64Array;
}

/**
 * @param values [cases, metrics]; NaN: the case has no value, as AUC without a second candidate
 * @param cluster [cases] whose case it is: any integers
 */
export function sumByUser(values: Float64Array, metrics: number, cluster: ArrayLike<number>): UserSums {
  const rows = new Map<number, number>();
  for (let c = 0; c < cluster.length; c++) if (!rows.has(cluster[c]!)) rows.set(cluster[c]!, rows.size);
  const sums = new Float64Array(rows.size * metrics);
  const counts = new Float64Array(rows.size * metrics);
  for (let c = 0; c < cluster.length; c++) {
    const row = rows.get(cluster[c]!)! * metrics;
    for (let m = 0; m < metrics; m++) {
      const value = values[c * metrics + m]!;
      if (Number.isNaN(value)) continue;
      sums[row + m]! += value;
      counts[row + m]! += 1;
    }
  }
  return { users: rows.size, metrics, sums, counts };
}

/** [metrics]; NaN where no case has a value. */
export function means({ users, metrics, sums, counts }: UserSums): Float64Array {
  const total = new Float64Array(metrics);
  const n = new Float64Array(metrics);
  for (let u = 0; u < users; u++) {
    for (let m = 0; m < metrics; m++) {
      total[m]! += sums[u * metrics + m]!;
      n[m]! += counts[u * metrics + m]!;
    }
  }
  return total.map((sum, m) => sum / n[m]!);
}

/** Means of resamples of the users, drawn with replacement (Efron 1979, Annals of Statistics 7). [metrics][resamples] */
export function resampledMeans(data: UserSums, resamples: number, random: Random): Float64Array[] {
  const { users, metrics, sums, counts } = data;
  const drawn = Array.from({ length: metrics }, () => new Float64Array(resamples));
  const total = new Float64Array(metrics);
  const n = new Float64Array(metrics);
  // The high bits of 32: the bias of an index is below users / 2^32.
  const scale = users / 2 ** 32;
  for (let b = 0; b < resamples; b++) {
    total.fill(0);
    n.fill(0);
    for (let draw = 0; draw < users; draw++) {
      const row = Math.floor((random.bits() >>> 0) * scale) * metrics;
      for (let m = 0; m < metrics; m++) {
        total[m]! += sums[row + m]!;
        n[m]! += counts[row + m]!;
      }
    }
    for (let m = 0; m < metrics; m++) drawn[m]![b] = total[m]! / n[m]!;
  }
  return drawn;
}

/** Interval of each metric; null with fewer than two users, where nothing can be said. */
export function intervals(data: UserSums, options: BootstrapOptions, random: Random): (Interval | null)[] {
  if (data.users < 2) return Array.from({ length: data.metrics }, () => null);
  const estimate = means(data);
  return resampledMeans(data, options.resamples, random).map((drawn, m) => {
    const sorted = drawn.filter((value) => !Number.isNaN(value)).sort();
    if (sorted.length === 0) return null;
    const [from, to] =
      options.method === 'bca'
        ? bcaShares(sorted, estimate[m]!, acceleration(data, m), options.level)
        : [(1 - options.level) / 2, (1 + options.level) / 2];
    return { lower: quantile(sorted, from), upper: quantile(sorted, to) };
  });
}

/**
 * The shares of the sorted resamples at which a bias-corrected and accelerated interval ends (Efron 1987, "Better bootstrap
 * confidence intervals", JASA 82; DiCiccio and Efron 1996, eq. 2.3). Resamples equal to the estimate count half to the bias.
 */
function bcaShares(sorted: Float64Array, estimate: number, a: number, level: number): [number, number] {
  const plain: [number, number] = [(1 - level) / 2, (1 + level) / 2];
  let below = 0;
  for (const value of sorted) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const bias = normalQuantile(below / sorted.length);
  if (!Number.isFinite(bias)) return plain;
  const moved = plain.map((share) => {
    const z = bias + normalQuantile(share);
    return normalCdf(bias + z / (1 - a * z));
  });
  return [moved[0]!, moved[1]!];
}

/** From the jackknife over users: sum (mean - x_u)^3 / (6 (sum (mean - x_u)^2)^1.5). */
function acceleration({ users, metrics, sums, counts }: UserSums, m: number): number {
  let total = 0;
  let n = 0;
  for (let u = 0; u < users; u++) {
    total += sums[u * metrics + m]!;
    n += counts[u * metrics + m]!;
  }
  const without = Float64Array.from({ length: users }, (_, u) => {
    return (total - sums[u * metrics + m]!) / (n - counts[u * metrics + m]!);
  });
  let mean = 0;
  for (const value of without) mean += value / users;
  let squares = 0;
  let cubes = 0;
  for (const value of without) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const a = cubes / (6 * squares ** 1.5);
  return Number.isFinite(a) ? a : 0;
}

/** Linear between neighbours (type 7 of Hyndman and Fan 1996). `sorted` ascending and not empty; share in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
