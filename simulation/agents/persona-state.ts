/** How a trip changes who one is: the rules of seed 0, "Loop structure", step 4. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { CATEGORIES } from '../../core/venue/vocabulary.ts';
import type { Decision, PivotReason } from './decision.ts';

export const PERSONA_MOVES = {
  /** Energy is lost from this day on, so much a day. */
  fatigueFromDay: 3,
  energyADay: 0.1,
  /** Of the way to the end of the scale: `pace_preference` toward slow with who is tired, wants quiet or less of a crowd. */
  pivotPace: 0.05,
  /** Toward 1, for each meal. */
  foodPriority: 0.03,
} as const;

/** The pace that a reason to change the plan speaks for. */
const PACE_OF: Record<PivotReason, 0 | 1 | null> = {
  tired: 0,
  too_crowded: 0,
  want_quiet: 0,
  want_food: 0,
  weather: null,
};

export interface PersonaState {
  dimensions: Dimensions;
  /** In [0, 1]: what the days have left, 1 on the first two. */
  energy: number;
}

/** In [0, 1], at the start of a day (from 1). */
export function energyOfDay(day: number): number {
  const { fatigueFromDay, energyADay } = PERSONA_MOVES;
  return Math.max(0, 1 - energyADay * Math.max(0, day - fatigueFromDay + 1));
}

export function isFoodSlot(venue: Venue): boolean {
  return CATEGORIES[venue.category].meal || venue.meals.length > 0;
}

/** The dimensions after a decision; `taken` is the venue that was accepted, if one was. */
export function movedDimensions(before: Dimensions, decision: Decision, taken: Venue | null): Dimensions {
  const { pivotPace, foodPriority } = PERSONA_MOVES;
  const pace = decision.pivotReason ? PACE_OF[decision.pivotReason] : null;
  const food = taken !== null && isFoodSlot(taken);
  if (pace === null && !food) return before;
  const { pace_preference: was, food_priority: hungry } = before;
  return {
    ...before,
    pace_preference: pace === null ? was : was + pivotPace * (pace - was),
    food_priority: food ? hungry + foodPriority * (1 - hungry) : hungry,
  };
}
