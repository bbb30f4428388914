/**
 * The vector index in Qdrant.
 *
 * A search or ping has 2 s and is repeated once, at once, when the connection fails or the server answers 502, 503 or
 * 504; a write has 30 s and is not repeated: jobs that write are redelivered, and every write here is idempotent. What
 * remains is rejected as a `QdrantFailure`.
 */
import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import {
  COLLECTIONS,
  type Collection,
  dimensionsOf,
  isSpace,
  SPACE,
  type Space,
  type VectorHit,
  type VectorIndex,
  type VectorPoint,
  type VectorQuery,
} from '../../core/venue/vector-index.ts';
import { QdrantFailure } from './qdrant-failure.ts';
import { asSimilarity, checkCollection, checkIds, checkPoints, checkQuery, slices } from './vector-checks.ts';

export interface QdrantOptions {
  /** `http[s]://host[:port][/prefix]`; 6333 if no port is named. */
  url: string;
  apiKey?: string | undefined;
  readTimeoutMs?: number;
  writeTimeoutMs?: number;
}

/** Points per request: about 0.7 MB for venues, 1.4 MB for personas; the server's default limit is 32 MB. */
const BATCH = 500;

/** Fetched beyond the limit, so that ties at its edge can be put in the order of ids. */
const TIE_MARGIN = 16;
/** Ties wider than this at the edge of a list are left in the server's order. */
const MAX_FETCH = 8192;

const PAYLOAD_INDEXES = [
  { field_name: 'city_id', field_schema: { type: 'uuid', is_tenant: true } },
  { field_name: 'closed', field_schema: 'bool' },
] as const;

const NAMES = Object.keys(COLLECTIONS) as (keyof typeof COLLECTIONS)[];

/** Spaces are collections of their own; what else is kept in the same Qdrant is never taken for one. */
const SPACE_PREFIX = 'venues.';
const nameOf = (collection: Collection) => (isSpace(collection) ? `${SPACE_PREFIX}${collection}` : collection);

/** Connects to nothing yet. */
export function openQdrantIndex({
  readTimeoutMs = 2_000,
  writeTimeoutMs = 30_000,
  ...server
}: QdrantOptions): VectorIndex {
  const reader = connect(server, readTimeoutMs);
  const writer = connect(server, writeTimeoutMs);
  return {
    adapter: 'qdrant',

    async prepare() {
      for (const collection of NAMES) await prepareCollection(writer, collection);
    },

    async openSpace(space) {
      checkCollection(space);
      await prepareCollection(writer, space);
    },

    async upsert(collection, points) {
      checkPoints(collection, points);
      for (const slice of slices(points, BATCH)) {
        await attempt(() => writer.upsert(nameOf(collection), { wait: true, points: slice.map(toPoint) }));
      }
    },

    async delete(collection, ids) {
      checkIds(collection, ids);
      for (const slice of slices(ids, BATCH)) {
        await attempt(() => writer.delete(nameOf(collection), { wait: true, points: [...slice] }));
      }
    },

    async search(collection, query) {
      checkQuery(collection, query);
      const hits = search(reader, collection, query);
      return isSpace(collection) ? orIfMissing(hits, []) : hits;
    },

    async venueVersions(space, ids) {
      checkIds(space, ids);
      const found = new Map<string, number>();
      for (const slice of slices(ids, BATCH)) {
        const asked = { ids: [...slice], with_payload: ['venue_version'], with_vector: false };
        const points = await orIfMissing(
          attemptTwice(() => reader.retrieve(nameOf(space), asked)),
          [],
        );
        for (const { id, payload } of points) found.set(String(id), Number(payload?.venue_version));
      }
      return found;
    },

    async countOpen(space) {
      checkCollection(space);
      const asked = { ...filterOf(space, {}), exact: true };
      const { count } = await orIfMissing(
        attemptTwice(() => reader.count(nameOf(space), asked)),
        { count: 0 },
      );
      return count;
    },

    async spaces() {
      const { collections } = await attemptTwice(() => reader.getCollections());
      const names = collections.map(({ name }) => name).filter((name) => name.startsWith(SPACE_PREFIX));
      return names
        .map((name) => name.slice(SPACE_PREFIX.length))
        .filter((name): name is Space => SPACE.test(name))
        .sort();
    },

    async dropSpace(space) {
      checkCollection(space);
      await orIfMissing(
        attempt(() => writer.deleteCollection(nameOf(space))),
        false,
      );
    },

    async ping() {
      for (const collection of NAMES) {
        const { exists } = await attemptTwice(() => reader.collectionExists(collection));
        if (!exists) throw new QdrantFailure('rejected', `Qdrant has no collection ${collection}: prepare it first`);
      }
    },
  };
}

