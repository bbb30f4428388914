/**
 * The vector index in the app's own tables: `activity_nodes.vibe_embedding`, `users.persona_embedding`, and
 * `venue_vectors` for the spaces.
 *
 * Embedded, the city is scanned exactly. On Neon, `hnsw` searches venues through an HNSW index whose scan goes on past
 * rows of other cities (`hnsw.iterative_scan`, pgvector 0.8): without it, a filter leaves few of the nearest 40.
 *
 * No retries and no timeout of its own: the driver's errors pass through, and the caller's deadline holds.
 */
import { type SQL, sql } from 'drizzle-orm';
import {
  type COLLECTIONS,
  isSpace,
  type VectorHit,
  type VectorIndex,
  type VectorPoint,
  type VectorQuery,
} from '../../core/venue/vector-index.ts';
import type { Database } from '../database/client.ts';
import {
  countOpenIn,
  listSpaces,
  nearestInSpace,
  putIntoSpace,
  takeOutOfSpace,
  venueVersionsIn,
} from './pgvector-spaces.ts';
import { asSimilarity, checkCollection, checkIds, checkPoints, checkQuery, slices } from './vector-checks.ts';

/** Points per statement: about 0.7 MB of parameters for venues. */
const BATCH = 500;

/** Past this, a scan through the index costs more than the scan of all. */
const HNSW_MAX_TUPLES = 200_000;

type Column = keyof typeof COLLECTIONS;

const TABLES: Record<Column, { table: SQL; column: SQL; live: SQL }> = {
  activity_nodes: { table: sql`activity_nodes`, column: sql`vibe_embedding`, live: sql`closed_at is null` },
  personas: { table: sql`users`, column: sql`persona_embedding`, live: sql`deleted_at is null` },
};

/** `hnsw`: search venues through the HNSW index that `prepare` then makes; a search that it leaves short is repeated exactly. */
export function openPgvectorIndex(db: Database, { hnsw = false }: { hnsw?: boolean } = {}): VectorIndex {
  return {
    adapter: 'pgvector',

    async prepare() {
      await ping(db);
      if (!hnsw) return;
      await db.execute(sql`
        create index if not exists activity_nodes_vibe_embedding_hnsw on activity_nodes
        using hnsw (vibe_embedding vector_cosine_ops) where closed_at is null`);
    },

    async upsert(collection, points) {
      checkPoints(collection, points);
      for (const slice of slices(points, BATCH)) {
        await db.execute(isSpace(collection) ? putIntoSpace(collection, slice, literal) : update(collection, slice));
      }
    },

    async delete(collection, ids) {
      checkIds(collection, ids);
      for (const slice of slices(ids, BATCH)) {
        await db.execute(isSpace(collection) ? takeOutOfSpace(collection, slice) : takeOut(collection, slice));
      }
    },

    async search(collection, query) {
      checkQuery(collection, query);
      if (isSpace(collection))
        return toHits(await db.execute(nearestInSpace(collection, query, literal(query.vector))));
      if (hnsw && collection === 'activity_nodes') {
        const hits = await searchHnsw(db, query);
        if (hits.length === query.limit) return hits;
      }
      return toHits(await db.execute(nearest(collection, query)));
    },

    async openSpace(space) {
      checkCollection(space);
    },

    async venueVersions(space, ids) {
      checkIds(space, ids);
      const found = new Map<string, number>();
      for (const slice of slices(ids, BATCH)) {
        for (const [id, version] of await venueVersionsIn(db, space, slice)) found.set(id, version);
      }
      return found;
    },

    async countOpen(space) {
      checkCollection(space);
      return countOpenIn(db, space);
    },

    spaces: () => listSpaces(db),

    async dropSpace(space) {
      checkCollection(space);
      await db.execute(sql`delete from venue_vectors where space = ${space}`);
    },

    ping: () => ping(db),
  };
}

async function ping(db: Database): Promise<void> {
  const { rows } = await db.execute(sql`select 1 from pg_extension where extname = 'vector'`);
  if (rows.length === 0) throw new Error('the database has no vector extension: apply the migrations');
}

/** Rows that hold the same vector already stay as they are, so that a repeated seed writes nothing. */
function update(collection: Column, points: readonly VectorPoint[]): SQL {
  const { table, column } = TABLES[collection];
  const values = JSON.stringify(points.map(({ id, vector }) => ({ id, embedding: literal(vector) })));
  return sql`
    update ${table} as owner set ${column} = point.embedding::vector
    from jsonb_to_recordset(${values}::jsonb) as point (id uuid, embedding text)
    where owner.id = point.id and owner.${column} is distinct from point.embedding::vector`;
}

function takeOut(collection: Column, ids: readonly string[]): SQL {
  const { table, column } = TABLES[collection];
  return sql`
    update ${table} set ${column} = null
    where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
}

/** The ids and distances alone, so that a covering index answers without touching the rows. */
function nearest(collection: Column, { vector, limit, cityId }: VectorQuery): SQL {
  const { table, column, live } = TABLES[collection];
  const distance = sql`${column} <=> ${literal(vector)}::vector`;
  const inCity = cityId === undefined ? sql`` : sql`and city_id = ${cityId}::uuid`;
  return sql`
    select id, ${distance} as distance from ${table}
    where ${live} and ${column} is not null ${inCity}
    order by ${distance}, id limit ${limit}`;
}

async function searchHnsw(db: Database, query: VectorQuery): Promise<VectorHit[]> {
  const [, found] = await db.batch([
    db.execute(sql`
      select set_config('hnsw.iterative_scan', 'strict_order', true),
        set_config('hnsw.ef_search', ${String(Math.max(query.limit, 40))}, true),
        set_config('hnsw.max_scan_tuples', ${String(HNSW_MAX_TUPLES)}, true)`),
    db.execute(nearest('activity_nodes', query)),
  ]);
  return toHits(found);
}

function toHits({ rows }: { rows: Record<string, unknown>[] }): VectorHit[] {
  return rows.map(({ id, distance }) => ({ id: String(id), similarity: asSimilarity(1 - Number(distance)) }));
}

const literal = (vector: Float32Array): string => `[${vector.join(',')}]`;
