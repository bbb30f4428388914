/**
 * The Qdrant adapter without a Qdrant: what it sends is held against Qdrant's published OpenAPI types, and what it makes
 * of given answers is checked. That a real server answers as hoped is shown by the contract run alone.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openQdrantIndex } from '../../platform/vectors/qdrant.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { violations } from '../stand-ins/qdrant-openapi.ts';
import { type QdrantRecorder, type RecordedRequest, startQdrantRecorder } from '../stand-ins/qdrant-recorder.ts';

let recorder: QdrantRecorder;
beforeEach(async () => {
  recorder = await startQdrantRecorder();
});
afterEach(() => recorder.close());

const open = (options: { readTimeoutMs?: number; writeTimeoutMs?: number } = {}) =>
  openQdrantIndex({ url: recorder.url, ...options });
const vector = new Float32Array(64).fill(0.125);
const cityId = randomUUID();
const place = (closed = false) => ({ id: randomUUID(), vector, payload: { cityId, closed } });
const persona = () => ({ id: randomUUID(), vector: new Float32Array(128).fill(0.5) });
const SPACE = 'two-tower@0123456789ab';
const inSpace = () => ({ id: randomUUID(), vector, payload: { cityId, closed: false, venueVersion: 4 } });
const lines = () => recorder.requests.map(({ method, path }) => `${method} ${path}`);

/** One of every request that the adapter makes. */
async function makeEveryRequest(): Promise<RecordedRequest[]> {
  const index = open();
  await index.prepare();
  await index.ping();
  await index.upsert('activity_nodes', [place(), place(true)]);
  await index.upsert('personas', [persona()]);
  await index.search('activity_nodes', { vector, limit: 200, cityId });
  await index.search('activity_nodes', { vector, limit: 1 });
  await index.search('personas', { vector: persona().vector, limit: 3 });
  await index.delete('activity_nodes', [randomUUID(), randomUUID()]);
  await index.openSpace(SPACE);
  await index.upsert(SPACE, [inSpace()]);
  await index.search(SPACE, { vector, limit: 200, cityId });
  await index.venueVersions(SPACE, [randomUUID()]);
  await index.countOpen(SPACE);
  await index.delete(SPACE, [randomUUID()]);
  await index.spaces();
  await index.dropSpace(SPACE);
  return recorder.requests;
}

test('qdrant (requests only, no server): every request and every recorded answer fits the published OpenAPI types', async () => {
  const requests = await makeEveryRequest();
  console.info(`qdrant: ${requests.length} requests checked against the OpenAPI types of @qdrant/js-client-rest`);
  expect(violations(requests, recorder.answers)).toEqual([]);
  expect(new Set(lines())).toEqual(
    new Set([
      'GET /collections/activity_nodes/exists',
      'PUT /collections/activity_nodes',
      'GET /collections/activity_nodes',
      'GET /collections/personas/exists',
      'PUT /collections/personas',
      'GET /collections/personas',
      'PUT /collections/activity_nodes/index',
      'PUT /collections/activity_nodes/points',
      'PUT /collections/personas/points',
      'POST /collections/activity_nodes/points/query',
      'POST /collections/personas/points/query',
      'POST /collections/activity_nodes/points/delete',
      'GET /collections/venues.two-tower@0123456789ab/exists',
      'PUT /collections/venues.two-tower@0123456789ab',
      'GET /collections/venues.two-tower@0123456789ab',
      'PUT /collections/venues.two-tower@0123456789ab/index',
      'PUT /collections/venues.two-tower@0123456789ab/points',
      'POST /collections/venues.two-tower@0123456789ab/points/query',
      'POST /collections/venues.two-tower@0123456789ab/points',
      'POST /collections/venues.two-tower@0123456789ab/points/count',
      'POST /collections/venues.two-tower@0123456789ab/points/delete',
      'GET /collections',
      'DELETE /collections/venues.two-tower@0123456789ab',
    ]),
  );
});

