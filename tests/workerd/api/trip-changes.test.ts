import { and, eq, notInArray } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activityNodes } from '../../../platform/database/schema/index.ts';
import { cityId } from '../../../platform/database/seed-cities.ts';
import { call, database, type Guest, inDays, newGuest } from './client.ts';
import { type SlotShape, slotsOf, type TripShape, tripShape } from './trip-shape.ts';

/** A trip and its owner's way to change it; every answer is seen to be a whole trip. */
async function planned(json: object = {}) {
  const guest: Guest = await newGuest({ food: 'ramen' });
  const request = { city: 'seattle', start_date: inDays(), days: 3, ...json };
  const made = await call('POST', '/trips', { token: guest.token, json: request });
  const trip = tripShape.parse(made.body);
  const path = `/trips/${trip.id}`;
  const change = (at: string, body: unknown) => call('PATCH', at, { token: guest.token, json: body });
  return {
    guest,
    trip,
    change: (body: object) => change(path, body),
    act: (slot: SlotShape, body: object) => change(`${path}/slots/${slot.id}`, body),
    read: async () => tripShape.parse((await call('GET', path, { token: guest.token })).body),
  };
}

const slotIn = (trip: TripShape, id: string) => slotsOf(trip).find((slot) => slot.id === id) as SlotShape;

/** Venues of a city that are in no slot of the trip. */
const venuesBeside = (trip: TripShape, city = 'seattle') =>
  database
    .select({ id: activityNodes.id, category: activityNodes.category })
    .from(activityNodes)
    .where(
      and(
        eq(activityNodes.cityId, cityId(city)),
        notInArray(
          activityNodes.id,
          slotsOf(trip).map((slot) => slot.venue.id),
        ),
      ),
    );

describe('a slot', () => {
  it.each([
    ['accept', 'accepted'],
    ['skip', 'skipped'],
    ['lock', 'locked'],
  ])('takes %s, and the trip moves on by one', async (action, status) => {
    const { trip, act, read } = await planned({ days: 1 });
    const slot = slotsOf(trip)[1] as SlotShape;
    const answer = await act(slot, { action });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-model-version')).toBe(trip.ranking.model_version);
    const changed = tripShape.parse(answer.body);
    expect(changed.seq).toBe(2);
    expect(slotIn(changed, slot.id)).toMatchObject({ status, venue: slot.venue });
    expect(await read()).toEqual(changed);
  });

  it('swaps to the best that fits: another venue of the city, in time between its neighbours', async () => {
    const { trip, act } = await planned();
    for (const slot of trip.days[1]?.slots ?? []) {
      const answer = await act(slot, { action: 'swap' });
      expect(answer.status, answer.text).toBe(200);
      const changed = tripShape.parse(answer.body);
      const swapped = slotIn(changed, slot.id);
      expect(swapped).toMatchObject({ status: 'swapped', order: slot.order, role: slot.role });
      expect(swapped.venue.id).not.toBe(slot.venue.id);
      expect(swapped.narrative).toContain(swapped.venue.name);
      const ids = slotsOf(changed).map(({ venue }) => venue.id);
      expect(new Set(ids).size).toBe(ids.length);
      const day = changed.days[1]?.slots ?? [];
      for (const [i, next] of day.entries()) {
        const way = (next.travel_from_previous?.minutes ?? 0) * 60_000;
        const before = day[i - 1];
        if (before) expect(Date.parse(next.starts_at)).toBeGreaterThanOrEqual(Date.parse(before.ends_at) + way);
      }
    }
  });

  it('swaps to the venue that is asked for, and back', async () => {
    const { trip, act } = await planned();
    const slot = trip.days[0]?.slots[1] as SlotShape;
    const away = await act(slot, { action: 'swap' });
    const wanted = slotIn(away.body, slot.id).venue.id;
    const back = await act(slot, { action: 'swap', venue_id: slot.venue.id.toUpperCase() });
    expect(slotIn(back.body, slot.id)).toMatchObject({ venue: slot.venue, status: 'swapped' });
    const again = await act(slot, { action: 'swap', venue_id: wanted });
    expect(slotIn(again.body, slot.id).venue.id).toBe(wanted);
    expect(again.body.seq).toBe(4);
  });

  it('is swapped to a venue of the city that was no candidate, where it fits', async () => {
    const { trip, act } = await planned({ days: 1 });
    const slot = slotsOf(trip).find(({ role }) => role === 'activity') as SlotShape;
    const others = (await venuesBeside(trip)).filter(({ category }) => category === slot.venue.category);
    const statuses = new Set<number>();
    for (const { id } of others) {
      const answer = await act(slot, { action: 'swap', venue_id: id });
      statuses.add(answer.status);
      if (answer.status === 200) expect(slotIn(answer.body, slot.id).venue.id).toBe(id);
      else expect(answer).toMatchObject({ status: 422, body: { code: 'venue_not_feasible' } });
    }
    expect(statuses).toContain(200);
  });

  it('takes no venue that cannot be: wrong for the meal, in the trip already, of another city', async () => {
    const { trip, act, read } = await planned();
    const slots = trip.days[0]?.slots ?? [];
    const dinner = slots.find(({ role }) => role === 'dinner') as SlotShape;
    const park = (await venuesBeside(trip)).find(({ category }) => category === 'park');
    const [tokyo] = await venuesBeside(trip, 'tokyo');
    const swap = (venue_id: string | undefined) => act(dinner, { action: 'swap', venue_id });
    expect(await swap(park?.id)).toMatchObject({
      status: 422,
      body: { code: 'venue_not_feasible', errors: [{ field: 'venue_id', message: 'wrong_role' }] },
    });
    expect(await swap(slots[0]?.venue.id)).toMatchObject({ status: 409, body: { code: 'venue_already_in_trip' } });
    expect(await swap(tokyo?.id)).toMatchObject({ status: 422, body: { code: 'venue_not_found' } });
    expect(await read()).toEqual(trip);
  });

  it('that is locked is neither skipped nor swapped, until it is accepted again', async () => {
    const { trip, act } = await planned({ days: 1 });
    const [slot] = slotsOf(trip) as [SlotShape];
    await act(slot, { action: 'lock' });
    for (const action of ['skip', 'swap']) {
      expect(await act(slot, { action })).toMatchObject({ status: 409, body: { code: 'slot_locked' } });
    }
    expect((await act(slot, { action: 'accept' })).status).toBe(200);
    expect((await act(slot, { action: 'skip' })).status).toBe(200);
  });

  it('that was skipped cannot be locked', async () => {
    const { trip, act } = await planned({ days: 1 });
    const [slot] = slotsOf(trip) as [SlotShape];
    await act(slot, { action: 'skip' });
    expect(await act(slot, { action: 'lock' })).toMatchObject({ status: 409, body: { code: 'slot_skipped' } });
  });

  it('that was skipped comes back when it is accepted', async () => {
    const { trip, act } = await planned({ days: 1 });
    const [, slot] = slotsOf(trip) as [SlotShape, SlotShape];
    await act(slot, { action: 'skip' });
    const back = await act(slot, { action: 'accept' });
    expect(slotIn(back.body, slot.id)).toMatchObject({ status: 'accepted', venue: slot.venue });
  });

  it('of another trip is not found', async () => {
    const [one, other] = [await planned({ days: 1 }), await planned({ days: 1 })];
    const answer = await one.act(slotsOf(other.trip)[0] as SlotShape, { action: 'skip' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'slot_not_found' } });
  });
});

