/** What assembly is asked: candidates, their scores, and the days to fill. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { Party } from '../ranking/party-fit.ts';
import type { BudgetBand, DayPart } from '../ranking/ranker.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { DayFrame } from './itinerary.ts';

export interface AssemblyRequest {
  /** At most 200, all of one city. */
  candidates: readonly Venue[];
  frames: readonly DayFrame[];
  /** Scores in [0, 1] by candidate, for a day of the trip and a part of it. */
  scores: (dayNumber: number, dayPart: DayPart) => Float64Array;
  party: Party;
  budgetBand: BudgetBand;
  dimensions: Dimensions;
  /** Where each day begins; null where that is not known. */
  start: Location | null;
}
