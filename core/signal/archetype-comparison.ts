/** Real against simulated travellers of an archetype: how much of what they decide on they take. */
import type { Interval } from '../experiment/bootstrap.ts';
import { studentQuantile } from '../experiment/distributions.ts';
import { difference, scoreInterval } from '../experiment/off-policy/interval.ts';
import { PHASE_OUT } from './phase-out.ts';

/** A traveller is the unit: each has one share, of the venues that they decided on those that they took. */
export interface TravellerShares {
  travellers: number;
  /** Of the shares, and of their squares. */
  sum: number;
  squares: number;
}

export interface MeanShare {
  travellers: number;
  /** In [0, 1]. */
  value: number;
  interval: Interval;
}

export interface ArchetypeComparison {
  archetype: string;
  /** Null where nobody of the archetype decided. */
  real: MeanShare | null;
  synthetic: MeanShare | null;
  /** Real less synthetic, in [-1, 1]; null where one side is. */
  difference: number | null;
  interval: Interval | null;
  /** The difference is larger than the threshold. */
  flagged: boolean;
  /** All of the interval is beyond the threshold, on one side: a flag without it may be noise. */
  certain: boolean;
}

/** A difference of exactly the threshold is none beyond it, however it was rounded. */
const ROUNDING = 1e-9;

/** Mean of the travellers' shares; Wilson's interval on the effective size that their spread makes, with Student's quantile. */
export function meanShare({ travellers, sum, squares }: TravellerShares, level: number): MeanShare | null {
  if (travellers === 0) return null;
  const value = Math.min(1, sum / travellers);
  const degrees = Math.max(1, travellers - 1);
  const variance = Math.max(0, squares - sum * value) / degrees;
  const critical = studentQuantile(0.5 + level / 2, degrees);
  const standardError = Math.sqrt(variance / travellers);
  // One traveller has no spread; shares that are all alike have none either.
  const interval = scoreInterval(value, standardError < ROUNDING ? 0 : standardError, [0, 1], critical, travellers);
  return { travellers, value, interval };
}

/** @param level of the intervals, in (0, 1); that of the difference is Newcombe's (1998, method 10) */
export function compareArchetype(
  { archetype, real, synthetic }: { archetype: string; real: TravellerShares; synthetic: TravellerShares },
  level: number,
  divergence = PHASE_OUT.divergence,
): ArchetypeComparison {
  const [a, b] = [meanShare(real, level), meanShare(synthetic, level)];
  if (!a || !b) {
    return { archetype, real: a, synthetic: b, difference: null, interval: null, flagged: false, certain: false };
  }
  const between = difference(a, b);
  const beyond = (distance: number) => distance > divergence + ROUNDING;
  return {
    archetype,
    real: a,
    synthetic: b,
    ...between,
    flagged: beyond(Math.abs(between.difference)),
    certain: beyond(between.interval.lower) || beyond(-between.interval.upper),
  };
}
