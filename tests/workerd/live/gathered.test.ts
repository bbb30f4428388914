/** What leaves a trip's object: soon, together, and nothing that a later message says as well. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { call } from '../api/client.ts';
import { HeldQueues } from './held-queues.ts';
import { travelling } from './live-client.ts';

type Travelling = Awaited<ReturnType<typeof travelling>>;

const SOON_MS = 2_000;
const queues = new HeldQueues();
afterEach(() => {
  queues.fault = 'none';
});
afterAll(() => queues.release());

const act = ({ trip, organiser }: Travelling, slotId: string, action: string) =>
  call('PATCH', `/trips/${trip.id}/slots/${slotId}`, { token: organiser.token, json: { action } });
const ask = ({ trip, organiser }: Travelling, slotId: string) =>
  call('POST', `/trips/${trip.id}/pivot`, {
    token: organiser.token,
    json: { id: uuidv7(), trigger: 'running_late', delay_minutes: 30, slot_id: slotId },
  });

const waitingIn = ({ object }: Travelling) =>
  runInDurableObject(object, async (_: TripObject, { storage }) => ({
    messages: storage.sql
      .exec<{ body: string }>('SELECT body FROM outbox ORDER BY position')
      .toArray()
      .map(({ body }) => JSON.parse(body)),
    alarm: await storage.getAlarm(),
  }));

it('a pivot that was asked and answered before it left, and all changes with it, are one row and one projection', async () => {
  const there = await travelling();
  queues.fault = 'both';
  const { slots, trip, organiser } = there;
  const asked = await ask(there, slots[0]!.id);
  expect(asked.body.options).not.toEqual([]);
  await act(there, slots.at(-1)!.id, 'accept');
  const path = `/trips/${trip.id}/pivot/${asked.body.event_id}`;
  expect((await call('POST', path, { token: organiser.token, json: { response: 'dismiss' } })).status).toBe(200);
  const { messages } = await waitingIn(there);
  const jobs = messages.filter(({ kind }) => kind !== 'signal');
  expect(jobs.map(({ kind }) => kind).sort()).toEqual(['pivot_event', 'project_trip']);
  expect(jobs.find(({ kind }) => kind === 'pivot_event')).toMatchObject({
    response: 'dismiss',
    trigger: 'running_late',
  });
});

it('a change sets the alarm for soon, and one that follows does not put it off', async () => {
  const there = await travelling();
  await runDurableObjectAlarm(there.object);
  await act(there, there.slots[0]!.id, 'accept');
  const { alarm } = await waitingIn(there);
  expect(alarm).toBeLessThan(Date.now() + SOON_MS);
  await act(there, there.slots[1]!.id, 'accept');
  expect([alarm, null]).toContain((await waitingIn(there)).alarm);
});

it('a pivot with nothing to offer, which changes nothing, is told of soon, too', async () => {
  const there = await travelling();
  await act(there, there.slots[0]!.id, 'lock');
  await runDurableObjectAlarm(there.object);
  expect((await waitingIn(there)).alarm).toBeGreaterThan(Date.now() + SOON_MS);
  const { body } = await call('POST', `/trips/${there.trip.id}/pivot`, {
    token: there.organiser.token,
    json: { id: uuidv7(), trigger: 'venue_closed', slot_id: there.slots[0]!.id },
  });
  expect(body.options).toEqual([]);
  const { messages, alarm } = await waitingIn(there);
  expect(messages.map(({ kind }) => kind).sort()).toEqual(['pivot_event', 'signal']);
  expect(alarm).toBeLessThan(Date.now() + SOON_MS);
});