describe('a trip', () => {
  it('is shortened: the days that remain stay as they were', async () => {
    const { trip, change } = await planned();
    const { body, status } = await change({ end_date: inDays(15) });
    expect(status).toBe(200);
    expect(tripShape.parse(body)).toEqual({ ...trip, seq: 2, end_date: inDays(15), days: trip.days.slice(0, 2) });
  });

  it('changes its party: a family goes to no bar, and what it cannot go to is replaced', async () => {
    const { trip, change } = await planned({ party: { size: 4, kind: 'friends' } });
    const before = slotsOf(trip);
    expect(before.some(({ venue }) => venue.category === 'bar')).toBe(true);
    const { body } = await change({ party: { size: 4, kind: 'family' } });
    expect(body.party).toEqual({ size: 4, kind: 'family' });
    const after = slotsOf(tripShape.parse(body));
    for (const { venue } of after) {
      expect(venue.category).not.toBe('bar');
      expect(venue.vibe_tags).not.toContain('adults-only');
    }
    const kept = after.filter((slot) => before.some((old) => old.venue.id === slot.venue.id));
    expect(kept.length).toBeGreaterThan(before.length / 2);
  });

  it('goes its way: planning, active, completed; and then it is over', async () => {
    const { trip, change, act } = await planned({ days: 1 });
    for (const status of ['active', 'completed']) expect((await change({ status })).body.status).toBe(status);
    const over = { status: 409, body: { code: 'trip_ended' } };
    expect(await change({ status: 'active' })).toMatchObject(over);
    expect(await act(slotsOf(trip)[0] as SlotShape, { action: 'skip' })).toMatchObject(over);
  });

  it('takes all of a change or nothing of it', async () => {
    const { trip, change, read } = await planned();
    const refused = await change({ end_date: inDays(14), status: 'completed' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'status_not_allowed' } });
    expect(await read()).toEqual(trip);
  });

  it('is found by its id in any case of letters, and is the same trip', async () => {
    const { guest, trip, change, read } = await planned({ days: 1 });
    const upper = await call('PATCH', `/trips/${trip.id.toUpperCase()}`, {
      token: guest.token,
      json: { status: 'active' },
    });
    expect(upper.body).toMatchObject({ id: trip.id, seq: 2 });
    expect(await read()).toEqual(upper.body);
    expect((await change({ status: 'cancelled' })).body.seq).toBe(3);
  });

  it('is gone for its owner once it is deleted', async () => {
    const { guest, trip, change } = await planned({ days: 1 });
    const gone = await call('DELETE', `/trips/${trip.id}`, { token: guest.token });
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect(gone.headers.get('x-model-version')).toBe(trip.ranking.model_version);
    const missing = { status: 404, body: { code: 'trip_not_found' } };
    for (const suffix of ['', '.ics', '.geojson']) {
      expect(await call('GET', `/trips/${trip.id}${suffix}`, { token: guest.token })).toMatchObject(missing);
    }
    expect(await change({ status: 'active' })).toMatchObject(missing);
    expect(await call('DELETE', `/trips/${trip.id}`, { token: guest.token })).toMatchObject(missing);
  });
});
