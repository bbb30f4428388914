/** Brings the city catalogues into the database: all that is missing or has changed. For Node. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import { v5 as uuidv5 } from 'uuid';
import { MENTION_SOURCES, scoreMentions } from '../../core/source/mention-scores.ts';
import { venueFromCatalogue } from '../../core/venue/catalogue.ts';
import { venueVector } from '../../core/venue/venue-vector.ts';
import { type CatalogueFile, readCatalogues } from './city-catalogues.ts';
import type { Database } from './client.ts';
import { activityNodes, cities, qualitySignals } from './schema/index.ts';

/** Namespace of the ids of cities and venues: the same place has the same id in every database. */
const NAMESPACE = 'b0f6a3f0-55f4-5c0e-9d5e-3f6f4f2f7a10';
const BATCH = 100;

export interface SeededCity {
  city: string;
  venues: number;
  /** False where the database had this version already. */
  seeded: boolean;
}

export interface SeedOptions {
  now: Date;
  /** Venues written, of all that are to be written. */
  onProgress?: (done: number, total: number, city: string) => void;
  /** Default: the project's own. */
  catalogues?: readonly CatalogueFile[];
}

export function cityId(slug: string): string {
  return uuidv5(slug, NAMESPACE);
}

export function venueId(citySlug: string, venueSlug: string): string {
  return uuidv5(`${citySlug}/${venueSlug}`, NAMESPACE);
}

/** Catalogue entries as rows of `activity_nodes`, scored by their mentions, with their vectors. */
export function venueRows({ city, mentions }: CatalogueFile) {
  return city.venues.map((entry) => {
    const mentioned = mentions[entry.slug] ?? {};
    const scores = scoreMentions(mentioned) ?? {
      touristScore: null,
      localScore: null,
      crossRefConfidence: null,
      overrated: false,
    };
    const venue = { ...venueFromCatalogue(entry, venueId(city.slug, entry.slug)), ...scores };
    const { location, overrated, meals, vibeTags, version: _, ...columns } = venue;
    return {
      ...columns,
      cityId: cityId(city.slug),
      lat: location.lat,
      lng: location.lng,
      meals: [...meals],
      vibeTags: [...vibeTags],
      overratedFlag: overrated,
      vibeEmbedding: [...venueVector(venue)],
      qualitySignals: mentioned as Record<string, number>,
      sourceTier: scores.crossRefConfidence === null ? 2 : 1,
    };
  });
}

async function seedVenues(database: Database, catalogue: CatalogueFile, now: Date, wrote: (rows: number) => void) {
  const rows = venueRows(catalogue);
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    const ids = batch.map((row) => row.id);
    const taken = (column: string) => sql.raw(`excluded.${column}`);
    await database.batch([
      database
        .insert(activityNodes)
        .values(batch.map((row) => ({ ...row, createdAt: now, updatedAt: now })))
        .onConflictDoUpdate({
          target: activityNodes.id,
          set: {
            name: taken('name'),
            category: taken('category'),
            neighbourhood: taken('neighbourhood'),
            lat: taken('lat'),
            lng: taken('lng'),
            priceLevel: taken('price_level'),
            hours: taken('hours'),
            meals: taken('meals'),
            setting: taken('setting'),
            visitMinutes: taken('visit_minutes'),
            energy: taken('energy'),
            vibeTags: taken('vibe_tags'),
            vibeEmbedding: taken('vibe_embedding'),
            qualitySignals: taken('quality_signals'),
            touristScore: taken('tourist_score'),
            localScore: taken('local_score'),
            crossRefConfidence: taken('cross_ref_confidence'),
            overratedFlag: taken('overrated_flag'),
            sourceTier: taken('source_tier'),
            firstSeenAt: taken('first_seen_at'),
            closedAt: taken('closed_at'),
            version: sql`${activityNodes.version} + 1`,
            updatedAt: taken('updated_at'),
          },
        }),
      database.execute(sql`
        insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
        select n.id, n.version, to_jsonb(n) - 'vibe_embedding', ${catalogue.version}, ${now.toISOString()}
        from activity_nodes n where ${inArray(sql`n.id`, ids)}
        on conflict do nothing`),
      database
        .delete(qualitySignals)
        .where(and(inArray(qualitySignals.activityNodeId, ids), eq(qualitySignals.corpus, catalogue.corpus))),
      ...mentionInserts(database, batch, catalogue.corpus, now),
    ]);
    wrote(batch.length);
  }
}

function mentionInserts(database: Database, batch: ReturnType<typeof venueRows>, corpus: string, now: Date) {
  const rows = batch.flatMap((row) =>
    MENTION_SOURCES.flatMap((source) => {
      const mentions = row.qualitySignals[source];
      return mentions ? [{ activityNodeId: row.id, source, mentions, corpus, observedAt: now }] : [];
    }),
  );
  return rows.length > 0 ? [database.insert(qualitySignals).values(rows)] : [];
}

/**
 * Seeds what is missing or changed, city by city; the city's row is written last, so that a run that was cut off is
 * taken up again. Venues that left a catalogue are closed, in a version of their own, never deleted: trips refer to them.
 */
export async function seedMissingCities(database: Database, options: SeedOptions): Promise<SeededCity[]> {
  const { now, onProgress = () => {} } = options;
  const catalogues = options.catalogues ?? (await readCatalogues());
  const known = new Map(
    (await database.select({ slug: cities.slug, version: cities.catalogueVersion }).from(cities)).map((row) => [
      row.slug,
      row.version,
    ]),
  );
  const missing = catalogues.filter(({ city, version }) => known.get(city.slug) !== version);
  const total = missing.reduce((sum, { city }) => sum + city.venues.length, 0);
  let done = 0;
  for (const catalogue of missing) {
    const { city, version } = catalogue;
    const row = {
      slug: city.slug,
      name: city.name,
      country: city.country,
      timeZone: city.time_zone,
      currency: city.currency,
      centre: city.centre,
      bounds: city.bounds,
      mealTimes: city.meal_times,
    };
    const id = cityId(city.slug);
    await database
      .insert(cities)
      .values({ id, ...row, updatedAt: now })
      .onConflictDoNothing();
    await seedVenues(database, catalogue, now, (rows) => {
      done += rows;
      onProgress(done, total, city.name);
    });
    const current = city.venues.map((venue) => venueId(city.slug, venue.slug));
    await database.batch([
      database.execute(sql`
        with closed as (
          update activity_nodes set closed_at = ${now.toISOString().slice(0, 10)}, version = version + 1,
            updated_at = ${now.toISOString()}
          where city_id = ${id} and source = 'catalogue' and closed_at is null
            and not (id = any(${sql.param(current)}::uuid[]))
          returning *)
        insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
        select id, version, to_jsonb(closed) - 'vibe_embedding', ${version}, ${now.toISOString()} from closed`),
      database
        .update(cities)
        .set({ ...row, venueCount: current.length, catalogueVersion: version, updatedAt: now })
        .where(eq(cities.id, id)),
    ]);
  }
  // Retrieval reads the covering index alone, which needs the visibility map; PGlite has no autovacuum.
  if (missing.length > 0) await database.execute(sql`vacuum analyze activity_nodes`);
  return catalogues.map(({ city, version }) => ({
    city: city.slug,
    venues: city.venues.length,
    seeded: known.get(city.slug) !== version,
  }));
}
