/** The trip's object owns the trip; Postgres follows it through outbox and queue. */
import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import { trips } from '../../../platform/database/schema/index.ts';
import { projectTrip } from '../../../platform/database/trip-projection.ts';
import { loadTrip } from '../../../platform/database/trips.ts';
import type { Job } from '../../../platform/queue/jobs.ts';
import worker from '../../../worker/index.ts';
import { call, database, inDays, newGuest, type Overrides } from './client.ts';
import { loggedRankings, rowsOf, storedTrip } from './stored.ts';
import { type SlotShape, slotsOf, type TripShape } from './trip-shape.ts';

/** A namespace whose objects nobody is sent to. */
const untouched: Overrides = {
  TRIP: { getByName: () => ({ adopt: async () => {} }) } as unknown as Cloudflare.Env['TRIP'],
};

async function planned({ days = 1, overrides = {} }: { days?: number; overrides?: Overrides } = {}) {
  const guest = await newGuest();
  const made = await call('POST', '/trips', {
    token: guest.token,
    json: { city: 'seattle', start_date: inDays(), days },
    env: overrides,
  });
  const trip: TripShape = made.body;
  const { token } = guest;
  return {
    guest,
    trip,
    slots: slotsOf(trip),
    object: env.TRIP.getByName(trip.id),
    read: () => call('GET', `/trips/${trip.id}`, { token }),
    change: (json: object) => call('PATCH', `/trips/${trip.id}`, { token, json }),
    act: (slot: SlotShape | undefined, action: string) =>
      call('PATCH', `/trips/${trip.id}/slots/${slot?.id}`, { token, json: { action } }),
    remove: () => call('DELETE', `/trips/${trip.id}`, { token }),
  };
}

/** Gives a message to the consumer as the queue would. */
const deliver = (...jobs: Job[]) => deliverIn({}, ...jobs);

async function deliverIn(overrides: Overrides, ...jobs: Job[]): Promise<{ acked: number }> {
  const context = createExecutionContext();
  const messages = jobs.map((body, i) => ({ id: `m${i}`, timestamp: Date.now(), attempts: 1, body }));
  const batch = createMessageBatch('jobs', messages);
  await worker.queue(batch, { ...env, ...overrides });
  return { acked: (await getQueueResult(batch, context)).explicitAcks.length };
}

const projection = (tripId: string): Job => ({ v: 1, id: 'test', kind: 'project_trip', tripId });
const deletion = (tripId: string): Job => ({ v: 1, id: 'test', kind: 'delete_trip', tripId });

/** Puts `sendBatch` in the place of the queue that an object sends to, until the object leaves memory. */
const sendThrough = (object: DurableObjectStub<TripObject>, sendBatch: Queue['sendBatch']) =>
  runInDurableObject(object, (instance: TripObject) => {
    const inner = instance as unknown as { env: Cloudflare.Env };
    inner.env = { ...inner.env, JOBS: { sendBatch } as unknown as Queue };
  });

const outboxOf = (object: DurableObjectStub<TripObject>) =>
  runInDurableObject(object, async (_: TripObject, state) => ({
    rows: state.storage.sql.exec<{ body: string; attempts: number }>('SELECT body, attempts FROM outbox').toArray(),
    alarm: await state.storage.getAlarm(),
  }));

