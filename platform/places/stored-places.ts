/** Venues of a places provider in our tables, so that they are retrieved, ranked and logged like any other. */
import { eq, sql } from 'drizzle-orm';
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { venueVector } from '../../core/venue/venue-vector.ts';
import { placesVersion } from '../database/cities.ts';
import type { Database } from '../database/client.ts';
import { activityNodes, cities } from '../database/schema/index.ts';

const BATCH = 100;
const PLACES_TIER = 3;

/** Inserts or renews them in database and vector index, then marks the city as fetched; in batches, each a transaction. */
export async function storePlaces(
  database: Database,
  vectors: VectorIndex,
  cityId: string,
  venues: readonly Venue[],
  now: Date,
): Promise<void> {
  const rows = venues.map((venue) => {
    const { location, overrated, meals, vibeTags, version: _, ...columns } = venue;
    return {
      ...columns,
      cityId,
      lat: location.lat,
      lng: location.lng,
      meals: [...meals],
      vibeTags: [...vibeTags],
      overratedFlag: overrated,
      vibeEmbedding: [...venueVector(venue)],
      sourceTier: PLACES_TIER,
      createdAt: now,
      updatedAt: now,
    };
  });
  const taken = (column: string) => sql.raw(`excluded.${column}`);
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    await database.batch([
      database
        .insert(activityNodes)
        .values(batch)
        .onConflictDoUpdate({
          target: activityNodes.id,
          set: {
            name: taken('name'),
            category: taken('category'),
            hours: taken('hours'),
            priceLevel: taken('price_level'),
            vibeTags: taken('vibe_tags'),
            vibeEmbedding: taken('vibe_embedding'),
            version: sql`${activityNodes.version} + 1`,
            updatedAt: taken('updated_at'),
          },
        }),
      database.execute(sql`
        insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
        select n.id, n.version, to_jsonb(n) - 'vibe_embedding', ${placesVersion(now)}, ${now.toISOString()}
        from activity_nodes n
        where n.id = any(${sql.param(batch.map((row) => row.id))}::uuid[])
        on conflict do nothing`),
    ]);
    if (vectors.adapter === 'pgvector') continue;
    await vectors.upsert(
      'activity_nodes',
      batch.map(({ id, vibeEmbedding }) => ({
        id,
        vector: Float32Array.from(vibeEmbedding),
        payload: { cityId, closed: false },
      })),
    );
  }
  await database.update(cities).set({ placesFetchedAt: now }).where(eq(cities.id, cityId));
}
