/** What the database holds. */
import { and, asc, eq } from 'drizzle-orm';
import type { FullCandidateSet } from '../../../core/ranking/candidate-log.ts';
import {
  actorKeys,
  behavioralSignals,
  idempotencyKeys,
  itinerarySlots,
  llmUsage,
  rankingEvents,
  tripMembers,
  trips,
} from '../../../platform/database/schema/index.ts';
import { database } from './client.ts';

/** The rows that a trip's logs consist of. */
export async function loggedRankings(tripId: string) {
  const sets = await database
    .select()
    .from(behavioralSignals)
    .where(and(eq(behavioralSignals.tripId, tripId), eq(behavioralSignals.signalType, 'candidate_set_logged')));
  const events = await database
    .select()
    .from(rankingEvents)
    .where(eq(rankingEvents.tripId, tripId))
    .orderBy(asc(rankingEvents.dayNumber), asc(rankingEvents.id));
  const set = (sets[0]?.context as { full_candidate_set?: FullCandidateSet } | undefined)?.full_candidate_set;
  return { sets, set: set as FullCandidateSet, events };
}

export async function actorKeyOf(userId: string): Promise<string> {
  const [row] = await database.select().from(actorKeys).where(eq(actorKeys.userId, userId));
  if (!row) throw new Error(`no actor key of ${userId}`);
  return row.actorKey;
}

/** How many rows the traveller has in each table that planning writes to. */
export async function rowsOf(userId: string) {
  const actorKey = await actorKeyOf(userId);
  return {
    trips: await database.$count(trips, eq(trips.userId, userId)),
    members: await database.$count(tripMembers, eq(tripMembers.userId, userId)),
    idempotencyKeys: await database.$count(idempotencyKeys, eq(idempotencyKeys.userId, userId)),
    signals: await database.$count(behavioralSignals, eq(behavioralSignals.actorKey, actorKey)),
    rankingEvents: await database.$count(rankingEvents, eq(rankingEvents.actorKey, actorKey)),
  };
}

/** The trip and its slots as Postgres has them. */
export async function storedTrip(tripId: string) {
  const [trip] = await database.select().from(trips).where(eq(trips.id, tripId));
  const slots = await database
    .select()
    .from(itinerarySlots)
    .where(eq(itinerarySlots.tripId, tripId))
    .orderBy(asc(itinerarySlots.dayNumber), asc(itinerarySlots.slotOrder));
  return { trip, slots };
}

export const usageOf = (requestId: string) => database.select().from(llmUsage).where(eq(llmUsage.requestId, requestId));
