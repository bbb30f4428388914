/** How much energy a moment of a trip asks for: the arc over a day, and the fatigue over days. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { DayPart } from './ranker.ts';

/** Mornings are for what takes energy, afternoons for less; evenings depend on the traveller. */
const MORNING = 0.6;
const AFTERNOON = 0.5;
const EVENING_QUIET = 0.25;
const EVENING_LIVELY = 0.8;

/** From this trip day on, each day takes this much from what is left. */
const FATIGUE_FROM_DAY = 3;
const FATIGUE_A_DAY = 0.1;
const FATIGUE_AT_MOST = 0.3;

/** The energy that suits this moment, in [0, 1], on the scale of a venue's `energy`. */
export function targetEnergy(dayPart: DayPart, tripDay: number, dimensions: Dimensions): number {
  const lively = (dimensions.social_energy + dimensions.night_owl) / 2;
  const base =
    dayPart === 'morning'
      ? MORNING
      : dayPart === 'afternoon'
        ? AFTERNOON
        : EVENING_QUIET + (EVENING_LIVELY - EVENING_QUIET) * lively;
  const pace = 0.3 * (dimensions.pace_preference - 0.5) + 0.2 * (dimensions.adventure - 0.5);
  const fatigue = Math.min(FATIGUE_AT_MOST, Math.max(0, tripDay - FATIGUE_FROM_DAY + 1) * FATIGUE_A_DAY);
  return Math.min(1, Math.max(0, base + pace - fatigue));
}
