/** A city without a catalogue: the places provider where there is a key for it, a clear no where there is not. */
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activityNodes, cities, placesApiCache } from '../../../platform/database/schema/index.ts';
import type { PlaceRecord } from '../../stand-ins/places-api.ts';
import { unseededCity } from './cities.ts';
import { call, database, type Guest, inDays, newGuest } from './client.ts';
import { type PlacesApi, startMessagesApi, startPlacesApi } from './stand-ins.ts';
import { loggedRankings, rowsOf } from './stored.ts';
import { slotsOf, type TripShape, tripShape } from './trip-shape.ts';

const TYPES = {
  restaurants: 'seafood_restaurant',
  cafes: 'cafe',
  museums: 'museum',
  parks: 'park',
  bars: 'bar',
  markets: 'market',
  landmarks: 'monument',
};

const always = { periods: [{ open: { day: 0, hour: 0, minute: 0 } }] };

/** Fifteen places of each kind, side by side in the middle of the city, always open. */
function placesOf(town: string): Record<string, PlaceRecord[]> {
  return Object.fromEntries(
    Object.entries(TYPES).map(([search, type], kind) => [
      `${search} in ${town}`,
      Array.from({ length: 15 }, (_, i) => ({
        id: `${town} ${search} ${i}`,
        displayName: { text: `${search} ${i}` },
        location: { latitude: 38.71 + i / 5000, longitude: -9.14 + kind / 5000 },
        primaryType: type,
        types: [type],
        businessStatus: 'OPERATIONAL',
        regularOpeningHours: always,
      })),
    ]),
  );
}

async function town() {
  const city = await unseededCity();
  const api = await startPlacesApi(placesOf(city.name));
  const guest = await newGuest();
  return { city, api, guest, plan: (json = {}) => plan(guest, city.slug, api, json) };
}

function plan(guest: Guest, city: string, api: PlacesApi | null, json: object = {}, overrides = {}) {
  return call('POST', '/trips', {
    token: guest.token,
    json: { city, start_date: inDays(), days: 2, ...json },
    env: { ...(api?.env ?? {}), ...overrides },
  });
}

describe('without a key', () => {
  it('an unseeded city is refused, with the cities that are there', async () => {
    const guest = await newGuest();
    const refused = await plan(guest, 'lisbon', null);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'city_not_available', errors: [{ field: 'city' }] });
    expect(refused.body.available_cities).toEqual(
      expect.arrayContaining(['seattle', 'new-york', 'mexico-city', 'tokyo']),
    );
    expect(refused.body.available_cities).not.toContain('lisbon');
    expect(Object.values(await rowsOf(guest.id))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('with a key', () => {
  it("it is planned from the provider's venues, and the answer says so", async () => {
    const { city, plan } = await town();
    const made = await plan();
    expect(made.status, made.text).toBe(201);
    const trip: TripShape = tripShape.parse(made.body);
    expect(trip.ranking).toMatchObject({ source: 'offline', fallback: 'places', fallback_reason: null });
    for (const { slots } of trip.days) expect(slots.length).toBeGreaterThanOrEqual(3);
    for (const { venue } of slotsOf(trip)) {
      expect(venue).toMatchObject({ source: 'places', cross_ref_confidence: null });
    }
    const { events, set } = await loggedRankings(trip.id);
    expect(set.venue_ids).toHaveLength(7 * 15);
    expect(events.every(({ fallback, cityId }) => fallback === 'places' && cityId === city.id)).toBe(true);
  });

  it('the second trip makes no call: venues and rankings are there', async () => {
    const { api, plan } = await town();
    await plan();
    const calls = (await api.requests()).length;
    expect(calls).toBeGreaterThanOrEqual(7);
    expect(calls).toBeLessThanOrEqual(14);
    const second = await plan();
    expect(second.body.ranking).toMatchObject({ cache: 'hit', fallback: 'places' });
    expect(await api.requests()).toHaveLength(calls);
  });

  it('its venues can be listed and swapped like any other', async () => {
    const { city, guest, plan } = await town();
    const { body: trip } = await plan();
    const listed = await call('GET', `/cities/${city.slug}/venues?limit=100`);
    expect(listed.body.venues).toHaveLength(100);
    const slot = trip.days[0].slots[1];
    const swapped = await call('PATCH', `/trips/${trip.id}/slots/${slot.id}`, {
      token: guest.token,
      json: { action: 'swap' },
    });
    expect(swapped.status).toBe(200);
  });

  it('where the language model fails as well, the places are told, and why the model was not used', async () => {
    const messages = await startMessagesApi();
    await messages.play([], { kind: 'refusal' });
    const { city, api, guest } = await town();
    const made = await plan(guest, city.slug, api, {}, messages.env);
    expect(made.body.ranking).toMatchObject({
      source: 'offline',
      fallback: 'places',
      fallback_reason: 'llm_refused',
    });
    for (const { slots } of (made.body as TripShape).days) expect(slots.length).toBeGreaterThanOrEqual(3);
  });
});

describe('the provider', () => {
  const nothingWritten = async (guest: Guest, cityId: string) => {
    expect(Object.values(await rowsOf(guest.id))).toEqual([0, 0, 0, 0, 0]);
    expect(await database.$count(activityNodes, eq(activityNodes.cityId, cityId))).toBe(0);
  };

  it('whose daily budget is spent is not called: 503, and nothing is written', async () => {
    const { city, api, guest } = await town();
    const refused = await plan(guest, city.slug, api, {}, { PLACES_DAILY_CALLS: '0' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'places_unavailable' } });
    expect(await api.requests()).toHaveLength(0);
    await nothingWritten(guest, city.id);
  });

  it.each([
    ['fails', { status: 500, body: '{}' }],
    ['refuses the key', { status: 403, body: '{}' }],
    ['answers in no known shape', { status: 200, body: '<html>' }],
  ])('that %s leads to a 503 while there is nothing older', async (_, answer) => {
    const { city, api, guest, plan } = await town();
    await api.override(answer);
    expect(await plan()).toMatchObject({ status: 503, body: { code: 'places_unavailable' } });
    await nothingWritten(guest, city.id);
  });

  it('that fails later on is done without: what it once gave is planned from', async () => {
    const { city, api, plan } = await town();
    await plan();
    const old = new Date(Date.now() - 40 * 86_400_000);
    await database.update(cities).set({ placesFetchedAt: old }).where(eq(cities.id, city.id));
    await database
      .update(placesApiCache)
      .set({ refreshDueAt: old })
      .where(sql`${placesApiCache.placeId} like ${`search:${city.slug}:%`}`);
    await api.override({ status: 500, body: '{}' });
    const made = await plan();
    expect(made.status).toBe(201);
    for (const { slots } of (made.body as TripShape).days) expect(slots.length).toBeGreaterThanOrEqual(3);
  });

  it('that knows no place there is no city to plan: the answer is that of a city that is not available', async () => {
    const city = await unseededCity();
    const api = await startPlacesApi({});
    const guest = await newGuest();
    expect(await plan(guest, city.slug, api)).toMatchObject({ status: 422, body: { code: 'city_not_available' } });
    await nothingWritten(guest, city.id);
  });

  it('is not asked for a request that is refused anyway', async () => {
    const { api, city, guest, plan } = await town();
    for (const json of [
      { start_date: inDays(-5) },
      { days: undefined, end_date: inDays(5) },
      { start_area: { lat: 0, lng: 0 } },
    ]) {
      expect((await plan(json)).status).toBe(422);
    }
    expect(await api.requests()).toHaveLength(0);
    await nothingWritten(guest, city.id);
  });
});
