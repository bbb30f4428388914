/** A whole city from the places provider. */
import { randomUUID } from 'node:crypto';
import { like, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { openDatabase } from '../../platform/database/client.ts';
import { placesApiCache } from '../../platform/database/schema/index.ts';
import { type CityPlacesDeps, fetchCityPlaces } from '../../platform/places/city-places.ts';
import { openPlacesApi } from '../../platform/places/places-api.ts';
import { type PlaceRecord, type PlacesStandIn, startPlacesApi } from '../stand-ins/places-api.ts';

const database = openDatabase(inject('databaseUrl'));
const TYPES: Record<string, string> = {
  restaurants: 'thai_restaurant',
  cafes: 'cafe',
  museums: 'museum',
  parks: 'park',
  bars: 'bar',
  markets: 'market',
  landmarks: 'monument',
};

let standIn: PlacesStandIn;
let city: { slug: string; name: string; bounds: { south: number; west: number; north: number; east: number } };
let clock: Date;
beforeEach(async () => {
  standIn = await startPlacesApi();
  city = { slug: randomUUID(), name: 'Portland', bounds: { south: 45, west: -123, north: 46, east: -122 } };
  clock = new Date(Date.UTC(2000 + Math.floor(Math.random() * 6000), Math.floor(Math.random() * 12), 1, 12));
  for (const [search, type] of Object.entries(TYPES)) {
    standIn.places.set(
      `${search} in Portland`,
      Array.from({ length: 45 }, (_, i) => place(`${search}-${i}`, type)),
    );
  }
});
afterEach(() => standIn.close());

function place(id: string, type: string): PlaceRecord {
  return {
    id,
    displayName: { text: `Place ${id}` },
    location: { latitude: 45.5, longitude: -122.6 },
    primaryType: type,
    types: [type],
    businessStatus: 'OPERATIONAL',
    internationalPhoneNumber: '+1 555 0100',
  };
}

const deps = (dailyCalls = 100): CityPlacesDeps => ({
  api: openPlacesApi({ apiKey: standIn.apiKey, baseUrl: standIn.url, fetch }),
  database,
  dailyCalls,
  now: () => clock,
});
const fetchCity = (dailyCalls?: number) => fetchCityPlaces(city, deps(dailyCalls));
const later = (days: number) => {
  clock = new Date(clock.getTime() + days * 86_400_000);
};

test('two pages of each of seven searches give the candidates of a city, in the same order at each read', async () => {
  const { venues, failures } = await fetchCity();
  expect(failures).toEqual([]);
  expect(venues).toHaveLength(7 * 40);
  expect(venues[20]).toMatchObject({ placeId: 'restaurants-20', category: 'restaurant', source: 'places' });
  expect(new Set(venues.map((venue) => venue.category)).size).toBe(7);
  expect(standIn.requests).toHaveLength(14);
  expect(await fetchCity()).toEqual({ venues, failures });
  expect(standIn.requests).toHaveLength(14);
});

test('each search is cached under its name, and only fields that were asked for are kept', async () => {
  await fetchCity();
  const rows = await database
    .select()
    .from(placesApiCache)
    .where(like(placesApiCache.placeId, `search:${city.slug}:%`));
  const keys = rows.map((row) => row.placeId.replace(`search:${city.slug}:`, ''));
  const searches = Object.keys(TYPES);
  expect(keys.sort()).toEqual([...searches, ...searches.map((search) => `${search}:page-2`)].sort());
  expect(JSON.stringify(rows)).not.toContain('555 0100');
});

test('a place that several searches find is there once, with an id that depends on the place alone', async () => {
  const shared = place('shared', 'museum');
  for (const search of ['museums', 'landmarks']) standIn.places.get(`${search} in Portland`)!.unshift(shared);
  const { venues } = await fetchCity();
  const found = venues.filter((venue) => venue.placeId === 'shared');
  expect(found).toHaveLength(1);
  expect(found[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  expect(new Set(venues.map((venue) => venue.id)).size).toBe(venues.length);
  city = { ...city, slug: randomUUID() };
  const again = await fetchCity();
  expect(again.venues.find((venue) => venue.placeId === 'shared')?.id).toBe(found[0]?.id);
});

test('closed, unknown and unreadable places are left out, the rest is kept', async () => {
  standIn.places.clear();
  standIn.places.set('bars in Portland', [
    { ...place('shut', 'bar'), businessStatus: 'CLOSED_PERMANENTLY' },
    place('dentist', 'dentist'),
    { ...place('nowhere', 'bar'), location: { latitude: 100, longitude: 0 } },
    { id: 'nameless', primaryType: 'bar' },
    place('good', 'bar'),
  ]);
  const { venues } = await fetchCity();
  expect(venues.map((venue) => venue.placeId)).toEqual(['good']);
});

test('a budget that is too short goes to first pages, and the second ones follow the next day', async () => {
  const { venues, failures } = await fetchCity(9);
  expect(standIn.requests).toHaveLength(9);
  expect(standIn.requests.slice(0, 7).every((request) => request.pageToken === undefined)).toBe(true);
  expect(new Set(venues.map((venue) => venue.category)).size).toBe(7);
  expect(venues).toHaveLength(9 * 20);
  expect(failures).toHaveLength(5);
  for (const failure of failures) expect(failure).toMatchObject({ page: 2, code: 'over_budget' });
  later(1);
  const next = await fetchCity(100);
  expect(next.failures).toEqual([]);
  expect(next.venues).toHaveLength(7 * 40);
  expect(standIn.requests).toHaveLength(9 + 2 * 5);
});

test('a second page is never asked for with the token of a cached first page', async () => {
  const { venues } = await fetchCity();
  await database.delete(placesApiCache).where(like(placesApiCache.placeId, `search:${city.slug}:%:page-2`));
  const again = await fetchCity();
  expect(standIn.requests).toHaveLength(14);
  expect(again.venues).toEqual(venues.filter((venue) => Number(venue.placeId.split('-')[1]) < 20));
});

test('a search that fails costs its own places only', async () => {
  standIn.override = ({ textQuery }) => (textQuery.startsWith('parks') ? { status: 500, body: '' } : null);
  const { venues, failures } = await fetchCity();
  expect(failures).toEqual([{ search: 'parks', page: 1, code: 'rejected' }]);
  expect(venues).toHaveLength(6 * 40);
});

test('when nothing can be had, the reason is thrown', async () => {
  await expect(fetchCity(0)).rejects.toMatchObject({ name: 'PlacesUnavailable', code: 'over_budget' });
  expect(standIn.requests).toHaveLength(0);
  standIn.override = () => ({ status: 403, body: '' });
  await expect(fetchCity()).rejects.toMatchObject({ name: 'PlacesUnavailable', code: 'rejected' });
});

test('overdue pages, second ones too, are served when the provider is away', async () => {
  const { venues } = await fetchCity();
  later(31);
  expect(await fetchCity(0)).toEqual({ venues, failures: [] });
});

test('an error of the database is no failure of the provider', async () => {
  const broken = { ...deps(), database: openDatabase('postgresql://postgres@127.0.0.1:1/postgres') };
  await expect(fetchCityPlaces(city, broken)).rejects.not.toMatchObject({ name: 'PlacesUnavailable' });
  await expect(database.execute(sql`select 1`)).resolves.toBeDefined();
});
