/** The places provider behind its cache and its daily budget. */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { openDatabase } from '../../platform/database/client.ts';
import { placesApiCache, placesApiCalls } from '../../platform/database/schema/index.ts';
import { openPlacesApi, type PlacesApi } from '../../platform/places/places-api.ts';
import { type PlacesCacheOptions, readThroughCache, takeCall } from '../../platform/places/places-cache.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type PlacesStandIn, startPlacesApi } from '../stand-ins/places-api.ts';

const database = openDatabase(inject('databaseUrl'));
const within = { south: 45, west: -123, north: 46, east: -122 };
const DAY_MS = 86_400_000;

/** A day of its own for each test, as all of them share the table of calls. */
let day = Date.UTC(2000 + Math.floor(Math.random() * 6000), 0, 1);
const nextDay = () => {
  day += 40 * DAY_MS;
  return new Date(day + 12 * 3_600_000);
};

let standIn: PlacesStandIn;
let api: PlacesApi;
let key: string;
let clock: Date;
beforeEach(async () => {
  standIn = await startPlacesApi();
  standIn.places.set('bars in Portland', [{ id: 'one', displayName: { text: 'One' } }]);
  api = openPlacesApi({ apiKey: standIn.apiKey, baseUrl: standIn.url, fetch });
  key = `search:${randomUUID()}:bars`;
  clock = nextDay();
});
afterEach(() => standIn.close());

const options = (dailyCalls = 10): PlacesCacheOptions => ({ database, dailyCalls, now: () => clock });
const read = (dailyCalls?: number, from = api) =>
  readThroughCache(options(dailyCalls), key, () => from.searchText({ textQuery: 'bars in Portland', within }));
const spent = async () => {
  const [row] = await database
    .select()
    .from(placesApiCalls)
    .where(eq(placesApiCalls.day, clock.toISOString().slice(0, 10)));
  return row?.calls ?? 0;
};

describe('the cache', () => {
  test('is filled by the first read and answers the second without a call', async () => {
    const first = await read();
    const second = await read();
    expect(first).toMatchObject({ from: 'called', answer: { places: [{ id: 'one' }] } });
    expect(second).toEqual({ ...first, from: 'fresh' });
    expect(standIn.requests).toHaveLength(1);
    expect(await spent()).toBe(1);
  });

  test('a fresh row never leads to a call, whatever it holds', async () => {
    const fresh = { placeId: key, rawResponse: { places: [] }, refreshDueAt: new Date(clock.getTime() + 1) };
    await database.insert(placesApiCache).values(fresh);
    expect(await read()).toEqual({ answer: { places: [] }, from: 'fresh' });
    expect(standIn.requests).toHaveLength(0);
    expect(await spent()).toBe(0);
  });

  test('is good for 30 days, and is then asked for again', async () => {
    await read();
    clock = new Date(clock.getTime() + 30 * DAY_MS - 1);
    expect((await read()).from).toBe('fresh');
    clock = new Date(clock.getTime() + 1);
    standIn.places.set('bars in Portland', [{ id: 'two' }]);
    expect(await read()).toMatchObject({ from: 'called', answer: { places: [{ id: 'two' }] } });
    expect(await read()).toMatchObject({ from: 'fresh', answer: { places: [{ id: 'two' }] } });
  });

  test.each<[string, (api: PlacesStandIn) => void, number]>([
    ['the budget is spent', () => {}, 0],
    ['the provider fails', (api) => (api.override = () => ({ status: 500, body: '' })), 10],
    ['the answer is not one', (api) => (api.override = () => ({ status: 200, body: '<html>' })), 10],
  ])('an overdue row is served when %s, and stays overdue', async (_, disturb, dailyCalls) => {
    await read();
    clock = new Date(clock.getTime() + 31 * DAY_MS);
    disturb(standIn);
    expect(await read(dailyCalls)).toMatchObject({ from: 'stale', answer: { places: [{ id: 'one' }] } });
    standIn.override = () => null;
    expect((await read()).from).toBe('called');
  });

  test('a row in no known shape counts as none', async () => {
    const row = { placeId: key, rawResponse: { places: 'many' }, refreshDueAt: new Date(clock.getTime() + DAY_MS) };
    await database.insert(placesApiCache).values(row);
    expect((await read()).from).toBe('called');
  });
});

