/** What makes one feasible plan better than another. All terms are on the scale of a ranking score. */
import type { VibeTag } from '../venue/vocabulary.ts';

export const OBJECTIVE = {
  /** A minute on the way; half an hour costs as much as 0.24 of score. */
  travelMinute: 0.008,
  /** A minute of waiting beyond the free ones. */
  idleMinute: 0.002,
  freeIdleMinutes: 25,
  /** Per unit of distance between a venue's energy and what the moment asks for. */
  energyGap: 0.25,
  /** An activity of a category that this day, or another day of the trip, holds already. */
  categoryAgainToday: 0.15,
  categoryAgainInTrip: 0.04,
  /** A cuisine that this day, or another day of the trip, holds already. */
  cuisineAgainToday: 0.2,
  cuisineAgainInTrip: 0.05,
  /** An optional stop left out, and a required one. */
  skipOptional: 0.3,
  skipRequired: 1.5,
} as const;

/** Tags that name a kitchen; two meals that share one are alike. */
export const CUISINES: readonly VibeTag[] = [
  'ramen',
  'noodles',
  'sushi',
  'seafood',
  'tacos',
  'mole',
  'pizza',
  'burgers',
  'bbq',
  'dumplings',
  'bagels-deli',
  'italian',
  'french',
  'japanese',
  'chinese',
  'korean',
  'southeast-asian',
  'south-asian',
  'middle-eastern',
  'african',
];

/** The cuisines of a venue as a bit set. */
export function cuisineBits(tags: readonly VibeTag[]): number {
  return CUISINES.reduce((bits, cuisine, i) => (tags.includes(cuisine) ? bits | (1 << i) : bits), 0);
}
