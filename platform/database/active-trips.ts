/** Where people travel just now, as fresh as the projection of the trips is. */
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Location } from '../../core/venue/venue.ts';
import type { Database, Queries } from './client.ts';
import { cities, trips } from './schema/index.ts';

export interface TravelledCity {
  id: string;
  slug: string;
  centre: Location;
}

/** The cities with active trips, in the order of their ids, past `after`. */
export function citiesWithActiveTrips(
  database: Queries,
  after: string | null,
  limit: number,
): Promise<TravelledCity[]> {
  const travelled = database.select({ id: trips.cityId }).from(trips).where(eq(trips.status, 'active'));
  return database
    .select({ id: cities.id, slug: cities.slug, centre: cities.centre })
    .from(cities)
    .where(and(inArray(cities.id, travelled), after === null ? undefined : gt(cities.id, after)))
    .orderBy(asc(cities.id))
    .limit(limit);
}

/** The ids of a city's active trips, in their order, past `after`. */
export async function activeTripsIn(
  database: Queries,
  cityId: string,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows = await database
    .select({ id: trips.id })
    .from(trips)
    .where(and(eq(trips.cityId, cityId), eq(trips.status, 'active'), after === null ? undefined : gt(trips.id, after)))
    .orderBy(asc(trips.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

export interface Happening {
  tripId: string | null;
  slotId: string | null;
  /** ISO 8601. */
  occurredAt: string;
}

/**
 * The slugs of the cities in which things happened, in their order; null where the trip is not known, or was not under way
 * by its dates: whoever plans a trip is somewhere else.
 */
export async function citiesOf(database: Database, happenings: readonly Happening[]): Promise<(string | null)[]> {
  const given = JSON.stringify(
    happenings.map(({ tripId, slotId, occurredAt }, n) => ({ n, trip: tripId, slot: slotId, at: occurredAt })),
  );
  const { rows } = await database.execute<{ n: number; slug: string }>(sql`
    select g.n, c.slug
    from jsonb_to_recordset(${given}::jsonb) as g (n int, trip uuid, slot uuid, at timestamptz)
    left join itinerary_slots s on g.trip is null and s.id = g.slot
    join trips t on t.id = coalesce(g.trip, s.trip_id)
    join cities c on c.id = t.city_id
    where (g.at at time zone c.time_zone)::date between t.start_date and t.end_date`);
  const found = new Map(rows.map(({ n, slug }) => [n, slug]));
  return happenings.map((_, n) => found.get(n) ?? null);
}
