import { and, eq, inArray } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activityNodes, users } from '../../../platform/database/schema/index.ts';
import { cityId } from '../../../platform/database/seed-cities.ts';
import { call, database, type Guest, inDays, newGuest } from './client.ts';
import { storedTrip } from './stored.ts';
import { slotsOf, type TripShape, tripShape } from './trip-shape.ts';

const OFFLINE = 'offline-ranker@1,personal-rescore@1';

async function plan(guest: Guest, json: object): Promise<TripShape> {
  const made = await call('POST', '/trips', { token: guest.token, json });
  expect(made.status, made.text).toBe(201);
  return made.body;
}

describe('a planned trip', () => {
  it('has the promised shape, says where it is, and what ranked it', async () => {
    const guest = await newGuest({ food: ['ramen', 'coffee'], pace: 'slow' });
    const made = await call('POST', '/trips', {
      token: guest.token,
      json: { city: 'seattle', start_date: inDays(), days: 3, party: { size: 2, kind: 'couple' }, budget: 'mid' },
    });
    expect(made.status).toBe(201);
    const trip = tripShape.parse(made.body);
    expect(made.headers.get('location')).toBe(`/api/v1/trips/${trip.id}`);
    expect(made.headers.get('x-model-version')).toBe(OFFLINE);
    expect(made.headers.get('server-timing')).toMatch(/rank;dur=[\d.]+/);
    expect(trip).toMatchObject({
      seq: 1,
      city: 'seattle',
      start_date: inDays(),
      end_date: inDays(16),
      status: 'planning',
      party: { size: 2, kind: 'couple' },
      budget: 'mid',
      ranking: { source: 'offline', model_version: OFFLINE, cache: 'miss', fallback: null, fallback_reason: null },
    });
    expect(trip.days.map(({ day, date }) => [day, date])).toEqual([
      [1, inDays(14)],
      [2, inDays(15)],
      [3, inDays(16)],
    ]);
    for (const { slots, date } of trip.days) {
      expect(slots.length).toBeGreaterThanOrEqual(3);
      expect(slots.map(({ order }) => order)).toEqual(slots.map((_, i) => i + 1));
      let end = 0;
      for (const slot of slots) {
        expect(slot.starts_at.slice(0, 10)).toBe(date);
        expect(slot.starts_at).toMatch(/-0[78]:00$/);
        expect(Date.parse(slot.starts_at)).toBeGreaterThanOrEqual(
          end + (slot.travel_from_previous?.minutes ?? 0) * 6e4,
        );
        end = Date.parse(slot.ends_at);
        expect(end).toBeGreaterThan(Date.parse(slot.starts_at));
      }
      expect(slots.slice(1).every((slot) => slot.travel_from_previous !== null)).toBe(true);
    }

    const read = await call('GET', `/trips/${trip.id}`, { token: guest.token });
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('x-model-version')).toBe(OFFLINE);
  });

  it('visits real venues of its city, none twice', async () => {
    const trip = await plan(await newGuest(), { city: 'tokyo', start_date: inDays(), days: 5 });
    const ids = slotsOf(trip).map((slot) => slot.venue.id);
    expect(new Set(ids).size).toBe(ids.length);
    const known = await database
      .select()
      .from(activityNodes)
      .where(and(inArray(activityNodes.id, ids), eq(activityNodes.cityId, cityId('tokyo'))));
    expect(known).toHaveLength(ids.length);
    for (const { venue } of slotsOf(trip)) {
      expect(known.find((row) => row.id === venue.id)).toMatchObject({ name: venue.name, category: venue.category });
    }
  });

  it('is stored as it is answered', async () => {
    const guest = await newGuest();
    const trip = await plan(guest, { city: 'seattle', start_date: inDays(), end_date: inDays(15) });
    const stored = await storedTrip(trip.id);
    expect(stored.trip).toMatchObject({ userId: guest.id, cityId: cityId('seattle'), seq: 1, status: 'planning' });
    expect(stored.slots.map((slot) => [slot.id, slot.activityNodeId, slot.startsAt.getTime(), slot.status])).toEqual(
      slotsOf(trip).map((slot) => [slot.id, slot.venue.id, Date.parse(slot.starts_at), 'proposed']),
    );
  });

  it('begins at start_area: a location, or a neighbourhood by name in any case', async () => {
    const guest = await newGuest();
    const request = { city: 'seattle', start_date: inDays(), days: 1 };
    const unplaced = await plan(guest, request);
    expect(slotsOf(unplaced)[0]?.travel_from_previous).toBeNull();
    for (const start_area of ['ballard', { lat: 47.6685, lng: -122.3836 }]) {
      expect(slotsOf(await plan(guest, { ...request, start_area }))[0]?.travel_from_previous).not.toBeNull();
    }
  });

  it('takes up to thirty days', async () => {
    const trip = await plan(await newGuest(), { city: 'seattle', start_date: inDays(), end_date: inDays(14 + 29) });
    expect(trip.days).toHaveLength(30);
    const ids = slotsOf(trip).map((slot) => slot.venue.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the ranking cache', () => {
  it('is missed first and hit by the second identical request, which gives the same plan', async () => {
    const guest = await newGuest({ pace: 'fast' });
    const request = { city: 'new-york', start_date: inDays(), days: 3, party: { size: 4, kind: 'friends' } };
    const first = await plan(guest, request);
    const second = await plan(guest, request);
    expect([first.ranking.cache, second.ranking.cache]).toEqual(['miss', 'hit']);
    const venues = (trip: TripShape) => slotsOf(trip).map((slot) => [slot.venue.id, slot.starts_at]);
    expect(venues(second)).toEqual(venues(first));
    expect(second.id).not.toBe(first.id);
  });

  it('is hit in part by a longer trip', async () => {
    const guest = await newGuest({ pace: 'fast' });
    const request = { city: 'mexico-city', start_date: inDays(), party: { size: 1, kind: 'business' } };
    // Pre-warming would fill what the longer trip lacks.
    const off = { JOBS: { sendBatch: async () => {} } as unknown as Queue };
    const made = [1, 2].map((days) => ({ ...request, days }));
    const answers = [];
    for (const json of made) answers.push(await call('POST', '/trips', { token: guest.token, json, env: off }));
    expect(answers.map(({ body }) => body.ranking.cache)).toEqual(['miss', 'partial']);
  });
});

it('with no counting signal or with many, no trained model has a part in it: the source is the offline ranker or an LLM', async () => {
  const guest = await newGuest();
  for (const countingSignals of [0, 19, 500]) {
    await database.update(users).set({ countingSignals }).where(eq(users.id, guest.id));
    const trip = await plan(guest, { city: 'seattle', start_date: inDays(), days: 1 });
    expect(trip.ranking).toMatchObject({ source: 'offline', model_version: OFFLINE });
  }
});

describe('the listing of trips', () => {
  it("is one's own, newest first, page by page to an end", async () => {
    const [guest, other] = [await newGuest(), await newGuest()];
    await plan(other, { city: 'seattle', start_date: inDays(), days: 1 });
    const made: string[] = [];
    for (let days = 1; days <= 5; days++) {
      made.unshift((await plan(guest, { city: 'seattle', start_date: inDays(), days })).id);
    }
    const seen: { id: string }[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await call('GET', `/trips?limit=2${cursor && `&cursor=${cursor}`}`, { token: guest.token });
      seen.push(...body.trips);
      sizes.push(body.trips.length);
      cursor = body.next_cursor;
    }
    expect(seen.map(({ id }) => id)).toEqual(made);
    expect(sizes).toEqual([2, 2, 1]);
    expect(seen[0]).toEqual({
      id: made[0],
      city: 'seattle',
      start_date: inDays(),
      end_date: inDays(18),
      status: 'planning',
      role: 'organiser',
      created_at: expect.stringMatching(/Z$/),
    });
  });

  it.each([
    ['cursor=nonsense', 422, 'cursor'],
    ['limit=0', 400, 'limit'],
    ['page=2', 400, 'page'],
  ])('refuses ?%s with %i', async (query, status, field) => {
    const refused = await call('GET', `/trips?${query}`, { token: (await newGuest()).token });
    expect(refused).toMatchObject({ status, body: { errors: [{ field }] } });
  });
});
