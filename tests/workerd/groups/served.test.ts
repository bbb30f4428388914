/** Whom a slot serves how well is said of the venue that stands in it, and of no other. */
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { call } from '../api/client.ts';
import { storedTrip } from '../api/stored.ts';
import { slotsOf, type TripShape } from '../api/trip-shape.ts';
import { travelling } from '../live/live-client.ts';

async function replanned() {
  const there = await travelling({ companions: 1, days: 2 });
  const { token } = there.organiser;
  const { body } = await call('POST', `/trips/${there.trip.id}/replan`, { token, json: {} });
  const planned: TripShape = body;
  for (const { served } of slotsOf(planned)) expect(served).toHaveLength(2);
  const change = (method: string, path: string, json: object) =>
    call(method, `/trips/${planned.id}${path}`, { token, json });
  return { ...there, planned, change };
}

/** Nowhere, neither in the object nor in Postgres, anything is said of a venue that is gone. */
async function expectNothingOfGoneVenues(there: Awaited<ReturnType<typeof replanned>>, changed: string, seq: number) {
  const held = (await there.stub.snapshot())!;
  expect(held.seq).toBe(seq);
  await vi.waitFor(async () => expect((await storedTrip(held.id)).trip?.seq).toBe(seq), { timeout: 15_000 });
  const rows = (await storedTrip(held.id)).slots.map(({ id, activityNodeId, served }) => ({
    id,
    venueId: activityNodeId,
    served,
  }));
  for (const slots of [held.slots, rows]) {
    expect(slots).toHaveLength(held.slots.length);
    for (const { id, venueId, served } of slots) {
      expect(served?.venueId ?? null).toBe(id === changed ? null : venueId);
    }
  }
}

describe('a slot of a group', () => {
  it('that is swapped says nothing of whom the venue before served', async () => {
    const there = await replanned();
    const slot = slotsOf(there.planned)[1]!;
    const { status, body } = await there.change('PATCH', `/slots/${slot.id}`, { action: 'swap' });
    expect(status).toBe(200);
    expect(slotsOf(body).find(({ id }) => id === slot.id)?.served).toBeNull();
    await expectNothingOfGoneVenues(there, slot.id, body.seq);
  });

  it('that a pivot changed says nothing of it either', async () => {
    const there = await replanned();
    for (const { id: slot_id } of slotsOf(there.planned)) {
      const asked = await there.change('POST', '/pivot', { id: uuidv7(), trigger: 'venue_closed', slot_id });
      const [option] = asked.body.options;
      if (!option) continue;
      const json = { response: 'accept', option_id: option.id };
      const { status, body } = await there.change('POST', `/pivot/${asked.body.event_id}`, json);
      expect(status).toBe(200);
      expect(slotsOf(body.trip).find(({ id }) => id === slot_id)?.served).toBeNull();
      return expectNothingOfGoneVenues(there, slot_id, body.trip.seq);
    }
    throw new Error('no slot has a stored alternative');
  });
});