function connect({ url, apiKey }: QdrantOptions, timeout: number): QdrantClient {
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/+$/, '');
  return new QdrantClient({
    url: origin,
    // The client takes a port that is the scheme's own for no port at all, and would go to 6333.
    port: /:(80|443)(\/|$)/.test(url) ? null : 6333,
    ...(prefix && { prefix }),
    ...(apiKey && { apiKey }),
    timeout,
    // The check is a request that nobody awaits, which a Worker must not leave behind.
    checkCompatibility: false,
  });
}

async function prepareCollection(client: QdrantClient, collection: Collection): Promise<void> {
  const size = dimensionsOf(collection);
  const name = nameOf(collection);
  const { exists } = await attempt(() => client.collectionExists(name));
  if (!exists) {
    try {
      await attempt(() => client.createCollection(name, { vectors: { size, distance: 'Cosine' } }));
    } catch (error) {
      // Another process made it in between.
      if (!(error instanceof QdrantFailure && error.status === 409)) throw error;
    }
  }
  const { config } = await attempt(() => client.getCollection(name));
  const { vectors } = config.params;
  if (vectors?.size !== size || vectors.distance !== 'Cosine') {
    const found = JSON.stringify(vectors);
    throw new QdrantFailure('rejected', `Qdrant's ${name} holds ${found}, not ${size} numbers compared by cosine`);
  }
  if (collection === 'personas') return;
  for (const index of PAYLOAD_INDEXES) {
    await attempt(() => client.createPayloadIndex(name, { wait: true, ...index }));
  }
}

const toPoint = ({ id, vector, payload }: VectorPoint): Schemas['PointStruct'] => ({
  id,
  vector: Array.from(vector),
  ...(payload && {
    payload: {
      city_id: payload.cityId,
      closed: payload.closed,
      ...(payload.venueVersion !== undefined && { venue_version: payload.venueVersion }),
    },
  }),
});

async function search(client: QdrantClient, collection: Collection, query: VectorQuery): Promise<VectorHit[]> {
  const { limit } = query;
  const request = { query: Array.from(query.vector), ...filterOf(collection, query), with_payload: false };
  for (let asked = limit + TIE_MARGIN; ; asked = Math.min(asked * 4, MAX_FETCH)) {
    const { points } = await attemptTwice(() => client.query(nameOf(collection), { ...request, limit: asked }));
    const hits = points.map(({ id, score }) => ({ id: String(id), similarity: asSimilarity(score) }));
    const tieIsCut = hits.length === asked && hits[asked - 1]?.similarity === hits[limit - 1]?.similarity;
    if (tieIsCut && asked < MAX_FETCH) continue;
    return hits.sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1)).slice(0, limit);
  }
}

function filterOf(collection: Collection, { cityId }: Pick<VectorQuery, 'cityId'>): { filter?: Schemas['Filter'] } {
  if (collection === 'personas') return {};
  const must: Schemas['FieldCondition'][] = [{ key: 'closed', match: { value: false } }];
  if (cityId !== undefined) must.unshift({ key: 'city_id', match: { value: cityId } });
  return { filter: { must } };
}

async function attempt<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw QdrantFailure.from(error);
  }
}

/** What is answered where there is no such collection. */
async function orIfMissing<T>(answer: Promise<T>, instead: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof QdrantFailure && error.status === 404) return instead;
    throw error;
  }
}

async function attemptTwice<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await attempt(request);
  } catch (error) {
    if (error instanceof QdrantFailure && error.code === 'unavailable') return await attempt(request);
    throw error;
  }
}
