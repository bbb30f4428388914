/** Bandits whose policies' true values are known, to hold the estimators against. */

import type { BanditLog, Policy } from '../../../core/experiment/off-policy/log.ts';
import { Random } from '../../../core/experiment/random.ts';

export interface SyntheticBandit {
  actions: number;
  contexts: number;
  /** Mean of the expected rewards, in (0, 1). */
  meanReward: number;
  /** Spread of the logging policy's logits: 0 is uniform, 2 leaves some actions at a thousandth. */
  skew: number;
  rounds: number;
  /** Whether the log holds the probabilities of all actions, or only of what was shown. */
  fullPropensities: boolean;
  target: 'uniform' | 'best' | 'softmax';
}

/**
 * Contexts are equally likely; rewards are clicks, 0 or 1, with probabilities from an exponential distribution around the
 * mean, cut off at 0.95. `best` takes the best action with probability 0.8, any with 0.2.
 */
export function syntheticBandit(
  { actions, contexts, meanReward, skew, rounds, fullPropensities, target }: SyntheticBandit,
  seed: number,
): { log: BanditLog; policy: Policy; truth: number } {
  const random = Random.of(seed, 'synthetic bandit');
  const table = (cell: () => number) => {
    return Array.from({ length: contexts }, () => Float64Array.from({ length: actions }, cell));
  };
  const expected = table(() => Math.min(0.95, -meanReward * Math.log(1 - random.uniform())));
  const logging = table(() => skew * random.normal()).map(softmax);
  const other = table(() => random.normal()).map(softmax);
  const targets = expected.map((row, x) => {
    if (target === 'softmax') return other[x]!;
    const best = row.indexOf(Math.max(...row));
    return row.map((_, a) => (target === 'uniform' ? 1 / actions : 0.2 / actions + (a === best ? 0.8 : 0)));
  });
  let truth = 0;
  for (let x = 0; x < contexts; x++) {
    for (let a = 0; a < actions; a++) truth += (targets[x]![a]! * expected[x]![a]!) / contexts;
  }
  const context = Int32Array.from({ length: rounds }, () => random.int(contexts));
  const action = context.map((x) => random.weighted(logging[x]!));
  const log: BanditLog = {
    actions,
    action,
    reward: Float64Array.from(context, (x, i) => (random.chance(expected[x]![action[i]!]!) ? 1 : 0)),
    rewardRange: [0, 1],
    propensity: Float64Array.from(context, (x, i) => logging[x]![action[i]!]!),
    identity: null,
    position: null,
    cluster: null,
    probabilities: fullPropensities ? (round) => logging[context[round]!]! : null,
  };
  return { log, policy: { name: target, probabilities: (round) => targets[context[round]!]! }, truth };
}

function softmax(logits: Float64Array): Float64Array {
  const exps = logits.map(Math.exp);
  const total = exps.reduce((a, b) => a + b);
  return exps.map((x) => x / total);
}
