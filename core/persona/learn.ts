/** What behaviour teaches of a traveller's dimensions, a small step a venue. */
import { DIMENSION_NAMES, type Dimensions } from './dimensions.ts';

export const LEARNING = {
  /** The share of the way to its end of the scale that a dimension goes for one full-strength verdict. */
  rate: 0.06,
  /** No dimension moves further than this in one run, however much was done that day. */
  mostARun: 0.2,
} as const;

export interface Evidence {
  /** What the venue offers to each dimension, in [-1, 1], in the order of `DIMENSION_NAMES`. */
  profile: ArrayLike<number>;
  accepted: boolean;
  /** In [0, 1]: the verdict's strength x the row's weight x the factor of its source (invariant 5). */
  weight: number;
}

/**
 * For each verdict in turn and each dimension d: `d += rate * weight * |p| * (end - d)`, where p is what the venue offers
 * to d and `end` is the end of the scale that an accepted venue speaks for, the other one if it was rejected. An
 * exponential moving average: steps shrink toward the ends, so that the result stays in [0, 1], and what is new counts
 * more than what is old. What the venue is silent on does not move.
 */
export function learnDimensions(start: Dimensions, evidence: readonly Evidence[]): Dimensions {
  const learned = { ...start };
  for (const { profile, accepted, weight } of evidence) {
    for (const [i, name] of DIMENSION_NAMES.entries()) {
      const offers = profile[i] ?? 0;
      const end = offers > 0 === accepted ? 1 : 0;
      learned[name] += LEARNING.rate * weight * Math.abs(offers) * (end - learned[name]);
    }
  }
  for (const name of DIMENSION_NAMES) {
    const moved = Math.max(-LEARNING.mostARun, Math.min(LEARNING.mostARun, learned[name] - start[name]));
    learned[name] = start[name] + moved;
  }
  return learned;
}
