/** The variance of an off-policy estimate, by two ways that fail differently; the larger counts. */
import type { BanditLog, Policy } from './log.ts';
import { rewardMoments } from './moments.ts';
import type { Weights } from './support.ts';

/**
 * From the influence of each round: sum over clusters of (sum of influences)^2 / n^2, times clusters / (clusters - 1).
 * @param influence [n], with mean 0
 */
export function clusteredVariance(influence: Float64Array, cluster: Int32Array | null): number {
  const sums = new Map<number, number>();
  for (let i = 0; i < influence.length; i++) {
    const id = cluster ? cluster[i]! : i;
    sums.set(id, (sums.get(id) ?? 0) + influence[i]!);
  }
  let squares = 0;
  for (const sum of sums.values()) squares += sum ** 2;
  return (squares * sums.size) / Math.max(1, sums.size - 1) / influence.length ** 2;
}

/**
 * E[w^2 f] / n for what `part` says of an action's rewards, as of variance + (mean - value)^2 for SNIPS. With few rewards
 * that are not 0, the rounds with the largest weights have mostly seen none, and the variance from influences alone is too
 * small: this takes each action's rewards from all rounds in which it was shown, drawn towards those of all actions.
 *
 * Where all propensities are known the expectation is over all actions, sum_a target^2 / logging f. Otherwise it is over
 * the rounds that came up, and what the mean weight falls short of 1 is taken to be missing at the largest weight seen.
 */
export function modelledVariance(
  log: BanditLog,
  policy: Policy,
  { weight, meanWeight, largest }: Weights,
  part: (mean: number, variance: number) => number,
): number {
  const n = weight.length;
  const moments = rewardMoments(log);
  let total = 0;
  let shown = 0;
  for (let i = 0; i < n; i++) {
    const logging = log.probabilities?.(i);
    if (logging) {
      const target = policy.probabilities(i);
      for (let a = 0; a < target.length; a++) {
        if (target[a] === 0 || logging[a] === 0) continue;
        const { mean, variance } = moments(i, a);
        total += (target[a]! ** 2 / logging[a]!) * part(mean, variance);
      }
    } else {
      const { mean, variance } = moments(i, log.action[i]!);
      const value = weight[i]! * part(mean, variance);
      total += weight[i]! * value;
      shown += value;
    }
  }
  const missing = log.probabilities ? 0 : Math.max(0, 1 - meanWeight) * largest * (shown / (meanWeight * n));
  return (total / n + missing) / n;
}