describe('the budget', () => {
  test('a spent one is a hard stop, and a new day brings a new one', async () => {
    await takeCall(database, 1, clock);
    await expect(read(1)).rejects.toMatchObject({ name: 'PlacesUnavailable', code: 'over_budget' });
    expect(standIn.requests).toHaveLength(0);
    clock = new Date(clock.getTime() + DAY_MS);
    expect((await read(1)).from).toBe('called');
  });

  test('of nothing allows nothing', async () => {
    await expect(read(0)).rejects.toMatchObject({ code: 'over_budget' });
    expect(await spent()).toBe(0);
  });

  test('of 20 lets 20 of 50 concurrent calls through', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        readThroughCache(options(20), `${key}:${i}`, () => api.searchText({ textQuery: `bars ${i}`, within })),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(20);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'over_budget' });
    }
    expect(standIn.requests).toHaveLength(20);
    expect(await spent()).toBe(20);
  });

  test('a call that fails is spent all the same', async () => {
    standIn.override = () => ({ status: 503, body: '' });
    await expect(read()).rejects.toMatchObject({ code: 'rejected' });
    expect(await spent()).toBe(1);
  });

  test('the day is that of UTC', async () => {
    clock = new Date(`${clock.toISOString().slice(0, 10)}T23:59:59.999Z`);
    await read(1);
    clock = new Date(clock.getTime() + 1);
    await expect(takeCall(database, 1, clock)).resolves.toBeUndefined();
  });
});

describe('the provider', () => {
  test('is sent the search, the bounds of the city and a page of 20', async () => {
    await api.searchText({ textQuery: 'bars in Portland', within });
    expect(standIn.requests).toEqual([
      {
        textQuery: 'bars in Portland',
        pageSize: 20,
        locationRestriction: {
          rectangle: { low: { latitude: 45, longitude: -123 }, high: { latitude: 46, longitude: -122 } },
        },
      },
    ]);
  });

  test('that finds nothing answers without places', async () => {
    expect(await api.searchText({ textQuery: 'bars in Nowhere', within })).toEqual({ places: [] });
  });

  test.each([
    [429, 'rate_limited'],
    [400, 'rejected'],
    [500, 'rejected'],
  ])('that answers %i is %s', async (status, code) => {
    standIn.override = () => ({ status, body: '{}' });
    await expect(read()).rejects.toMatchObject({ name: 'PlacesUnavailable', code });
    expect(standIn.requests).toHaveLength(1);
  });

  test('that refuses the key is rejected, and the key is in no message', async () => {
    const wrong = openPlacesApi({ apiKey: 'wrong-key', baseUrl: standIn.url, fetch });
    const refused = read(10, wrong);
    await expect(refused).rejects.toMatchObject({ code: 'rejected' });
    await expect(refused).rejects.not.toThrow(/wrong-key/);
  });

  test.each(['', '<html>', '[]', '{"places": 7}'])('that answers %j is malformed', async (body) => {
    standIn.override = () => ({ status: 200, body });
    await expect(read()).rejects.toMatchObject({ code: 'malformed' });
  });

  test('that does not answer in time is a timeout, one that is not there is unreachable', async () => {
    standIn.override = () => 'hang';
    const hasty = openPlacesApi({ apiKey: standIn.apiKey, baseUrl: standIn.url, timeoutMs: 30, fetch });
    await expect(read(10, hasty)).rejects.toMatchObject({ code: 'timeout' });
    const nobody = openPlacesApi({ apiKey: 'k', baseUrl: `http://127.0.0.1:${await freePort()}`, fetch });
    await expect(read(10, nobody)).rejects.toMatchObject({ code: 'unreachable' });
  });
});
