/** What a trip's object answers its callers: what they asked for, or why not. */
import type { ReplanProblem } from '../core/itinerary/replan.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import type { ChangeProblem } from '../core/itinerary/trip-changes.ts';
import type { MemberProblem } from '../core/live/members.ts';
import type { RankingLog } from '../platform/database/ranking-log.ts';
import type { TripRecord } from '../platform/database/trips.ts';
import type { PivotAnswer, PivotProblem, ReplyAnswer } from './pivot-desk.ts';

export type TripProblem =
  | ChangeProblem
  | MemberProblem
  | PivotProblem
  | ReplanProblem
  /** No such trip, or not one of the asker's: the two look alike from outside. */
  | { code: 'trip_not_found' }
  | { code: 'venue_not_found' }
  | { code: 'invite_used' };

export type Refused = { ok: false; problem: TripProblem };
export type TripAnswer = { ok: true; trip: Trip } | Refused;
export type AskAnswer = PivotAnswer | Refused;
export type RepliedAnswer = ReplyAnswer | Refused;

export interface Projection {
  trip: TripRecord | null;
  rankings: RankingLog[];
}