describe('an object', () => {
  it('takes the trip over from Postgres when it is first touched, and owns it from then on', async () => {
    const { trip, read } = await planned({ overrides: untouched });
    const say = (partySize: number) => database.update(trips).set({ partySize }).where(eq(trips.id, trip.id));
    await say(3);
    expect((await read()).body).toEqual({ ...trip, party: { ...trip.party, size: 3 } });
    await say(5);
    expect((await read()).body.party.size).toBe(3);
  });

  it('holds a trip exactly as it was answered, from memory, from storage and from Postgres', async () => {
    const { trip, object, read } = await planned({ days: 3 });
    expect((await read()).body).toEqual(trip);
    await evictDurableObject(object);
    expect((await read()).body).toEqual(trip);
    const other = await planned({ days: 3, overrides: untouched });
    expect((await other.read()).body).toEqual(other.trip);
  });

  it('loses nothing when it leaves memory between changes', async () => {
    const { slots, object, act, read } = await planned();
    for (const [i, action] of ['accept', 'skip', 'swap', 'lock'].entries()) {
      const { body } = await act(slots[i % slots.length], action);
      expect(body.seq).toBe(i + 2);
      await evictDurableObject(object);
      expect((await read()).body).toEqual(body);
    }
  });

  it('that is asked for a trip that there is not, stores nothing', async () => {
    const id = crypto.randomUUID();
    expect((await call('GET', `/trips/${id}`, { token: (await newGuest()).token })).status).toBe(404);
    const stored = await runInDurableObject(env.TRIP.getByName(id), (_: TripObject, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(stored).toEqual([]);
  });

  it('is never read older than the last change that was acknowledged, while Postgres lags behind', async () => {
    const { trip, slots, act, read, object } = await planned({ days: 3 });
    await sendThrough(object, async () => Promise.reject(new Error('the queue is down')));
    await Promise.all(
      slots.map(async (slot) => {
        const changed = await act(slot, 'accept');
        expect(changed.status).toBe(200);
        const seen = await read();
        expect(seen.body.seq).toBeGreaterThanOrEqual(changed.body.seq);
        expect(slotsOf(seen.body).find(({ id }) => id === slot.id)?.status).toBe('accepted');
      }),
    );
    expect((await read()).body.seq).toBe(1 + slots.length);
    expect((await storedTrip(trip.id)).trip?.seq).toBe(1);
  });

  it('gives swaps of one slot at the same time an order: each its own seq, the last one stands', async () => {
    const { slots, act, read } = await planned();
    const answers = await Promise.all(Array.from({ length: 6 }, () => act(slots[1], 'swap')));
    const swapped = answers.filter(({ status }) => status === 200).map(({ body }) => body as TripShape);
    for (const { status, body } of answers) {
      if (status !== 200) expect([status, body.code]).toEqual([409, 'no_alternative']);
    }
    expect(swapped.length).toBeGreaterThan(1);
    expect(swapped.map(({ seq }) => seq).sort()).toEqual(swapped.map((_, i) => i + 2));
    const last = swapped.reduce((a, b) => (a.seq > b.seq ? a : b));
    expect((await read()).body).toEqual(last);
  });
});

describe('Postgres', () => {
  it('says what the object says once alarm and queue have run', async () => {
    const { trip, slots, act, change, read } = await planned({ days: 2 });
    const answers = [
      await act(slots[1], 'swap'),
      await act(slots[2], 'skip'),
      await change({ end_date: trip.start_date, party: { size: 2 } }),
    ];
    expect(answers.map(({ body }) => body.seq)).toEqual([2, 3, 4]);
    // Nothing is called by hand here: the platform runs the alarm and delivers the message.
    await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.seq).toBe(4), { timeout: 15_000 });
    const { body } = await read();
    const stored = await storedTrip(trip.id);
    expect(stored.trip).toMatchObject({ endDate: trip.start_date, partySize: 2, partyKind: 'couple' });
    expect(stored.slots.map((s) => [s.id, s.activityNodeId, s.status, s.startsAt.getTime(), s.travelMinutes])).toEqual(
      slotsOf(body).map((s) => [
        s.id,
        s.venue.id,
        s.status,
        Date.parse(s.starts_at),
        s.travel_from_previous?.minutes ?? null,
      ]),
    );
    expect(stored.slots.map((s) => s.generatedNarrative)).toEqual(slotsOf(body).map((s) => s.narrative));
  });

  it('is not changed by a message that comes twice, or by what is older than it knows', async () => {
    const { trip, slots, act } = await planned();
    const older = await tripStub(env, trip.id).snapshot();
    await act(slots[1], 'swap');
    expect(await deliver(projection(trip.id))).toEqual({ acked: 1 });
    const converged = await storedTrip(trip.id);
    expect(converged.trip?.seq).toBe(2);
    expect(await deliver(projection(trip.id), projection(trip.id))).toEqual({ acked: 2 });
    if (older) await projectTrip(database, older, new Date());
    expect(await storedTrip(trip.id)).toEqual(converged);
  });

  it('is told of a trip once a batch, however many of its messages ask for it', async () => {
    const { trip, slots, object, act } = await planned();
    const other = await planned();
    await act(slots[0], 'accept');
    await act(slots[1], 'swap');
    const asked: string[] = [];
    const getByName = (name: string) => ({
      projection: () => {
        asked.push(name);
        return (env.TRIP.getByName(name) as typeof object).projection();
      },
    });
    const namespace = { TRIP: { getByName } as unknown as Cloudflare.Env['TRIP'] };
    const jobs = [trip.id, other.trip.id, trip.id, trip.id].map(projection);
    expect(await deliverIn(namespace, ...jobs)).toEqual({ acked: 4 });
    expect(asked).toEqual([trip.id, other.trip.id]);
    expect((await storedTrip(trip.id)).trip?.seq).toBe(3);
  });

  it('keeps the order in which the members came, however many it hears of at once and whatever the clock says', async () => {
    const { trip } = await planned();
    const before = (await tripStub(env, trip.id).snapshot())!;
    const [organiser] = before.members;
    const [first, second] = [await newGuest(), await newGuest()].map(({ id }) => ({
      userId: id,
      role: 'member' as const,
    }));
    // Nobody's id says when they came; the last one is the first again, who had gone and was invited back.
    const orders = [
      [organiser!, second!, first!],
      [organiser!, first!, second!],
    ];
    for (const [i, members] of orders.entries()) {
      await projectTrip(database, { ...before, seq: before.seq + 1 + i, members }, new Date(0));
      expect((await loadTrip(database, trip.id))?.members).toEqual(members);
    }
  });

  it('hears of a change later where the queue fails: the outbox keeps it and the alarm is set again', async () => {
    const { trip, slots, object, act } = await planned();
    await sendThrough(object, async () => Promise.reject(new Error('the queue is down')));
    await act(slots[0], 'accept');
    await act(slots[1], 'accept');
    const { rows, alarm } = await vi.waitUntil(
      async () => {
        const outbox = await outboxOf(object);
        return outbox.alarm !== null && outbox.rows[0]?.attempts ? outbox : null;
      },
      { timeout: 10_000 },
    );
    // One projection is enough for both: it reads the object when it runs.
    const kinds = rows.map((row) => JSON.parse(row.body)).map(({ kind, tripId }) => [kind, tripId]);
    expect(kinds.sort()).toEqual([
      ['project_trip', trip.id],
      ['signal', trip.id],
      ['signal', trip.id],
    ]);
    expect(alarm).toBeGreaterThan(0);
    expect((await storedTrip(trip.id)).trip?.seq).toBe(1);

    // A new life of the object has the real queue again.
    await evictDurableObject(object);
    await runDurableObjectAlarm(object);
    await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.seq).toBe(3), { timeout: 15_000 });
    expect((await outboxOf(object)).rows).toEqual([]);
  });
});

