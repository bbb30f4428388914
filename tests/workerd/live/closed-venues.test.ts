/** What a traveller finds closed is closed for their trip, whatever comes of the pivot, until the day is over. */
import { evictDurableObject } from 'cloudflare:test';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import { call } from '../api/client.ts';
import { travelling } from './live-client.ts';

const HOUR = 3600_000;

/** A trip of two days, and a slot of the first whose venue was found closed; nobody took the options. */
async function foundClosed(answer: 'dismissed' | 'ignored' = 'dismissed') {
  const there = await travelling({ days: 2 });
  const { token } = there.organiser;
  const post = (path: string, json: object) => call('POST', `/trips/${there.trip.id}${path}`, { token, json });
  const patch = (slotId: string, json: object) =>
    call('PATCH', `/trips/${there.trip.id}/slots/${slotId}`, { token, json });
  for (const slot of there.slots) {
    const { body } = await post('/pivot', { id: uuidv7(), trigger: 'venue_closed', slot_id: slot.id });
    if (body.options.length === 0) continue;
    if (answer === 'dismissed') await post(`/pivot/${body.event_id}`, { response: 'dismiss' });
    return { ...there, slot, venueId: slot.venue.id, post, patch };
  }
  throw new Error('no slot has a stored alternative');
}

const offers = (body: { options: { changes: { to: string | null }[] }[] }) =>
  body.options.flatMap(({ changes }) => changes.map(({ to }) => to));

describe('a venue that was found closed', () => {
  it.each(['dismissed', 'ignored'] as const)('is not offered again where the options were %s', async (answer) => {
    const { slot, venueId, object, patch, post, stub } = await foundClosed(answer);
    await evictDurableObject(object);
    // It stands where it stood until somebody changes that.
    expect((await stub.snapshot())!.slots.find(({ id }) => id === slot.id)!.venueId).toBe(venueId);
    expect((await patch(slot.id, { action: 'swap' })).status).toBe(200);
    await evictDurableObject(object);

    const back = await patch(slot.id, { action: 'swap', venue_id: venueId });
    expect([back.status, back.body.code]).toEqual([422, 'venue_not_feasible']);
    for (const ask of [
      { trigger: 'venue_closed', slot_id: slot.id },
      { trigger: 'mood', mood: 'tired', slot_id: slot.id },
      { trigger: 'mood', mood: 'hungry', slot_id: slot.id },
      { trigger: 'weather', slot_id: slot.id },
      { trigger: 'running_late', slot_id: slot.id, delay_minutes: 60 },
    ]) {
      const { status, body } = await post('/pivot', { id: uuidv7(), ...ask });
      expect(status).toBe(200);
      expect(offers(body)).not.toContain(venueId);
    }
  });

  it('does not come back into a slot that was skipped', async () => {
    const { slot, patch } = await foundClosed();
    await patch(slot.id, { action: 'skip' });
    const back = await patch(slot.id, { action: 'accept' });
    expect([back.status, back.body.code]).toEqual([422, 'venue_not_feasible']);
  });

  it('is open again when the day is over, and no sooner', async () => {
    const { trip, venueId, object, stub, organiser } = await foundClosed();
    const held = async () => {
      await evictDurableObject(object);
      const read = await stub.read(organiser.id);
      if (!read.ok) throw new Error(read.problem.code);
      return read.trip;
    };
    const before = (await held()).closures!.find((closure) => closure.venueId === venueId)!;
    expect(before.date).toBe(trip.start_date);
    const midnight = Date.parse(wallClock(trip.end_date, 0, 'America/Los_Angeles'));
    await stub.setClock(midnight - HOUR);
    expect((await held()).venues[venueId]!.hours).toBeNull();
    await stub.setClock(midnight + HOUR);
    const after = await held();
    expect(after.venues[venueId]!.hours).toEqual(before.hours);
    expect(after.closures).toEqual([]);
    // Of that too the object needs no reminding.
    expect(await held()).toEqual(after);
  });

  it('is in no plan that is made anew', async () => {
    const { venueId, post, patch, slot } = await foundClosed();
    const { status, body } = await post('/replan', {});
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain(venueId);
    const known = body.days[0].slots.find(({ role }: { role: string }) => role === slot.role);
    const back = await patch(known.id, { action: 'swap', venue_id: venueId });
    expect(back.status).toBe(422);
  });

  it('in a locked slot stays what the travellers made of it', async () => {
    const { organiser, trip, slots, stub } = await travelling();
    const { token } = organiser;
    const path = `/trips/${trip.id}`;
    await call('PATCH', `${path}/slots/${slots[0]!.id}`, { token, json: { action: 'lock' } });
    const json = { id: uuidv7(), trigger: 'venue_closed', slot_id: slots[0]!.id };
    expect((await call('POST', `${path}/pivot`, { token, json })).body.reason).toBe('slot_locked');
    expect((await stub.snapshot())!.closures ?? []).toEqual([]);
  });
});
