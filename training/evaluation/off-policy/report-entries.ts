/** Off-policy estimates as they go into a report. */

import { ESTIMATORS, estimatePolicy, onPolicyValue } from '../../../core/experiment/off-policy/estimate.ts';
import { difference } from '../../../core/experiment/off-policy/interval.ts';
import { type BanditLog, type Policy, uniformPolicy } from '../../../core/experiment/off-policy/log.ts';
import type { NoSupport } from '../../../core/experiment/off-policy/support.ts';
import { Random } from '../../../core/experiment/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { EvaluationCase, Recommender } from '../recommender.ts';
import type { OffPolicyEntry } from '../report/document.ts';
import { ownBanditLog, topOfOpen } from './own-log.ts';

function entries(log: BanditLog, policy: Policy, name: string, seed: number): OffPolicyEntry[] {
  return ESTIMATORS.map((estimator) => {
    const result = estimatePolicy(log, policy, estimator, Random.of(seed, `${policy.name} folds`));
    return { policy: policy.name, log: name, estimator, result };
  });
}

/** The uniform policy's value from a log; `truth`: a log of the uniform policy itself, to hold it against. */
export function uniformEntries(log: BanditLog, name: string, truth: BanditLog | null, seed: number): OffPolicyEntry[] {
  const known = truth && onPolicyValue(truth);
  return entries(log, uniformPolicy(log.actions), name, seed).map((entry) => {
    if (!known || entry.result.kind === 'no_support') return entry;
    const { value, interval } = known;
    return { ...entry, against: { value, interval, difference: difference(entry.result, known) } };
  });
}

const LOG = 'randomised rankings';

/** Each ranker's first of what our own randomised rankings could have shown, from the rankings since each user's first held-out interaction. */
export async function ownEntries(
  dataset: Dataset,
  recommenders: readonly Recommender[],
  held: readonly EvaluationCase[],
  seed: number,
): Promise<OffPolicyEntry[]> {
  const first = new Map<number, number>();
  for (const { user, time } of held) first.set(user, Math.min(time, first.get(user) ?? Number.POSITIVE_INFINITY));
  const own = ownBanditLog(dataset, (user) => first.get(user) ?? Number.POSITIVE_INFINITY);
  if (own.rankings.length === 0) {
    const result: NoSupport = {
      kind: 'no_support',
      reason: 'deterministic_log',
      found: 0,
      bound: 1,
      message: `none of the ${own.leftOut.deterministic} rankings since then was randomised`,
    };
    return recommenders.map(({ name }) => ({ policy: `top of ${name}`, log: LOG, estimator: 'any', result }));
  }
  const found: OffPolicyEntry[] = [];
  for (const recommender of recommenders) {
    found.push(...entries(own.log, await topOfOpen(recommender, own), LOG, seed));
  }
  return found;
}
