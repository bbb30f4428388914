/** Postgres follows the trips' objects: what an object says, as rows. */
import { and, asc, eq, getTableColumns, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { TripMember } from '../../core/itinerary/trip.ts';
import type { Database } from './client.ts';
import { type RankingLog, rankingInserts } from './ranking-log.ts';
import { itinerarySlots, trips, users } from './schema/index.ts';
import { slotRow, type TripRecord, tripColumns } from './trips.ts';

/**
 * Makes Postgres say what the object says, in one transaction and one request. An older or equal `seq` changes nothing, so
 * that messages may come twice and in any order; `rankings`, the logs of what the object was given since Postgres last heard
 * of it, are written once (invariant 1). Answers the members whose accounts are deleted: they are left out, and the object
 * is still to forget them.
 */
export async function projectTrip(
  database: Database,
  trip: TripRecord,
  now: Date,
  rankings: readonly RankingLog[] = [],
): Promise<string[]> {
  const [living] = await database.batch([
    lockLivingMembers(database, trip),
    ...rankings.flatMap((log) => rankingInserts(database, log)),
    updateTrip(database, trip, now),
    ...projectMembers(database, trip, now),
    ...projectSlots(database, trip, now),
  ]);
  const ids = new Set(living.map(({ id }) => id));
  return trip.members.flatMap(({ userId }) => (ids.has(userId) ? [] : [userId]));
}

const idsOf = (members: readonly TripMember[]) => members.map(({ userId }) => userId);

/** Their rows stay locked: who deletes their account now waits, and then finds what was written. */
function lockLivingMembers(database: Database, { members }: TripRecord) {
  return database
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, idsOf(members)), isNull(users.deletedAt)))
    .orderBy(asc(users.id))
    .for('key share');
}

/** Whoever organises a trip without a living organiser: who did before. */
function updateTrip(database: Database, trip: TripRecord, now: Date) {
  const organiser = trip.members.find(({ role }) => role === 'organiser')?.userId ?? null;
  return database
    .update(trips)
    .set({
      ...tripColumns(trip),
      userId: sql`coalesce((select id from users where id = ${organiser} and deleted_at is null), ${trips.userId})`,
      updatedAt: now,
    })
    .where(and(eq(trips.id, trip.id), lt(trips.seq, trip.seq)));
}

/** Whether it was `updateTrip` of this transaction that brought the trip to its `seq`. */
const wasUpdated = (trip: TripRecord, now: Date) => sql`exists (
  select from trips where id = ${trip.id} and seq = ${trip.seq} and updated_at = ${now.toISOString()})`;

/** Who stays keeps the time when they joined. */
function projectMembers(database: Database, trip: TripRecord, now: Date) {
  const living = sql`(
    select m."userId" as user_id, m.role, row_number() over (order by m.position) - 1 as position
    from jsonb_to_recordset(${JSON.stringify(trip.members.map((member, position) => ({ ...member, position })))}::jsonb)
      as m ("userId" uuid, role text, position int)
    join users on users.id = m."userId" and users.deleted_at is null)`;
  return [
    database.execute(sql`
      delete from trip_members as was
      where trip_id = ${trip.id} and ${wasUpdated(trip, now)}
        and not exists (select from ${living} as living where living.user_id = was.user_id)`),
    database.execute(sql`
      insert into trip_members as was (trip_id, user_id, role, position, joined_at)
      select ${trip.id}::uuid, user_id, role, position, ${now.toISOString()}::timestamptz from ${living} as living
      where ${wasUpdated(trip, now)}
      on conflict (trip_id, user_id) do update set role = excluded.role, position = excluded.position
      where (was.role, was.position) is distinct from (excluded.role, excluded.position)`),
  ];
}

const slotColumns = Object.entries(getTableColumns(itinerarySlots)).map(([key, column]) => ({
  key: `"${key}"`,
  name: `"${column.name}"`,
  type: column.getSQLType(),
}));
const changing = slotColumns.flatMap(({ name }) => (name === '"id"' || name === '"trip_id"' ? [] : [name]));
const compared = changing.filter((name) => name !== '"updated_at"');

/** As one JSON value: a parameter for each column of each slot would be hundreds. Slots that are as they were are not touched. */
const upsertSlots = (rows: readonly object[]) => sql`
  insert into itinerary_slots as was (${sql.raw(slotColumns.map(({ name }) => name).join(', '))})
  select ${sql.raw(slotColumns.map(({ key }) => key).join(', '))}
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    as slot (${sql.raw(slotColumns.map(({ key, type }) => `${key} ${type}`).join(', '))})`;

const onlyWhatChanged = sql.raw(`
  on conflict (id) do update set ${changing.map((name) => `${name} = excluded.${name}`).join(', ')}
  where (${compared.map((name) => `was.${name}`).join(', ')})
    is distinct from (${compared.map((name) => `excluded.${name}`).join(', ')})`);

function projectSlots(database: Database, trip: TripRecord, now: Date) {
  const rows = trip.slots.map((slot) => ({ ...slotRow(trip, slot), updatedAt: now }));
  return [
    database.execute(sql`
      delete from itinerary_slots
      where trip_id = ${trip.id} and not (id = any(${sql.param(rows.map(({ id }) => id))}::uuid[]))
        and ${wasUpdated(trip, now)}`),
    database.execute(sql`${upsertSlots(rows)} where ${wasUpdated(trip, now)} ${onlyWhatChanged}`),
  ];
}