describe('a deleted trip', () => {
  it('leaves Postgres and its object; what was logged for learning stays', async () => {
    const { guest, trip, object, slots, act, remove } = await planned();
    await act(slots[0], 'accept');
    await remove();
    expect(await deliver(deletion(trip.id))).toEqual({ acked: 1 });
    expect(await storedTrip(trip.id)).toEqual({ trip: undefined, slots: [] });
    expect(await rowsOf(guest.id)).toMatchObject({ trips: 0, members: 0, signals: 1, rankingEvents: 3 });
    expect((await loggedRankings(trip.id)).sets).toHaveLength(1);
    const left = await runInDurableObject(object, async (_: TripObject, { storage }) => ({
      keys: [...storage.kv.list()],
      tables: storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
      alarm: await storage.getAlarm(),
    }));
    expect(left).toEqual({ keys: [], tables: [], alarm: null });
  });

  it('stays gone when messages come again, in any order', async () => {
    const { trip, slots, act, remove, read } = await planned();
    await act(slots[1], 'swap');
    await remove();
    await deliver(projection(trip.id), deletion(trip.id), deletion(trip.id), projection(trip.id));
    expect((await read()).status).toBe(404);
    expect((await storedTrip(trip.id)).trip).toBeUndefined();
  });

  it('goes through the queue by itself', async () => {
    const { guest, trip, remove } = await planned();
    await remove();
    await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip).toBeUndefined(), { timeout: 15_000 });
    expect((await call('GET', '/trips', { token: guest.token })).body.trips).toEqual([]);
  });
});
