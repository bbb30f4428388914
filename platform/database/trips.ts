/** Trips in Postgres: written whole when they are made, read back by their Durable Object. */
import { and, asc, desc, eq, lt, or, sql } from 'drizzle-orm';
import { minutesInto, wallClock } from '../../core/itinerary/local-time.ts';
import type { Trip, TripMember, TripSlot } from '../../core/itinerary/trip.ts';
import { dateOfDay } from '../../core/itinerary/trip-changes.ts';
import type { Database, Queries } from './client.ts';
import { type RankingLog, rankingInserts } from './ranking-log.ts';
import { cities, idempotencyKeys, itinerarySlots, tripMembers, trips } from './schema/index.ts';
import { venuesById } from './venues.ts';

/** Multi-row inserts are cut into statements of at most this many rows. */
const BATCH = 200;

/** What of a trip is stored with it: venues are the catalogue's. */
export type TripRecord = Omit<Trip, 'venues'>;

/** For `insertTrip` and for the projection. */
export function tripColumns(trip: TripRecord) {
  const { startDate, endDate, status, party, budgetBand, startArea, dimensions, ranking, dayNotes, seq, group } = trip;
  return {
    startDate,
    endDate,
    status,
    partySize: party.size,
    partyKind: party.kind,
    budgetBand,
    startArea,
    dimensions,
    ranking,
    dayNotes,
    seq,
    group: group ?? null,
  };
}

export function slotRow(trip: TripRecord, slot: TripSlot) {
  const { stop, travel } = slot;
  const at = (minutes: number) => new Date(wallClock(dateOfDay(trip, slot.dayNumber), minutes, trip.city.timeZone));
  return {
    id: slot.id,
    tripId: trip.id,
    dayNumber: slot.dayNumber,
    slotOrder: slot.order,
    dayPart: stop.dayPart,
    role: stop.role,
    timeWindow: [stop.earliest, stop.latest, stop.endBy] as [number, number, number],
    score: slot.score,
    activityNodeId: slot.venueId,
    startsAt: at(slot.start),
    endsAt: at(slot.end),
    travelMode: travel?.mode ?? null,
    travelMinutes: travel?.minutes ?? null,
    travelMetres: travel?.metres ?? null,
    generatedNarrative: slot.narrative,
    narratorVersion: slot.narratorVersion,
    modelVersion: slot.modelVersion,
    status: slot.status,
    alternatives: slot.alternatives,
    rankingEventId: slot.rankingEventId,
    served: slot.served ?? null,
  };
}

export function memberRows(tripId: string, members: readonly TripMember[], joinedAt: Date) {
  return members.map((member, position) => ({ tripId, ...member, position, joinedAt }));
}

export interface NewTrip extends RankingLog {
  trip: Trip;
  userId: string;
  /** What the response is stored under, so that a retry is answered with it. */
  idempotency: { key: string; requestHash: string; response: unknown } | null;
  now: Date;
}

/**
 * One transaction: the trip, its slots and members, the candidate log and what refers to it (invariant 1), the
 * idempotency key. Throws a unique violation of `idempotency_keys` where the key was used in the meantime.
 */
export async function insertTrip(database: Database, made: NewTrip): Promise<void> {
  const { trip, userId, idempotency, now } = made;
  const slots = trip.slots.map((slot) => ({ ...slotRow(trip, slot), updatedAt: now }));
  await database.batch([
    database.insert(trips).values({
      id: trip.id,
      userId,
      cityId: trip.city.id,
      ...tripColumns(trip),
      createdAt: now,
      updatedAt: now,
    }),
    ...(idempotency ? [database.insert(idempotencyKeys).values({ userId, ...idempotency, createdAt: now })] : []),
    database.insert(tripMembers).values(memberRows(trip.id, trip.members, now)),
    ...rankingInserts(database, made),
    ...pages(slots).map((page) => database.insert(itinerarySlots).values(page)),
  ]);
}

export function pages<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH));
}