test('the check bites: each corruption of a request is found, and the request untouched passes', async () => {
  const requests = await makeEveryRequest();
  const corruptions: [line: string, corrupt: (request: RecordedRequest) => unknown][] = [
    ['PUT /collections/activity_nodes', (r) => ({ ...r, body: { vectors: { size: '64', distance: 'Cosine' } } })],
    ['PUT /collections/activity_nodes', (r) => ({ ...r, body: { vectors: { size: 64, distance: 'cosine' } } })],
    ['PUT /collections/activity_nodes/index', (r) => ({ ...r, body: { field_schema: 'bool' } })],
    [
      'PUT /collections/activity_nodes/index',
      (r) => ({ ...r, body: { field_name: 'closed', field_schema: 'boolean' } }),
    ],
    ['PUT /collections/activity_nodes/points', (r) => ({ ...r, body: { points: [{ id: randomUUID() }] } })],
    ['PUT /collections/activity_nodes/points', (r) => ({ ...r, query: { wait: 'yes' } })],
    ['PUT /collections/activity_nodes/points', (r) => ({ ...r, path: '/collections/activity_nodes/point' })],
    ['POST /collections/activity_nodes/points/query', (r) => ({ ...r, method: 'PUT' })],
    ['POST /collections/activity_nodes/points/query', (r) => ({ ...r, body: { ...(r.body as object), top: 5 } })],
    [
      'POST /collections/activity_nodes/points/query',
      (r) => ({ ...r, body: { ...(r.body as object), filter: { must: [{ key: 'closed', match: false }] } } }),
    ],
    [
      'POST /collections/venues.two-tower@0123456789ab/points',
      (r) => ({ ...r, body: { ...(r.body as object), ids: 'all' } }),
    ],
    [
      'POST /collections/venues.two-tower@0123456789ab/points/count',
      (r) => ({ ...r, body: { ...(r.body as object), exact: 'yes' } }),
    ],
    ['DELETE /collections/venues.two-tower@0123456789ab', (r) => ({ ...r, method: 'PATCHED' })],
    ['POST /collections/activity_nodes/points/delete', (r) => ({ ...r, body: { ids: [randomUUID()] } })],
  ];
  const corrupted = corruptions.map(([line, corrupt]) => {
    const untouched = requests.find(({ method, path }) => `${method} ${path}` === line);
    return corrupt(untouched!) as RecordedRequest;
  });
  const found = violations(corrupted).map((violation) => /\d+(?=:)/.exec(violation)?.[0]);
  expect(new Set(found)).toEqual(new Set(corruptions.map((_, i) => String(i))));
});

test('a search asks for open places of the city, by its nearest points, and for no more than ids', async () => {
  await open().search('activity_nodes', { vector, limit: 5, cityId });
  expect(recorder.requests[0]?.body).toMatchObject({
    query: Array.from(vector),
    filter: {
      must: [
        { key: 'city_id', match: { value: cityId } },
        { key: 'closed', match: { value: false } },
      ],
    },
    with_payload: false,
  });
});

test('a space is a collection of its own: what it is asked, and what comes of it where it is not there', async () => {
  const index = open();
  const id = randomUUID();
  await index.openSpace(SPACE);
  await index.upsert(SPACE, [inSpace()]);
  expect(recorder.requests.at(-1)?.body).toMatchObject({
    points: [{ payload: { city_id: cityId, closed: false, venue_version: 4 } }],
  });
  await index.search(SPACE, { vector, limit: 5, cityId });
  expect(recorder.requests.at(-1)?.body).toMatchObject({
    filter: { must: [{ key: 'city_id' }, { key: 'closed', match: { value: false } }] },
  });
  await index.countOpen(SPACE);
  expect(recorder.requests.at(-1)?.body).toEqual({
    filter: { must: [{ key: 'closed', match: { value: false } }] },
    exact: true,
  });

  recorder.answerWith = ({ path }) => {
    if (!path.endsWith('/points')) return null;
    return { status: 200, body: { result: [{ id, payload: { venue_version: 4 } }], status: 'ok', time: 0 } };
  };
  expect(await index.venueVersions(SPACE, [id])).toEqual(new Map([[id, 4]]));
  recorder.answerWith = ({ path }) => {
    if (path !== '/collections') return null;
    const collections = ['personas', 'venues.b@2', 'venues.a@1', 'venues.odd name@1', 'a@3'].map((name) => ({ name }));
    return { status: 200, body: { result: { collections }, status: 'ok', time: 0 } };
  };
  expect(await index.spaces()).toEqual(['a@1', 'b@2']);

  recorder.answerWith = () => ({ status: 404, body: { status: { error: 'Not found: Collection' }, time: 0 } });
  expect(await index.search(SPACE, { vector, limit: 5, cityId })).toEqual([]);
  expect(await index.venueVersions(SPACE, [id])).toEqual(new Map());
  expect(await index.countOpen(SPACE)).toBe(0);
  await index.dropSpace(SPACE);
  await expect(index.search('activity_nodes', { vector, limit: 5, cityId })).rejects.toMatchObject({ status: 404 });
});

test('writes wait until a search can see them, and go in batches', async () => {
  await open().upsert(
    'activity_nodes',
    Array.from({ length: 1001 }, () => place()),
  );
  await open().delete('personas', [randomUUID()]);
  expect(recorder.requests.map((request) => request.query.wait)).toEqual(['true', 'true', 'true', 'true']);
  const sizes = recorder.requests.slice(0, 3).map((request) => (request.body as { points: unknown[] }).points.length);
  expect(sizes).toEqual([500, 500, 1]);
});

