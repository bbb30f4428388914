/** Whether a log can say anything about a policy. If it cannot, there is no number, only the reason. */
import { armOf, type BanditLog, type Policy } from './log.ts';

export interface SupportBounds {
  /** Effective sample size under which nothing is estimated. */
  effectiveSampleSize: number;
  /** Probability that the policy may give to actions that the logging policy never shows. */
  unsupportedMass: number;
  /** The same, where only the propensities of what was shown are known, to actions that the log never shows. */
  neverLoggedMass: number;
  /** How far the mean weight may be from 1, which it is in expectation with right propensities and full support. */
  meanWeight: number;
}

/**
 * With these the intervals reach their level in simulation (`tests/checks/off-policy-coverage.ts`). At 100 effective rounds
 * the mean weight has a standard error of 0.1.
 */
export const SUPPORT: SupportBounds = {
  effectiveSampleSize: 100,
  unsupportedMass: 1e-6,
  neverLoggedMass: 0.01,
  meanWeight: 0.2,
};

export interface NoSupport {
  kind: 'no_support';
  reason:
    | 'unsupported_actions'
    | 'never_logged_actions'
    | 'mean_weight'
    | 'effective_sample_size'
    /** No decision in it was randomised. */
    | 'deterministic_log';
  /** What was found, and what it had to keep to. */
  found: number;
  bound: number;
  message: string;
}

/** Importance weights, and what they say of the log. */
export interface Weights {
  /** [n]: target probability over propensity. */
  weight: Float64Array;
  largest: number;
  effectiveSampleSize: number;
  meanWeight: number;
}

/**
 * Effective sample size: (sum w)^2 / sum w^2 of the weights that came up (Kong 1992; Owen 2013, "Monte Carlo theory,
 * methods and examples", 9.3). Rare large weights that did not come up make that too high, so where all propensities are
 * known it is also computed from them, n / mean over rounds of sum over actions of target^2 / logging, and the smaller of
 * the two counts.
 * @throws RangeError where a policy's probabilities are not ones
 */
export function weigh(log: BanditLog, policy: Policy, bounds: SupportBounds = SUPPORT): Weights | NoSupport {
  const { action, propensity, probabilities, actions } = log;
  const n = action.length;
  const weight = new Float64Array(n);
  const logged = new Set<number>();
  const arm = armOf(log);
  for (let i = 0; i < n; i++) logged.add(arm(i, action[i]!));

  let unsupported = 0;
  let neverLogged = 0;
  let secondMoment = 0;
  for (let i = 0; i < n; i++) {
    const target = policy.probabilities(i);
    const logging = probabilities?.(i);
    const offered = logging ? logging.length : actions;
    if (target.length !== offered) throw new RangeError(`${policy.name}: ${target.length} probabilities of ${offered}`);
    let mass = 0;
    for (let a = 0; a < offered; a++) {
      const p = target[a]!;
      mass += p;
      if (!(p >= 0 && p <= 1 + 1e-9)) throw new RangeError(`${policy.name}: round ${i}: probability ${p}`);
      if (p === 0) continue;
      if (!logging) {
        if (!logged.has(arm(i, a))) neverLogged += p / n;
      } else if (logging[a]! > 0) secondMoment += p ** 2 / logging[a]! / n;
      else unsupported += p / n;
    }
    if (Math.abs(mass - 1) > 1e-4)
      throw new RangeError(`${policy.name}: round ${i} has probabilities that sum to ${mass}`);
    weight[i] = target[action[i]!]! / propensity[i]!;
  }
  if (unsupported > bounds.unsupportedMass) {
    return refuse('unsupported_actions', unsupported, bounds.unsupportedMass, (found, bound) => {
      return `the policy gives ${found} of its probability to actions that the logging policy never shows (at most ${bound})`;
    });
  }
  if (neverLogged > bounds.neverLoggedMass) {
    return refuse('never_logged_actions', neverLogged, bounds.neverLoggedMass, (found, bound) => {
      return `the policy gives ${found} of its probability to actions that are not in the log (at most ${bound})`;
    });
  }

  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (const w of weight) {
    sum += w;
    squares += w * w;
    largest = Math.max(largest, w);
  }
  const empirical = squares > 0 ? sum ** 2 / squares : 0;
  const effectiveSampleSize = secondMoment > 0 ? Math.min(empirical, n / secondMoment) : empirical;
  if (!(effectiveSampleSize >= bounds.effectiveSampleSize)) {
    return refuse('effective_sample_size', effectiveSampleSize, bounds.effectiveSampleSize, (found, bound) => {
      return `${n} rounds are worth ${found} for this policy (at least ${bound} are needed)`;
    });
  }
  const meanWeight = sum / n;
  const away = Math.abs(meanWeight - 1);
  if (away > bounds.meanWeight) {
    return refuse('mean_weight', away, bounds.meanWeight, (found, bound) => {
      return `the mean weight is ${meanWeight.toPrecision(3)}, ${found} from 1 (at most ${bound}): wrong propensities, or weights too uneven for this log`;
    });
  }
  return { weight, largest, effectiveSampleSize, meanWeight };
}

function refuse(
  reason: NoSupport['reason'],
  found: number,
  bound: number,
  message: (found: string, bound: string) => string,
): NoSupport {
  return { kind: 'no_support', reason, found, bound, message: message(found.toPrecision(3), String(bound)) };
}
