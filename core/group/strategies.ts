/** How the members' utilities of a candidate become the group's. */
import { memberMean } from './member-mean.ts';

export const GROUP_STRATEGIES = ['nash', 'average', 'least_misery'] as const;
export type GroupStrategy = (typeof GROUP_STRATEGIES)[number];
export const DEFAULT_STRATEGY: GroupStrategy = 'nash';

/**
 * Added to each utility under the logarithm: a member who dislikes a place utterly weighs heavily against it and yet
 * does not make all such places equal.
 */
export const NASH_FLOOR = 0.05;

/**
 * The group's utility of one candidate, in [0, 1], from its column of the affinity matrix. Equal utilities u give u under
 * every strategy.
 * - `average`: the mean ("additive utilitarian").
 * - `least_misery`: the lowest (both: Masthoff 2015).
 * - `nash`: the weighted geometric mean, which orders candidates like the weighted sum of log utilities, that is Nash
 *   social welfare (Nash 1950; Kaneko & Nakamura 1979): `exp(sum w log(u + f) / sum w) - f` with `f = NASH_FLOOR`.
 * `weights`, one a member and positive, come from the fairness ledger; only `nash` reads them.
 */
export function groupUtility(
  strategy: GroupStrategy,
  utilities: readonly number[],
  weights: readonly number[],
): number {
  switch (strategy) {
    case 'average':
      return memberMean(utilities);
    case 'least_misery':
      return Math.min(...utilities);
    case 'nash':
      return nash(utilities, weights);
  }
}

function nash(utilities: readonly number[], weights: readonly number[]): number {
  let logs = 0;
  let total = 0;
  utilities.forEach((utility, member) => {
    logs += weights[member]! * Math.log(utility + NASH_FLOOR);
    total += weights[member]!;
  });
  return Math.min(1, Math.max(0, Math.exp(logs / total) - NASH_FLOOR));
}
