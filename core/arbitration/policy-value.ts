/** What a way to choose between the rankings would have been worth, from randomised decisions. */
import { BOOTSTRAP, type Interval, means, quantile, resampledMeans } from '../experiment/bootstrap.ts';
import { estimatePolicy, onPolicyValue, type PolicyValue } from '../experiment/off-policy/estimate.ts';
import type { BanditLog, Policy } from '../experiment/off-policy/log.ts';
import type { NoSupport } from '../experiment/off-policy/support.ts';
import { Random } from '../experiment/random.ts';
import { SIDES, type Side } from './decision.ts';
import { clustersOf, type Trial } from './trial.ts';

/** Which side is served in each trial. */
export interface Choice {
  name: string;
  sides: readonly Side[];
}

export const always = (side: Side, trials: readonly Trial[]): Choice => ({
  name: `always_${side}`,
  sides: trials.map(() => side),
});

function banditLog(trials: readonly Trial[]): BanditLog {
  const both = trials.map(({ served, propensity }) =>
    served === 'ml' ? [propensity, 1 - propensity] : [1 - propensity, propensity],
  );
  return {
    actions: SIDES.length,
    identity: null,
    action: Int32Array.from(trials, ({ served }) => SIDES.indexOf(served)),
    reward: Float64Array.from(trials, ({ accepted }) => (accepted ? 1 : 0)),
    rewardRange: [0, 1],
    propensity: Float64Array.from(trials, ({ propensity }) => propensity),
    position: null,
    cluster: clustersOf(trials),
    probabilities: (round) => both[round]!,
  };
}

function policyOf({ name, sides }: Choice): Policy {
  return { name, probabilities: (round) => SIDES.map((side) => (side === sides[round] ? 1 : 0)) };
}

/** Share of what is accepted (SNIPS); or that the log cannot say. */
export function choiceValue(
  trials: readonly Trial[],
  choice: Choice,
  seed: number,
  level = 0.95,
): PolicyValue | NoSupport {
  const random = Random.of(seed, `value/${choice.name}`);
  return estimatePolicy(banditLog(trials), policyOf(choice), 'snips', random, { level });
}

/** What was accepted of what was served. */
export const loggedValue = (trials: readonly Trial[]): PolicyValue => onPolicyValue(banditLog(trials));

/** SNIPS of a choice less that of another: both over the same resamples of travellers. */
export function gain(
  trials: readonly Trial[],
  one: Choice,
  other: Choice,
  seed: number,
): { value: number; interval: Interval | null } {
  const cluster = clustersOf(trials);
  const users = cluster.reduce((most, row) => Math.max(most, row + 1), 0);
  const sums = new Float64Array(2 * users);
  const counts = new Float64Array(2 * users);
  for (const [i, { served, propensity, accepted }] of trials.entries()) {
    for (const [m, { sides }] of [one, other].entries()) {
      if (served !== sides[i]) continue;
      sums[2 * cluster[i]! + m]! += (accepted ? 1 : 0) / propensity;
      counts[2 * cluster[i]! + m]! += 1 / propensity;
    }
  }
  const data = { users, metrics: 2, sums, counts };
  const [a, b] = means(data);
  if (users < 2) return { value: a! - b!, interval: null };
  const [ofOne, ofOther] = resampledMeans(data, BOOTSTRAP.resamples, Random.of(seed, 'gain'));
  const drawn = ofOne!.map((value, i) => value - ofOther![i]!).filter((value) => !Number.isNaN(value));
  const sorted = drawn.sort();
  const tail = (1 - BOOTSTRAP.level) / 2;
  return { value: a! - b!, interval: { lower: quantile(sorted, tail), upper: quantile(sorted, 1 - tail) } };
}
