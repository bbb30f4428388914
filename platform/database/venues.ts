/** Venue rows as the core's `Venue`. */
import { and, asc, eq, gt, ilike, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Location, Venue } from '../../core/venue/venue.ts';
import type { Category } from '../../core/venue/vocabulary.ts';
import type { Queries } from './client.ts';
import { activityNodes } from './schema/index.ts';

const columns = {
  id: activityNodes.id,
  slug: activityNodes.slug,
  name: activityNodes.name,
  category: activityNodes.category,
  neighbourhood: activityNodes.neighbourhood,
  lat: activityNodes.lat,
  lng: activityNodes.lng,
  priceLevel: activityNodes.priceLevel,
  hours: activityNodes.hours,
  meals: activityNodes.meals,
  setting: activityNodes.setting,
  visitMinutes: activityNodes.visitMinutes,
  energy: activityNodes.energy,
  vibeTags: activityNodes.vibeTags,
  touristScore: activityNodes.touristScore,
  localScore: activityNodes.localScore,
  crossRefConfidence: activityNodes.crossRefConfidence,
  overrated: activityNodes.overratedFlag,
  source: activityNodes.source,
  firstSeenAt: activityNodes.firstSeenAt,
  closedAt: activityNodes.closedAt,
  version: activityNodes.version,
};

type VenueRow = Omit<Venue, 'location'> & Location;

function fromRow({ lat, lng, ...rest }: VenueRow): Venue {
  return { ...rest, location: { lat, lng } };
}

/** As a statement of a batch: the venues whose ids a query gives. `venuesOfRows` reads its rows. */
export function selectVenues(database: Queries, ids: SQL) {
  return database.select(columns).from(activityNodes).where(sql`${activityNodes.id} in (${ids})`);
}

export function venuesOfRows(rows: readonly VenueRow[]): Map<string, Venue> {
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** By id; ids that do not exist, or that belong to another city than the one given, are absent. */
export async function venuesById(
  database: Queries,
  ids: readonly string[],
  cityId?: string,
): Promise<Map<string, Venue>> {
  if (ids.length === 0) return new Map();
  const inCity = cityId === undefined ? undefined : eq(activityNodes.cityId, cityId);
  const rows = await database
    .select(columns)
    .from(activityNodes)
    .where(and(inArray(activityNodes.id, [...ids]), inCity));
  return venuesOfRows(rows);
}

export interface VenueListQuery {
  cityId: string;
  /** Part of the name or of the neighbourhood, any case. */
  q?: string | undefined;
  category?: Category | undefined;
  /** Nearest first. */
  near?: Location | undefined;
  limit: number;
  /** Where the page before ended. */
  after?: VenueCursor | undefined;
}

/** The sort key of the last venue of a page: its distance where `near` was asked for, its name otherwise. */
export interface VenueCursor {
  key: string | number;
  id: string;
}

const EARTH_RADIUS_METRES = 6_371_008.8;

/** Metres to a point, on the equirectangular plane. */
function metresTo({ lat, lng }: Location): SQL<number> {
  return sql<number>`${EARTH_RADIUS_METRES} * sqrt(
    power(radians(${activityNodes.lat} - ${lat}), 2)
    + power(radians(${activityNodes.lng} - ${lng}) * cos(radians(${lat})), 2))`;
}

/** A page of a city's open venues and the cursor of the next one. */
export async function listVenues(
  database: Queries,
  { cityId, q, category, near, limit, after }: VenueListQuery,
): Promise<{ venues: Venue[]; next: VenueCursor | null }> {
  const key: SQL<string | number> = near ? metresTo(near) : sql<string>`lower(${activityNodes.name})`;
  const pattern = q === undefined ? undefined : `%${q.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
  const rows = await database
    .select({ ...columns, key })
    .from(activityNodes)
    .where(
      and(
        eq(activityNodes.cityId, cityId),
        isNull(activityNodes.closedAt),
        category && eq(activityNodes.category, category),
        pattern === undefined
          ? undefined
          : or(ilike(activityNodes.name, pattern), ilike(activityNodes.neighbourhood, pattern)),
        after && or(sql`${key} > ${after.key}`, and(sql`${key} = ${after.key}`, gt(activityNodes.id, after.id))),
      ),
    )
    .orderBy(asc(key), asc(activityNodes.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const venues = page.map(({ key: _, ...row }) => fromRow(row));
  return { venues, next: rows.length > limit && last ? { key: last.key, id: last.id } : null };
}

/** Where a neighbourhood's venues are on average; the neighbourhoods that there are where it is none of them. */
export async function neighbourhoodCentre(
  database: Queries,
  cityId: string,
  name: string,
): Promise<{ centre: Location; known: [] } | { centre: null; known: string[] }> {
  const rows = await database
    .select({
      name: activityNodes.neighbourhood,
      lat: sql<number>`avg(${activityNodes.lat})`.mapWith(Number),
      lng: sql<number>`avg(${activityNodes.lng})`.mapWith(Number),
    })
    .from(activityNodes)
    .where(eq(activityNodes.cityId, cityId))
    .groupBy(activityNodes.neighbourhood)
    .orderBy(asc(activityNodes.neighbourhood));
  const wanted = name.trim().toLocaleLowerCase('en');
  const found = rows.find((row) => row.name.toLocaleLowerCase('en') === wanted);
  if (found) return { centre: { lat: found.lat, lng: found.lng }, known: [] };
  return { centre: null, known: rows.map((row) => row.name) };
}
