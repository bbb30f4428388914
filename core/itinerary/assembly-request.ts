/** What assembly is asked: candidates, their scores, and the days to fill. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { Party } from '../ranking/party-fit.ts';
import type { BudgetBand, DayPart } from '../ranking/ranker.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { DayFrame, Stop } from './itinerary.ts';

/** A stop of a day and the candidate, by its index, that takes it. */
export interface DayVisit {
  candidate: number;
  stop: Stop;
}

export interface AssemblyRequest {
  /** At most 200, all of one city. */
  candidates: readonly Venue[];
  frames: readonly DayFrame[];
  /** Scores in [0, 1] by candidate, for a day of the trip and a part of it. */
  scores: (dayNumber: number, dayPart: DayPart) => Float64Array;
  /**
   * Told what each day holds whenever that is settled or changes, days in order; `scores` of later days may answer
   * differently from then on.
   */
  afterDay?: (dayNumber: number, visits: readonly DayVisit[]) => void;
  party: Party;
  budgetBand: BudgetBand;
  dimensions: Dimensions;
  /** Where each day begins; null where that is not known. */
  start: Location | null;
}
