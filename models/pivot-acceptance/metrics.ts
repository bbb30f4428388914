/** How well options were told apart that were taken from those that were not. */

import { BOOTSTRAP, type Interval, intervals, means, quantile, sumByUser } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { calibration } from '../../training/evaluation/calibration.ts';
import { hitRate, type TiedRank } from '../../training/evaluation/rank.ts';
import type { Metrics } from '../../training/measured-model.ts';

/** Options of some pivots, one after another. */
export interface ScoredPivots {
  /** [options] */
  scores: ArrayLike<number>;
  /** [options], 1 where it was taken. */
  taken: Uint8Array;
  /** [options], ascending from 0. */
  pivot: Int32Array;
  /** [pivots] whose it was: the same number for the same traveller. */
  actor: Int32Array;
}

/**
 * The probability that an option that was taken stands above one that was not, of all options of all pivots, ties counting
 * half (Hanley and McNeil 1982, Radiology 143). NaN where there are none of either kind.
 * @param times [options] how often each is counted
 */
export function pooledAuc(
  order: Int32Array,
  scores: ArrayLike<number>,
  taken: Uint8Array,
  times: (i: number) => number,
): number {
  let below = 0;
  let pairs = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let here = 0;
    let negatives = 0;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++) {
      const i = order[to]!;
      if (taken[i]) here += times(i);
      else negatives += times(i);
    }
    pairs += here * (below + negatives / 2);
    below += negatives;
    positives += here;
    from = to;
  }
  return pairs / (positives * below);
}

/** `auc`, with percentile intervals over travellers; `precision@k` of each pivot, its first k options; calibration. */
export function pivotMetrics(scored: ScoredPivots, seed: number, prefix = ''): Metrics {
  const { scores, taken, pivot, actor } = scored;
  const metrics: Metrics = { [`${prefix}auc`]: aucWithInterval(scored, seed) };
  const ranks = ranksOf(scored);
  const columns = [
    ...[1, 3].map((k) => ranks.map((rank) => (rank ? hitRate(rank, k) / Math.min(k, rank.candidates) : 0))),
    // Where any was taken, was it the first?
    ranks.map((rank) => (rank ? hitRate(rank, 1) : Number.NaN)),
  ];
  const names = ['precision@1', 'precision@3', 'hit@1_where_taken'];
  const values = Float64Array.from(ranks.flatMap((_, p) => columns.map((column) => column[p]!)));
  const sums = sumByUser(values, names.length, actor);
  const bounds = intervals(sums, BOOTSTRAP, Random.of(seed, 'precision'));
  const found = means(sums);
  for (const [m, name] of names.entries()) metrics[`${prefix}${name}`] = { value: found[m]!, interval: bounds[m]! };
  metrics[`${prefix}ece`] = { value: calibration(scores, taken).ece, interval: null };
  metrics[`${prefix}pivots`] = { value: new Set(pivot).size, interval: null };
  return metrics;
}

function aucWithInterval({ scores, taken, pivot, actor }: ScoredPivots, seed: number) {
  const order = Int32Array.from(taken, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const value = pooledAuc(order, scores, taken, () => 1);
  const actors = actor.reduce((most, one) => Math.max(most, one + 1), 0);
  if (actors < 2) return { value, interval: null };
  const random = Random.of(seed, 'auc');
  const drawn: number[] = [];
  const times = new Int32Array(actors);
  for (let b = 0; b < BOOTSTRAP.resamples; b++) {
    times.fill(0);
    for (let draw = 0; draw < actors; draw++) times[random.int(actors)]!++;
    const auc = pooledAuc(order, scores, taken, (i) => times[actor[pivot[i]!]!]!);
    if (!Number.isNaN(auc)) drawn.push(auc);
  }
  const sorted = Float64Array.from(drawn).sort();
  const tail = (1 - BOOTSTRAP.level) / 2;
  const interval: Interval | null =
    sorted.length > 0 ? { lower: quantile(sorted, tail), upper: quantile(sorted, 1 - tail) } : null;
  return { value, interval };
}

/** Of each pivot, where the option that was taken stands among all; null where none was. */
function ranksOf({ scores, taken, pivot, actor }: ScoredPivots): (TiedRank | null)[] {
  const options: number[][] = Array.from(actor, () => []);
  for (let i = 0; i < pivot.length; i++) options[pivot[i]!]!.push(i);
  return options.map((own) => {
    const target = own.find((i) => taken[i]);
    if (target === undefined) return null;
    const others = own.filter((i) => i !== target);
    return {
      above: others.filter((i) => scores[i]! > scores[target]!).length,
      tied: others.filter((i) => scores[i] === scores[target]).length,
      candidates: own.length,
      scored: true,
    };
  });
}
