/** Intervals of values that lie in a known range, and of their differences. */
import type { Interval } from '../bootstrap.ts';

/**
 * Wilson's score interval (Wilson 1927, JASA 22), for an estimate with a given standard error: the value as a share p of
 * the range, on n* = p (1 - p) / se^2 effective rounds (Korn and Graubard 1998, Survey Methodology 24, for the effective
 * size). Asymmetric near the ends of the range, where values of rare rewards lie.
 * @param critical quantile of the standardised error, about 1.96
 * @param rounds n* where the estimate is at an end of the range or its standard error is 0
 */
export function scoreInterval(
  value: number,
  standardError: number,
  [least, most]: readonly [number, number],
  critical: number,
  rounds: number,
): Interval {
  const width = most - least;
  const p = Math.min(1, Math.max(0, (value - least) / width));
  const binomial = p * (1 - p);
  const size = binomial > 0 && standardError > 0 ? binomial / (standardError / width) ** 2 : rounds;
  const z2 = critical ** 2 / size;
  const middle = (p + z2 / 2) / (1 + z2);
  const half = Math.sqrt(z2 * (binomial + z2 / 4)) / (1 + z2);
  return {
    // An unbounded estimator may leave the range; its interval then still holds it.
    lower: Math.min(value, least + width * Math.max(0, middle - half)),
    upper: Math.max(value, least + width * Math.min(1, middle + half)),
  };
}

/**
 * Interval of the difference a - b of two independent estimates, from their own intervals at the same level, which may be
 * asymmetric (Newcombe 1998, Statistics in Medicine 17, method 10; Zou and Donner 2008, ibid. 27, "MOVER").
 */
export function difference(
  a: { value: number; interval: Interval },
  b: { value: number; interval: Interval },
): { difference: number; interval: Interval } {
  const d = a.value - b.value;
  return {
    difference: d,
    interval: {
      lower: d - Math.hypot(a.value - a.interval.lower, b.interval.upper - b.value),
      upper: d + Math.hypot(a.interval.upper - a.value, b.value - b.interval.lower),
    },
  };
}
