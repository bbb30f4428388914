/**
 * The contract over both adapters. The Qdrant half needs a server at `QDRANT_URL`, one that may be written to; without
 * one its requests are checked in `qdrant-requests.test.ts`, which is no run of the contract.
 */
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database/client.ts';
import { activityNodes, cities, users } from '../../platform/database/schema/index.ts';
import { openVectorIndex } from '../../platform/vectors/open-vector-index.ts';
import { openPgvectorIndex } from '../../platform/vectors/pgvector.ts';
import { openQdrantIndex } from '../../platform/vectors/qdrant.ts';
import { type ContractSubject, vectorIndexContract } from './vector-index.contract.ts';
import { vectorSpacesContract } from './vector-spaces.contract.ts';

const db = openDatabase(inject('databaseUrl'));

async function insertCity(): Promise<string> {
  const id = randomUUID();
  await db.insert(cities).values({
    id,
    slug: id,
    name: 'Test city',
    country: 'XX',
    timeZone: 'UTC',
    currency: 'USD',
    centre: { lat: 0, lng: 0 },
    bounds: { south: -1, west: -1, north: 1, east: 1 },
    mealTimes: { breakfast: ['07:00', '10:00'], lunch: ['12:00', '14:00'], dinner: ['18:00', '21:00'] },
  });
  return id;
}

/** Rows first: pgvector keeps the vectors in them. */
function pgvectorSubject(database: Database, hnsw: boolean): ContractSubject {
  const index = openPgvectorIndex(database, { hnsw });
  return {
    index,
    newCity: insertCity,
    async store(collection, points) {
      if (points.length === 0) return;
      if (collection === 'personas') {
        const rows = points.map(({ id }) => ({ id, subject: id }));
        await database.insert(users).values(rows).onConflictDoNothing();
      } else {
        const rows = points.map(({ id, payload }) => ({
          id,
          cityId: payload!.cityId,
          slug: id,
          name: 'Test place',
          category: 'park' as const,
          neighbourhood: 'Centre',
          lat: 0,
          lng: 0,
          priceLevel: 0,
          setting: 'outdoor' as const,
          visitMinutes: 30,
          energy: 0.5,
          vibeTags: [],
          source: 'catalogue' as const,
          sourceTier: 2,
          closedAt: payload!.closed ? '2020-01-01' : null,
        }));
        for (let start = 0; start < rows.length; start += 500) {
          await database
            .insert(activityNodes)
            .values(rows.slice(start, start + 500))
            .onConflictDoUpdate({ target: activityNodes.id, set: { closedAt: sql`excluded.closed_at` } });
        }
      }
      await index.upsert(collection, points);
    },
  };
}

describe('pgvector: contract run, exact scan', () => {
  vectorIndexContract(async () => pgvectorSubject(db, false));
  describe('spaces', () => vectorSpacesContract(async () => pgvectorSubject(db, false)));

  test('an id without a row is ignored, and so is a deleted traveller', async () => {
    const index = openPgvectorIndex(db);
    const vector = new Float32Array(128).fill(-1).map((x, i) => x * (i + 1));
    await index.upsert('personas', [{ id: randomUUID(), vector }]);
    const [gone] = await db
      .insert(users)
      .values({ id: randomUUID(), subject: randomUUID(), personaEmbedding: [...vector], deletedAt: new Date() })
      .returning();
    expect((await index.search('personas', { vector, limit: 1000 })).map((hit) => hit.id)).not.toContain(gone!.id);
    await db.delete(users).where(eq(users.id, gone!.id));
  });

  test('a repeated upsert into a space writes no row, and an id without a row is ignored', async () => {
    const subject = pgvectorSubject(db, false);
    const payload = { cityId: await subject.newCity(), closed: false, venueVersion: 3 };
    const point = { id: randomUUID(), vector: new Float32Array(64).fill(0.1), payload };
    await subject.store('test-tower@again', [point]);
    const written = async () =>
      (await db.execute(sql`select xmin::text from venue_vectors where activity_node_id = ${point.id}`)).rows;
    const before = await written();
    expect(before).toHaveLength(1);
    await subject.index.upsert('test-tower@again', [point, { ...point, id: randomUUID() }]);
    expect(await written()).toEqual(before);
    expect(await subject.index.countOpen('test-tower@again')).toBe(1);
  });

  test('a repeated upsert writes no row', async () => {
    const subject = pgvectorSubject(db, false);
    const cityId = await subject.newCity();
    const point = { id: randomUUID(), vector: new Float32Array(64).fill(0.1), payload: { cityId, closed: false } };
    await subject.store('activity_nodes', [point]);
    const written = async () =>
      (await db.execute(sql`select xmin::text from activity_nodes where id = ${point.id}`)).rows;
    const before = await written();
    await subject.index.upsert('activity_nodes', [point]);
    expect(await written()).toEqual(before);
  });
});

describe('pgvector: contract run, HNSW with iterative scan', () => {
  afterAll(async () => {
    await db.execute(sql`drop index if exists activity_nodes_vibe_embedding_hnsw`);
  });
  vectorIndexContract(async () => pgvectorSubject(db, true));
});

const url = process.env.QDRANT_URL;
if (url) {
  console.info(`qdrant: contract run against the live server at ${new URL(url).host}`);
  describe('qdrant: contract run against a live server', () => {
    const subject = async (): Promise<ContractSubject> => {
      const index = openQdrantIndex({ url, apiKey: process.env.QDRANT_API_KEY });
      return {
        index,
        newCity: async () => randomUUID(),
        store: (collection, points) => index.upsert(collection, points),
      };
    };
    vectorIndexContract(subject);
    describe('spaces', () => vectorSpacesContract(subject));
  });
} else {
  console.info(
    'qdrant: contract NOT run: no server (QDRANT_URL is not set); requests are checked against its OpenAPI types',
  );
  test.skip('qdrant: contract not run, as QDRANT_URL names no server', () => {});
}

test('Qdrant serves when a URL is set, pgvector otherwise', () => {
  const adapter = (url: string | null) => openVectorIndex({ qdrant: { url, apiKey: null } }, db).adapter;
  expect(adapter('http://127.0.0.1:6333')).toBe('qdrant');
  expect(adapter(null)).toBe('pgvector');
});
