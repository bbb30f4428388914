/** A trip's object as its callers see it: its methods, with the plain types that they answer. */
import type { Trip } from '../core/itinerary/trip.ts';
import type { RankingLog } from '../platform/database/ranking-log.ts';
import type { PivotAsk, PivotReply } from './pivot-desk.ts';
import type { SlotActionRequest } from './slot-action.ts';
import type { TripObject } from './trip.ts';
import type { AskAnswer, Projection, RepliedAnswer, TripAnswer } from './trip-answer.ts';

type AsItIs =
  | 'read'
  | 'change'
  | 'join'
  | 'removeMember'
  | 'remove'
  | 'snapshot'
  | 'forget'
  | 'expectRain'
  | 'setClock'
  | 'fetch';

export type TripStub = Pick<TripObject, AsItIs> & {
  adopt(trip: Trip): Promise<void>;
  actOnSlot(userId: string, request: SlotActionRequest): Promise<TripAnswer>;
  askPivot(userId: string, ask: PivotAsk): Promise<AskAnswer>;
  answerPivot(userId: string, eventId: string, reply: PivotReply): Promise<RepliedAnswer>;
  replan(userId: string, planned: Trip, log: RankingLog): Promise<TripAnswer>;
  projection(): Promise<Projection>;
  logged(candidateSetIds: readonly string[]): Promise<void>;
  /** The person leaves a trip that goes on without them, and the object holds nothing of them any more. Safe to repeat. */
  forgetUser(userId: string): Promise<void>;
};

/** The platform's own stub type loses read-only arrays on the way; what travels is structured clones of these types. */
export function tripStub(env: Cloudflare.Env, tripId: string): TripStub {
  return env.TRIP.getByName(tripId) as unknown as TripStub;
}
