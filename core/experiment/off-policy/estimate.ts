/** The value that a policy would have had, from the log of another. */

import type { Interval } from '../bootstrap.ts';
import { studentQuantile } from '../distributions.ts';
import type { Random } from '../random.ts';
import { scoreInterval } from './interval.ts';
import { type BanditLog, checkLog, type Policy } from './log.ts';
import { actionMeans, crossFit, type RewardLearner } from './reward-model.ts';
import { type NoSupport, SUPPORT, type SupportBounds, type Weights, weigh } from './support.ts';
import { clusteredVariance, modelledVariance } from './variance.ts';

export type Estimator = 'ips' | 'snips' | 'dr';
export const ESTIMATORS: readonly Estimator[] = ['ips', 'snips', 'dr'];

export interface PolicyValue {
  kind: 'value';
  estimator: Estimator | 'on_policy';
  /** Mean reward a round. */
  value: number;
  interval: Interval;
  standardError: number;
  rounds: number;
  effectiveSampleSize: number;
  meanWeight: number;
  largestWeight: number;
}

export type OffPolicyResult = PolicyValue | NoSupport;

export interface OffPolicyOptions {
  level: number;
  bounds: SupportBounds;
  rewardLearner: RewardLearner;
  folds: number;
}

export const OFF_POLICY: OffPolicyOptions = {
  level: 0.95,
  bounds: SUPPORT,
  rewardLearner: actionMeans(),
  folds: 5,
};

interface Point {
  value: number;
  /** [n], with mean 0. */
  influence: Float64Array;
  /** Of the estimate. */
  modelled: number;
}

/**
 * With w = target probability / propensity, r the reward, q the reward model:
 *
 *   IPS   = mean of w r                                                (Horvitz and Thompson 1952, JASA 47)
 *   SNIPS = sum of w r / sum of w                                      (Swaminathan and Joachims 2015, NeurIPS)
 *   DR    = mean of sum_a target(a) q(a) + w (r - q(action))           (Dudik, Langford and Li 2011, ICML), q cross-fitted
 *
 * The standard error is the larger of that of the influences (SNIPS: by the delta method, w (r - SNIPS) / mean w; Owen 2013,
 * 9.2) and a modelled one; the interval is a score interval with Student's quantile at the effective sample size.
 * @returns a value, or why there is none
 * @throws RangeError where log or policy are not well-formed
 */
export function estimatePolicy(
  log: BanditLog,
  policy: Policy,
  estimator: Estimator,
  random: Random,
  options: Partial<OffPolicyOptions> = {},
): OffPolicyResult {
  const { level, bounds, rewardLearner, folds } = { ...OFF_POLICY, ...options };
  checkLog(log);
  const weights = weigh(log, policy, bounds);
  if ('kind' in weights) return weights;
  const point =
    estimator === 'ips'
      ? ips(log, policy, weights)
      : estimator === 'snips'
        ? snips(log, policy, weights)
        : doublyRobust(log, policy, weights, crossFit(rewardLearner, log, folds, random));
  return {
    ...concluded(estimator, point, log, weights.effectiveSampleSize, level),
    effectiveSampleSize: weights.effectiveSampleSize,
    meanWeight: weights.meanWeight,
    largestWeight: weights.largest,
  };
}

function ips(log: BanditLog, policy: Policy, weights: Weights): Point {
  const terms = weights.weight.map((w, i) => w * log.reward[i]!);
  const value = mean(terms);
  const second = modelledVariance(log, policy, weights, (q, variance) => variance + q ** 2);
  return {
    value,
    influence: terms.map((term) => term - value),
    modelled: Math.max(0, second - value ** 2 / terms.length),
  };
}

function snips(log: BanditLog, policy: Policy, weights: Weights): Point {
  const { weight, meanWeight } = weights;
  const value = mean(weight.map((w, i) => w * log.reward[i]!)) / meanWeight;
  return {
    value,
    influence: weight.map((w, i) => (w * (log.reward[i]! - value)) / meanWeight),
    modelled: modelledVariance(log, policy, weights, (q, variance) => variance + (q - value) ** 2),
  };
}

function doublyRobust(log: BanditLog, policy: Policy, weights: Weights, model: ReturnType<typeof crossFit>): Point {
  const n = log.action.length;
  const expected = new Float64Array(n);
  const terms = weights.weight.map((w, i) => {
    const target = policy.probabilities(i);
    for (let a = 0; a < target.length; a++) if (target[a]! > 0) expected[i]! += target[a]! * model(i, a);
    return expected[i]! + w * (log.reward[i]! - model(i, log.action[i]!));
  });
  const value = mean(terms);
  const centre = mean(expected);
  return {
    value,
    influence: terms.map((term) => term - value),
    modelled:
      modelledVariance(log, policy, weights, (_, variance) => variance) +
      clusteredVariance(
        expected.map((q) => q - centre),
        log.cluster,
      ),
  };
}

/** The mean reward of a log under its own policy, with its interval: what an estimate from another log is held against. */
export function onPolicyValue(log: BanditLog, level = 0.95): PolicyValue {
  checkLog(log);
  const n = log.reward.length;
  const value = mean(log.reward);
  const point = { value, influence: log.reward.map((r) => r - value), modelled: 0 };
  return {
    ...concluded('on_policy', point, log, n, level),
    effectiveSampleSize: n,
    meanWeight: 1,
    largestWeight: 1,
  };
}

function concluded(
  estimator: PolicyValue['estimator'],
  { value, influence, modelled }: Point,
  log: BanditLog,
  effective: number,
  level: number,
) {
  const standardError = Math.sqrt(Math.max(clusteredVariance(influence, log.cluster), modelled));
  const critical = studentQuantile((1 + level) / 2, Math.max(10, effective - 1));
  const interval = scoreInterval(value, standardError, log.rewardRange, critical, effective);
  return { kind: 'value' as const, estimator, value, interval, standardError, rounds: influence.length };
}

function mean(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}