test('ties at the edge of the limit are fetched in full and put in the order of ids', async () => {
  const points = Array.from({ length: 300 }, (_, i) => ({ id: randomUUID(), version: 0, score: i < 3 ? 0.9 : 0.5 }));
  recorder.answerWith = ({ body }) => {
    const { limit } = body as { limit: number };
    return { status: 200, body: { result: { points: points.slice(0, limit) }, status: 'ok', time: 0 } };
  };
  const hits = await open().search('activity_nodes', { vector, limit: 8, cityId });
  const ids = (score: number) => points.flatMap((point) => (point.score === score ? [point.id] : [])).sort();
  expect(hits.map((hit) => hit.id)).toEqual([...ids(0.9), ...ids(0.5).slice(0, 5)]);
});

test('collections that are there are kept, and a race to create one is no error', async () => {
  const index = open();
  await index.prepare();
  recorder.requests.length = 0;
  await index.prepare();
  expect(lines()).not.toContain('PUT /collections/activity_nodes');

  const conflict = { status: 409, body: { status: { error: 'Collection `personas` already exists!' }, time: 0 } };
  const unseen = { status: 200, body: { result: { exists: false }, status: 'ok', time: 0 } };
  recorder.answerWith = ({ method, path }) => {
    if (path === '/collections/personas/exists') return unseen;
    return method === 'PUT' && path === '/collections/personas' ? conflict : null;
  };
  await expect(index.prepare()).resolves.toBeUndefined();
});

test('a collection of another size is refused, and ping says when one is missing', async () => {
  const index = open();
  await expect(index.ping()).rejects.toMatchObject({ name: 'QdrantFailure', code: 'rejected' });
  await index.prepare();
  await index.ping();
  recorder.answerWith = ({ method, path }) => {
    if (method !== 'GET' || path !== '/collections/personas') return null;
    const params = { vectors: { size: 96, distance: 'Cosine' } };
    return { status: 200, body: { result: { config: { params } }, status: 'ok', time: 0 } };
  };
  await expect(index.prepare()).rejects.toThrow(/personas holds .*96.*, not 128/);
});

test('a search is repeated once after 503 or a lost connection, a write is not', async () => {
  const busy = { status: 503, body: { status: { error: 'busy' }, time: 0 } };
  for (const answer of [busy, 'reset'] as const) {
    let left = 1;
    recorder.answerWith = () => (left-- > 0 ? answer : null);
    await expect(open().search('personas', { vector: persona().vector, limit: 1 })).resolves.toEqual([]);
    expect(recorder.requests).toHaveLength(2);
    recorder.requests.length = 0;
    recorder.answerWith = () => answer;
    await expect(open().search('personas', { vector: persona().vector, limit: 1 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(recorder.requests).toHaveLength(2);
    recorder.requests.length = 0;
    await expect(open().upsert('personas', [persona()])).rejects.toMatchObject({ code: 'unavailable' });
    expect(recorder.requests).toHaveLength(1);
    recorder.requests.length = 0;
  }
});

test.each([
  [400, 'rejected', 'Qdrant answered 400: Wrong input: vector dimension'],
  [403, 'rejected', 'Qdrant answered 403'],
  [429, 'rate_limited', 'Qdrant answered 429'],
  [500, 'rejected', 'Qdrant answered 500'],
])('an answer of %i is a failure of kind %s, and is not repeated', async (status, code, message) => {
  recorder.answerWith = () => ({ status, body: { status: { error: 'Wrong input: vector dimension' }, time: 0 } });
  const searched = open().search('activity_nodes', { vector, limit: 1 });
  await expect(searched).rejects.toMatchObject({ name: 'QdrantFailure', code, status });
  await expect(searched).rejects.toThrow(message);
  expect(recorder.requests).toHaveLength(1);
});

test('a server that does not answer in time is a timeout, one that is not there is unavailable', async () => {
  recorder.answerWith = () => 'hang';
  const index = open({ readTimeoutMs: 30, writeTimeoutMs: 30 });
  await expect(index.search('activity_nodes', { vector, limit: 1 })).rejects.toMatchObject({ code: 'timeout' });
  await expect(index.upsert('personas', [persona()])).rejects.toMatchObject({ code: 'timeout' });
  const nobody = openQdrantIndex({ url: `http://127.0.0.1:${await freePort()}` });
  await expect(nobody.ping()).rejects.toMatchObject({ code: 'unavailable' });
});
