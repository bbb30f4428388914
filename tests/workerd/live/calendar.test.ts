/** A trip begins, ends and is archived by the calendar of its city. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { trips } from '../../../platform/database/schema/index.ts';
import { call, database } from '../api/client.ts';
import { storedTrip } from '../api/stored.ts';
import { travelling, watch } from './live-client.ts';

const DAY = 24 * 3600_000;
const midnight = (date: string) =>
  Temporal.PlainDate.from(date).toZonedDateTime('America/Los_Angeles').epochMilliseconds;
const dayAfter = (date: string) => Temporal.PlainDate.from(date).add({ days: 1 }).toString();

const tables = (object: DurableObjectStub<TripObject>) =>
  runInDurableObject(object, async (_: TripObject, { storage }) => ({
    tables: storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    keys: [...storage.kv.list()],
    alarm: await storage.getAlarm(),
  }));

describe('a trip', () => {
  it('waits for the start of its first day in the time zone of its city', async () => {
    const { trip, object, stub } = await travelling();
    const start = midnight(trip.start_date);
    await stub.setClock(start - 2_000);
    await runDurableObjectAlarm(object);
    expect((await stub.snapshot())?.status).toBe('planning');
    const { alarm } = await tables(object);
    expect(alarm! - Date.now()).toBeLessThanOrEqual(2_000);
  });

  it('becomes active then, and is completed after its last day, each told once', async () => {
    const { trip, organiser, object, stub } = await travelling({ days: 2 });
    const socket = await watch(trip.id, organiser.token);
    await stub.setClock(midnight(trip.start_date));
    expect(await socket.first('trip_status')).toMatchObject({ seq: 2, status: 'active', by: null });
    await runDurableObjectAlarm(object);
    await evictDurableObject(object);
    await runDurableObjectAlarm(object);
    // A clock that goes back takes nothing back.
    await stub.setClock(midnight(trip.start_date) - DAY);
    await runDurableObjectAlarm(object);
    expect((await stub.snapshot())?.status).toBe('active');

    await stub.setClock(midnight(dayAfter(trip.end_date)) - 1_000 * 60);
    await runDurableObjectAlarm(object);
    expect((await stub.snapshot())?.status).toBe('active');
    await stub.setClock(midnight(dayAfter(trip.end_date)));
    expect(await socket.first('trip_status', ({ status }) => status === 'completed')).toMatchObject({ seq: 3 });
    await runDurableObjectAlarm(object);
    const { body } = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
    expect([body.seq, body.status]).toEqual([3, 'completed']);
    await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.status).toBe('completed'), {
      timeout: 15_000,
    });
    socket.close();
  });

  it('that slept through all of it catches up, in order', async () => {
    const { trip, organiser, stub } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    await stub.setClock(midnight(dayAfter(trip.end_date)) + DAY);
    expect(await socket.events(3)).toMatchObject([
      { seq: 2, status: 'active' },
      { seq: 3, status: 'completed' },
    ]);
    socket.close();
  });

  it('that is over leaves its object after seven days; Postgres has it, and it can be read, not changed', async () => {
    const { trip, organiser, slots, object, stub } = await travelling();
    const act = { token: organiser.token, json: { action: 'accept' } };
    await call('PATCH', `/trips/${trip.id}/slots/${slots[0]!.id}`, act);
    await stub.setClock(midnight(dayAfter(trip.end_date)));
    await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.status).toBe('completed'), {
      timeout: 15_000,
    });
    const before = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
    await stub.setClock(midnight(dayAfter(trip.end_date)) + 6.9 * DAY);
    await runDurableObjectAlarm(object);
    expect((await tables(object)).tables).not.toEqual([]);
    await stub.setClock(midnight(dayAfter(trip.end_date)) + 7.1 * DAY);
    await vi.waitFor(async () => expect(await tables(object)).toEqual({ tables: [], keys: [], alarm: null }), {
      timeout: 15_000,
    });
    await evictDurableObject(object);
    const after = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
    expect(after.body).toEqual(before.body);
    const late = await call('PATCH', `/trips/${trip.id}/slots/${slots[1]!.id}`, act);
    expect([late.status, late.body.code]).toEqual([409, 'trip_ended']);
    // Looking at it brings nothing back.
    expect((await tables(object)).tables).toEqual([]);
    const gone = await call('DELETE', `/trips/${trip.id}`, { token: organiser.token });
    expect(gone.status).toBe(204);
    await vi.waitFor(async () => expect(await database.select().from(trips).where(eq(trips.id, trip.id))).toEqual([]), {
      timeout: 15_000,
    });
  });
});
