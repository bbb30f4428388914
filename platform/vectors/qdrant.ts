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
  type VectorHit,
  type VectorIndex,
  type VectorPoint,
  type VectorQuery,
} from '../../core/venue/vector-index.ts';
import { QdrantFailure } from './qdrant-failure.ts';
import { asSimilarity, checkIds, checkPoints, checkQuery, slices } from './vector-checks.ts';

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

const NAMES = Object.keys(COLLECTIONS) as Collection[];

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
      for (const index of PAYLOAD_INDEXES) {
        await attempt(() => writer.createPayloadIndex('activity_nodes', { wait: true, ...index }));
      }
    },

    async upsert(collection, points) {
      checkPoints(collection, points);
      for (const slice of slices(points, BATCH)) {
        await attempt(() => writer.upsert(collection, { wait: true, points: slice.map(toPoint) }));
      }
    },

    async delete(collection, ids) {
      checkIds(collection, ids);
      for (const slice of slices(ids, BATCH)) {
        await attempt(() => writer.delete(collection, { wait: true, points: [...slice] }));
      }
    },

    async search(collection, query) {
      checkQuery(collection, query);
      return search(reader, collection, query);
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
  const size = COLLECTIONS[collection].dimensions;
  const { exists } = await attempt(() => client.collectionExists(collection));
  if (!exists) {
    try {
      await attempt(() => client.createCollection(collection, { vectors: { size, distance: 'Cosine' } }));
    } catch (error) {
      // Another process made it in between.
      if (!(error instanceof QdrantFailure && error.status === 409)) throw error;
    }
  }
  const { config } = await attempt(() => client.getCollection(collection));
  const { vectors } = config.params;
  if (vectors?.size !== size || vectors.distance !== 'Cosine') {
    const found = JSON.stringify(vectors);
    throw new QdrantFailure(
      'rejected',
      `Qdrant's ${collection} holds ${found}, not ${size} numbers compared by cosine`,
    );
  }
}

const toPoint = ({ id, vector, payload }: VectorPoint): Schemas['PointStruct'] => ({
  id,
  vector: Array.from(vector),
  ...(payload && { payload: { city_id: payload.cityId, closed: payload.closed } }),
});

async function search(client: QdrantClient, collection: Collection, query: VectorQuery): Promise<VectorHit[]> {
  const { limit } = query;
  const request = { query: Array.from(query.vector), ...filterOf(collection, query), with_payload: false };
  for (let asked = limit + TIE_MARGIN; ; asked = Math.min(asked * 4, MAX_FETCH)) {
    const { points } = await attemptTwice(() => client.query(collection, { ...request, limit: asked }));
    const hits = points.map(({ id, score }) => ({ id: String(id), similarity: asSimilarity(score) }));
    const tieIsCut = hits.length === asked && hits[asked - 1]?.similarity === hits[limit - 1]?.similarity;
    if (tieIsCut && asked < MAX_FETCH) continue;
    return hits.sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1)).slice(0, limit);
  }
}

function filterOf(collection: Collection, { cityId }: VectorQuery): { filter?: Schemas['Filter'] } {
  if (collection !== 'activity_nodes') return {};
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

async function attemptTwice<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await attempt(request);
  } catch (error) {
    if (error instanceof QdrantFailure && error.code === 'unavailable') return await attempt(request);
    throw error;
  }
}
