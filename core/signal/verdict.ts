/** What a signal says of a venue: wanted or not, and how clearly. */
import type { SignalType } from './signal.ts';

/** Replaceable by calibration. */
export const SIGNAL_THRESHOLDS = {
  /** Who skips sooner than this did not have to think, milliseconds. */
  fastSkipMs: 2_000,
} as const;

/** A stored signal, as far as it speaks of venues. */
export interface JudgedSignal {
  type: SignalType;
  venueId: string | null;
  timeToActionMs: number | null;
  /** `replacement_venue_id` of swaps, `direction` (`right`, `left`) of swipes, `rating` (1 to 5) of post-trip signals. */
  context: Readonly<Record<string, unknown>>;
}

/** A fast skip: a clear no (seed 1). */
export function isStrongNegative(
  { type, timeToActionMs }: Pick<JudgedSignal, 'type' | 'timeToActionMs'>,
  thresholds: { fastSkipMs: number } = SIGNAL_THRESHOLDS,
): boolean {
  return type === 'slot_skip' && timeToActionMs !== null && timeToActionMs < thresholds.fastSkipMs;
}

export interface Verdict {
  venueId: string;
  accepted: boolean;
  /** In (0, 1]. */
  strength: number;
}

/** Strengths by type, in [-1, 1]; below 0 the venue was not wanted. */
const STRENGTH: Partial<Record<SignalType, number>> = {
  thumbs_up: 1,
  slot_accept: 0.8,
  pivot_accept: 0.8,
  slot_linger: 0.3,
  pivot_dismiss: -0.3,
  slot_skip: -0.5,
  slot_swap: -0.5,
  thumbs_down: -1,
};
const STRONG_NEGATIVE = -1;
const REPLACEMENT = 0.5;
const SWIPE = { right: 0.5, left: -0.3 } as const;
const MIDDLE_RATING = 3;

function strengthOf(signal: JudgedSignal): number {
  const { type, context } = signal;
  if (isStrongNegative(signal)) return STRONG_NEGATIVE;
  if (type === 'discovery_swipe') {
    return context.direction === 'right' || context.direction === 'left' ? SWIPE[context.direction] : 0;
  }
  if (type === 'post_trip') {
    const { rating } = context;
    const rated = typeof rating === 'number' && rating >= 1 && rating <= 5;
    return rated ? (rating - MIDDLE_RATING) / 2 : 0;
  }
  return STRENGTH[type] ?? 0;
}

/** The types that `verdictsOf` finds something in. */
export const JUDGING_TYPES = [...(Object.keys(STRENGTH) as SignalType[]), 'discovery_swipe', 'post_trip'] as const;

/** None where the signal says nothing of a venue; two for a swap whose replacement is known. */
export function verdictsOf(signal: JudgedSignal): Verdict[] {
  const strength = strengthOf(signal);
  const verdicts: Verdict[] = [];
  if (signal.venueId !== null && strength !== 0) {
    verdicts.push({ venueId: signal.venueId, accepted: strength > 0, strength: Math.abs(strength) });
  }
  const replacement = signal.context.replacement_venue_id;
  if (signal.type === 'slot_swap' && typeof replacement === 'string') {
    verdicts.push({ venueId: replacement, accepted: true, strength: REPLACEMENT });
  }
  return verdicts;
}
