/** Faults of the platform, of the clock and of clients, one by one; `trip-model.test.ts` has them in any order. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { toTripBody } from '../../../core/live/trip-body.ts';
import { startOfTrip } from '../../../core/live/trip-course.ts';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { behavioralSignals, pivotEvents } from '../../../platform/database/schema/index.ts';
import { loadTrip } from '../../../platform/database/trips.ts';
import { call, database } from '../api/client.ts';
import { HeldQueues } from './held-queues.ts';
import { travelling, watch } from './live-client.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let queues: HeldQueues;
beforeAll(() => {
  queues = new HeldQueues();
});
afterEach(() => {
  queues.fault = 'none';
});
afterAll(() => queues.release());

type There = Awaited<ReturnType<typeof travelling>>;

const act = ({ trip, organiser }: There, slotId: string, action: string) =>
  call('PATCH', `/trips/${trip.id}/slots/${slotId}`, { token: organiser.token, json: { action } });

async function suggested({ trip, organiser, slots }: There): Promise<{ event_id: string; options: { id: string }[] }> {
  for (const { id: slot_id } of slots) {
    const json = { id: uuidv7(), trigger: 'venue_closed', slot_id };
    const { body } = await call('POST', `/trips/${trip.id}/pivot`, { token: organiser.token, json });
    if (body.options.length > 0) return body;
  }
  throw new Error('no slot has a stored alternative');
}

const typesOf = async (tripId: string) => {
  const rows = await database.select().from(behavioralSignals).where(eq(behavioralSignals.tripId, tripId));
  return rows.map(({ signalType }) => signalType).filter((type) => type !== 'candidate_set_logged');
};

describe('an alarm', () => {
  it('that fires twice, and once more after an eviction, does what is due once', async () => {
    const there = await travelling();
    const { trip, organiser, object, stub } = there;
    const start = startOfTrip((await stub.snapshot())!);
    await stub.setClock(start - 10 * MINUTE);
    const { event_id } = await suggested(there);
    const { seq } = (await call('GET', `/trips/${trip.id}`, { token: organiser.token })).body;
    const socket = await watch(trip.id, organiser.token, seq);
    // The first day begins, the pivot expires and the outbox is full, all before the platform comes.
    await runInDurableObject(object, async (instance: TripObject) => {
      await instance.setClock(start + 10 * MINUTE);
      await Promise.all([instance.alarm(), instance.alarm()]);
    });
    await evictDurableObject(object);
    await runInDurableObject(object, (instance: TripObject) => instance.alarm());
    await act(there, there.slots[0]!.id, 'accept');
    expect(await socket.events(seq + 3)).toMatchObject([
      { seq: seq + 1, type: 'trip_status', status: 'active' },
      { seq: seq + 2, type: 'pivot_resolved', event_id, response: 'ignore' },
      { seq: seq + 3, type: 'slot_changed' },
    ]);
    await runDurableObjectAlarm(object);
    await vi.waitFor(async () => {
      await queues.deliver(trip.id, { twice: true, halfFails: false, again: true, seed: 1 });
      expect((await typesOf(trip.id)).filter((type) => type === 'pivot_ignore')).toHaveLength(1);
    });
    socket.close();
  });
});

describe('messages of a trip', () => {
  it.each([1, 2, 3])(
    'that come shuffled, twice, after half of them failed, and again when all is over (%i)',
    async (seed) => {
      const there = await travelling({ companions: 1 });
      const { trip, organiser, others, slots, object } = there;
      const answers: { status: number }[] = [];
      for (const [i, action] of ['accept', 'swap', 'skip', 'accept', 'lock'].entries()) {
        answers.push(await act(there, slots[i % slots.length]!.id, action));
      }
      const responses: string[] = [];
      for (const response of ['dismiss', 'accept'] as const) {
        const { event_id, options } = await suggested(there);
        const json = { response, ...(response === 'accept' ? { option_id: options[0]!.id } : {}) };
        const { status } = await call('POST', `/trips/${trip.id}/pivot/${event_id}`, { token: others[0]!.token, json });
        if (status === 200) responses.push(response);
      }
      expect(responses).toContain('dismiss');
      await call('DELETE', `/trips/${trip.id}/members/${others[0]!.id}`, { token: organiser.token });
      await runDurableObjectAlarm(object);

      const { body } = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
      const done = answers.filter(({ status }) => status === 200).length;
      await vi.waitFor(
        async () => {
          await queues.deliver(trip.id, { twice: true, halfFails: true, again: true, seed });
          expect(toTripBody((await loadTrip(database, trip.id))!)).toEqual(body);
          const signals = await typesOf(trip.id);
          expect(signals.filter((type) => type.startsWith('slot_'))).toHaveLength(done);
          expect(signals.filter((type) => /pivot_(accept|dismiss)/.test(type)).sort()).toEqual(
            responses.map((response) => `pivot_${response}`).sort(),
          );
          const pivots = await database.select().from(pivotEvents).where(eq(pivotEvents.tripId, trip.id));
          expect(pivots.flatMap(({ response }) => response ?? []).sort()).toEqual([...responses].sort());
        },
        { timeout: 10_000 },
      );
    },
  );
});

describe('a clock that goes back', () => {
  it('keeps no message waiting that a later hour had put off', async () => {
    const there = await travelling();
    const { trip, stub, object, slots } = there;
    const now = Date.now();
    await stub.setClock(now + 2 * DAY);
    queues.fault = 'both';
    await act(there, slots[0]!.id, 'accept');
    const failed = async () =>
      runInDurableObject(object, (_: TripObject, { storage }) =>
        storage.sql.exec('SELECT 1 FROM outbox WHERE attempts > 0').toArray(),
      );
    await vi.waitUntil(async () => (await failed()).length > 0, { timeout: 10_000 });
    await stub.setClock(now);
    queues.fault = 'none';
    await stub.setClock(now + 6 * MINUTE);
    await vi.waitUntil(() => queues.count(trip.id) > 0, { timeout: 10_000 });
  });

  it('gives a flooding socket no more than the others have', async () => {
    const { trip, organiser, stub } = await travelling();
    const flooding = await watch(trip.id, organiser.token);
    await flooding.first('snapshot');
    let shut = false;
    const closed = flooding.closed.finally(() => {
      shut = true;
    });
    for (let i = 0; i < 5 && !shut; i += 1) {
      await stub.setClock(Date.now() - i * DAY);
      for (let sent = 0; sent < 50 && !shut; sent += 1) flooding.send('{}');
    }
    expect((await closed).code).toBe(1008);
    expect(flooding.received.filter(({ type }) => type === 'error').length).toBeLessThan(200);
  });
});

describe('text that is no UTF-8', () => {
  // A lone surrogate leaves its sender as the bytes ED A0 80, which no UTF-8 has.
  it('gets an error, and the socket goes on', async () => {
    const { trip, organiser, slots } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    socket.send('\ud800');
    await socket.first('error', ({ code }) => code === 'malformed_json');
    socket.send('{"v":1,"type":"\ud800"}');
    await socket.first('error', ({ code }) => code === 'invalid_message');
    const answer = await socket.ask({ type: 'slot_action', slot_id: slots[0]!.id, action: 'accept' });
    expect(answer).toMatchObject({ type: 'ack', seq: 2 });
    socket.close();
  });

  it('is text to everybody once it is let in, and stays so', async () => {
    const there = await travelling({ companions: 1 });
    const { trip, organiser, others, slots, object } = there;
    const socket = await watch(trip.id, organiser.token);
    for (const { id: slot_id } of slots) {
      const asked = JSON.stringify({
        v: 1,
        type: 'trigger',
        id: uuidv7(),
        trigger: 'venue_closed',
        slot_id,
        note: '?',
      });
      // As it is: stringified, it would be an escape sequence.
      socket.send(asked.replace('"?"', '"so \ud800 tired"'));
    }
    const { note } = await socket.first('pivot_suggested');
    expect(note!.isWellFormed()).toBe(true);
    expect(note).toMatch(/^so \ufffd+ tired$/);
    await evictDurableObject(object);
    const later = await watch(trip.id, others[0]!.token, there.seq);
    expect((await later.first('pivot_suggested')).note).toBe(note);
    socket.close();
    later.close();
  });
});