/** The trip as Postgres last heard of it; null where there is none. */
export async function loadTrip(database: Database, tripId: string): Promise<Trip | null> {
  const [[row], slotRows, members] = await database.batch([
    database
      .select({ trip: trips, city: { id: cities.id, slug: cities.slug, name: cities.name, timeZone: cities.timeZone } })
      .from(trips)
      .innerJoin(cities, eq(cities.id, trips.cityId))
      .where(eq(trips.id, tripId)),
    database
      .select()
      .from(itinerarySlots)
      .where(eq(itinerarySlots.tripId, tripId))
      .orderBy(asc(itinerarySlots.dayNumber), asc(itinerarySlots.slotOrder)),
    database
      .select({ userId: tripMembers.userId, role: tripMembers.role })
      .from(tripMembers)
      .where(eq(tripMembers.tripId, tripId))
      // Rows of before there was a position have the same.
      .orderBy(asc(tripMembers.position), asc(tripMembers.joinedAt), asc(tripMembers.userId)),
  ]);
  if (!row) return null;
  const { trip, city } = row;
  const venues = await venuesById(database, [
    ...new Set(slotRows.flatMap((slot) => [slot.activityNodeId, ...slot.alternatives.map((a) => a.venueId)])),
  ]);
  const slots = slotRows.map((slot): TripSlot => {
    const date = dateOfDay(trip, slot.dayNumber);
    const [earliest, latest, endBy] = slot.timeWindow;
    return {
      id: slot.id,
      dayNumber: slot.dayNumber,
      order: slot.slotOrder,
      stop: { dayPart: slot.dayPart, role: slot.role, earliest, latest, endBy, required: false },
      score: slot.score,
      venueId: slot.activityNodeId,
      start: minutesInto(date, city.timeZone, slot.startsAt.getTime()),
      end: minutesInto(date, city.timeZone, slot.endsAt.getTime()),
      travel:
        slot.travelMode === null
          ? null
          : { mode: slot.travelMode, minutes: slot.travelMinutes ?? 0, metres: slot.travelMetres ?? 0 },
      narrative: slot.generatedNarrative,
      narratorVersion: slot.narratorVersion,
      modelVersion: slot.modelVersion,
      status: slot.status,
      alternatives: slot.alternatives,
      rankingEventId: slot.rankingEventId,
      served: slot.served,
    };
  });
  return {
    id: trip.id,
    seq: trip.seq,
    city,
    startDate: trip.startDate,
    endDate: trip.endDate,
    status: trip.status,
    party: { size: trip.partySize, kind: trip.partyKind },
    budgetBand: trip.budgetBand,
    startArea: trip.startArea,
    dimensions: trip.dimensions,
    ranking: trip.ranking,
    dayNotes: trip.dayNotes,
    slots,
    members,
    group: trip.group,
    venues: Object.fromEntries(venues),
  };
}

/**
 * Trip, slots and members go; ranking events and signals stay, for they name no person. `rankings`: what the trip's object
 * has served and Postgres has not heard of yet; it stays too.
 */
export async function deleteTrip(
  database: Database,
  tripId: string,
  rankings: readonly RankingLog[] = [],
): Promise<void> {
  await database.batch([
    database.delete(trips).where(eq(trips.id, tripId)),
    ...rankings.flatMap((log) => rankingInserts(database, log)),
  ]);
}

export interface TripListing {
  id: string;
  city: string;
  startDate: string;
  endDate: string;
  status: Trip['status'];
  role: 'organiser' | 'member';
  createdAt: Date;
}

/** The trips that a user is a member of, newest first. As fresh as the projection is. */
export async function listTrips(
  database: Queries,
  userId: string,
  limit: number,
  after: { createdAt: string; id: string } | null,
): Promise<TripListing[]> {
  return database
    .select({
      id: trips.id,
      city: cities.slug,
      startDate: trips.startDate,
      endDate: trips.endDate,
      status: trips.status,
      role: tripMembers.role,
      createdAt: trips.createdAt,
    })
    .from(tripMembers)
    .innerJoin(trips, eq(trips.id, tripMembers.tripId))
    .innerJoin(cities, eq(cities.id, trips.cityId))
    .where(
      and(
        eq(tripMembers.userId, userId),
        after
          ? or(
              sql`${trips.createdAt} < ${after.createdAt}`,
              and(sql`${trips.createdAt} = ${after.createdAt}`, lt(trips.id, after.id)),
            )
          : undefined,
      ),
    )
    .orderBy(desc(trips.createdAt), desc(trips.id))
    .limit(limit);
}

export async function findIdempotent(
  database: Queries,
  userId: string,
  key: string,
): Promise<{ requestHash: string; response: unknown } | null> {
  const [row] = await database
    .select({ requestHash: idempotencyKeys.requestHash, response: idempotencyKeys.response })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key)));
  return row ?? null;
}
