/** Postgres follows the trips' objects: what an object says, as rows. */
import { and, asc, eq, inArray, isNull, lt, notInArray, sql } from 'drizzle-orm';
import type { TripMember } from '../../core/itinerary/trip.ts';
import type { Database, Transaction } from './client.ts';
import { type RankingLog, rankingInserts } from './ranking-log.ts';
import { itinerarySlots, tripMembers, trips, users } from './schema/index.ts';
import { memberRows, pages, slotRow, type TripRecord, tripColumns } from './trips.ts';

/**
 * Makes Postgres say what the object says, in one transaction. An older or equal `seq` changes nothing, so that messages
 * may come twice and in any order; `rankings`, the logs of what the object was given since Postgres last heard of it, are
 * written once (invariant 1). Answers the members whose accounts are deleted: they are left out, and the object is still
 * to forget them.
 */
export async function projectTrip(
  database: Database,
  trip: TripRecord,
  now: Date,
  rankings: readonly RankingLog[] = [],
): Promise<string[]> {
  return database.transaction(async (tx) => {
    for (const log of rankings) for (const insert of rankingInserts(tx, log)) await insert;
    const living = await livingMembers(tx, trip);
    await projectRows(tx, trip, living, now);
    return trip.members.filter((member) => !living.includes(member)).map(({ userId }) => userId);
  });
}

/** Their rows stay locked: who deletes their account now waits, and then finds what was written. */
async function livingMembers(tx: Transaction, { members }: TripRecord): Promise<TripMember[]> {
  const ids = members.map(({ userId }) => userId);
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, ids), isNull(users.deletedAt)))
    .orderBy(asc(users.id))
    .for('key share');
  const living = new Set(rows.map(({ id }) => id));
  return members.filter(({ userId }) => living.has(userId));
}

async function projectRows(
  tx: Transaction,
  trip: TripRecord,
  members: readonly TripMember[],
  now: Date,
): Promise<void> {
  const updated = await tx
    .update(trips)
    .set({ ...tripColumns(trip), ...organiserColumn(members), updatedAt: now })
    .where(and(eq(trips.id, trip.id), lt(trips.seq, trip.seq)))
    .returning({ id: trips.id });
  if (updated.length === 0) return;
  await projectMembers(tx, trip.id, members, now);
  const rows = trip.slots.map((slot) => ({ ...slotRow(trip, slot), updatedAt: now }));
  await tx.execute(sql`
    delete from itinerary_slots
    where trip_id = ${trip.id} and not (id = any(${sql.param(rows.map((row) => row.id))}::uuid[]))`);
  const taken = (column: string) => sql.raw(`excluded.${column}`);
  for (const page of pages(rows)) {
    await tx
      .insert(itinerarySlots)
      .values(page)
      .onConflictDoUpdate({
        target: itinerarySlots.id,
        set: {
          activityNodeId: taken('activity_node_id'),
          dayPart: taken('day_part'),
          role: taken('role'),
          timeWindow: taken('time_window'),
          score: taken('score'),
          startsAt: taken('starts_at'),
          endsAt: taken('ends_at'),
          travelMode: taken('travel_mode'),
          travelMinutes: taken('travel_minutes'),
          travelMetres: taken('travel_metres'),
          generatedNarrative: taken('generated_narrative'),
          narratorVersion: taken('narrator_version'),
          status: taken('status'),
          alternatives: taken('alternatives'),
          served: taken('served'),
          updatedAt: taken('updated_at'),
        },
      });
  }
}

function organiserColumn(members: readonly TripMember[]): { userId?: string } {
  const organiser = members.find(({ role }) => role === 'organiser');
  return organiser ? { userId: organiser.userId } : {};
}

/** Who stays keeps the time when they joined. */
async function projectMembers(tx: Transaction, tripId: string, members: readonly TripMember[], now: Date) {
  const ids = members.map(({ userId }) => userId);
  await tx.delete(tripMembers).where(and(eq(tripMembers.tripId, tripId), notInArray(tripMembers.userId, ids)));
  if (members.length === 0) return;
  await tx
    .insert(tripMembers)
    .values(memberRows(tripId, members, now))
    .onConflictDoUpdate({
      target: [tripMembers.tripId, tripMembers.userId],
      set: { role: sql`excluded.role`, position: sql`excluded.position` },
    });
}
