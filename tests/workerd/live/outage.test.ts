/** Postgres is down for a minute: travellers notice nothing, and afterwards everything is there. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { openDatabase } from '../../../platform/database/client.ts';
import { isOutage } from '../../../platform/database/failure.ts';
import { behavioralSignals, deadLetters, pivotEvents } from '../../../platform/database/schema/index.ts';
import { call, database, type Guest } from '../api/client.ts';
import { startDatabaseGate } from '../api/stand-ins.ts';
import { storedTrip } from '../api/stored.ts';
import { slotsOf, type TripShape } from '../api/trip-shape.ts';
import { travelling, watch } from './live-client.ts';
import { TimedQueues } from './timed-queues.ts';

const SECOND = 1000;
const STEP = 5 * SECOND;
const OUTAGE = 60 * SECOND;

/** A trip on its first morning, watched by two, whose whole world reaches Postgres through a gate. */
async function underWay() {
  const there = await travelling({ companions: 1, days: 2 });
  const { trip, organiser, others, object, stub } = there;
  // What the real queue has of it is delivered.
  await vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.seq).toBe(there.seq), { timeout: 15_000 });
  const gate = await startDatabaseGate(env.DATABASE_URL ?? '');
  const start = Date.parse(wallClock(trip.start_date, 8 * 60, 'America/Los_Angeles'));
  const queues = new TimedQueues(start);
  const world = { ...gate.env, ...queues.env };
  /** Again whenever the object has left memory. */
  const moveIn = () =>
    runInDurableObject(object, (instance: TripObject) => {
      const inner = instance as unknown as { env: Cloudflare.Env };
      inner.env = { ...inner.env, ...world };
    });
  /** It is `now` for the object and for the queues; the alarm and the consumers do what is due. */
  const at = async (now: number) => {
    await stub.setClock(now);
    await runDurableObjectAlarm(object);
    await queues.run(now, world);
  };
  /** All that the object has to say is in the queues. */
  const atRest = () =>
    vi.waitUntil(async () => {
      await runDurableObjectAlarm(object);
      return runInDurableObject(
        object,
        (_: TripObject, { storage }) => storage.sql.exec('SELECT 1 FROM outbox').toArray().length === 0,
      );
    });
  await moveIn();
  await at(start);
  const guests: [Guest, Guest] = [organiser, others[0]!];
  const sockets = await Promise.all(guests.map(({ token }) => watch(trip.id, token)));
  await Promise.all(sockets.map((socket) => socket.first('snapshot')));
  const request = (guest: Guest, method: string, path: string, json?: object) =>
    call(method, path, { token: guest.token, json, env: world });
  return { ...there, gate, start, queues, at, atRest, moveIn, guests, sockets, request };
}

/** The minute: what was acknowledged in it. */
interface Acknowledged {
  signals: string[];
  /** Slot actions and answers to pivots; each has a signal of the server's. */
  acts: number;
  pivots: string[];
}

async function liveThrough(there: Awaited<ReturnType<typeof underWay>>): Promise<Acknowledged> {
  const { trip, slots, start, at, guests, sockets, request, object, moveIn, atRest } = there;
  const signals: string[] = [];
  const pivots: string[] = [];
  let acts = 0;
  for (let step = 0; step * STEP < OUTAGE; step += 1) {
    await at(start + step * STEP);
    const [guest, socket] = [guests[step % 2]!, sockets[step % 2]!];
    const slot = slots[step % slots.length]!;

    const some = Array.from({ length: 1 + (step % 3) }, () => ({
      id: uuidv7(),
      type: step % 2 ? 'slot_view' : 'thumbs_up',
      ...(step % 2 ? { slot_id: slot.id } : { venue_id: slot.venue.id }),
      occurred_at: new Date().toISOString(),
    }));
    const taken = await request(guest, 'POST', '/signals', { signals: some });
    expect([taken.status, taken.body]).toEqual([202, { accepted: some.length, rejected: [] }]);
    signals.push(...some.map(({ id }) => id));

    const path = `/trips/${trip.id}`;
    const action = (['accept', 'skip', 'lock', 'accept'] as const)[step % 4]!;
    const acted = await request(guest, 'PATCH', `${path}/slots/${slot.id}`, { action });
    // A slot may be locked, or its room gone: that is an answer too.
    expect([200, 409, 422]).toContain(acted.status);
    if (acted.status === 200) acts += 1;
    expect((await request(guest, 'GET', path)).body.seq).toBeGreaterThanOrEqual(acted.body.seq ?? 0);

    const ask =
      step % 3 === 0
        ? ({ trigger: 'mood', mood: 'tired' } as const)
        : ({ trigger: 'venue_closed', slot_id: slots.at(-1 - (step % 2))!.id } as const);
    const answer = await socket.ask({ type: 'trigger', ...ask });
    if (answer.type !== 'ack' || !answer.pivot) throw new Error(JSON.stringify(answer));
    // No search can be made: what the trip stores has to do.
    expect(answer.pivot.source).toBe('fallback');
    pivots.push(answer.pivot.event_id);
    const [option] = answer.pivot.options;
    if (option) {
      const { event_id } = answer.pivot;
      const reply =
        step % 4 === 1
          ? { type: 'accept' as const, event_id, option_id: option.id }
          : { type: 'dismiss' as const, event_id };
      expect(await socket.ask(reply)).toMatchObject({ type: 'ack', outcome: { event_id } });
      acts += 1;
    }
    if (step === 5) {
      await atRest();
      await evictDurableObject(object);
      await moveIn();
    }
  }
  return { signals, acts, pivots };
}

describe('Postgres, down for a minute', () => {
  it('is missed by nobody; then it has every signal, every change and every pivot, once', async () => {
    const there = await underWay();
    const { trip, gate, start, queues, at, atRest, sockets, guests, request, stub } = there;
    const before = (await storedTrip(trip.id)).trip!;
    expect(before).toMatchObject({ status: 'active', seq: there.seq + 1 });
    expect(queues.waiting).toEqual([]);

    await gate.shut();
    const refused = openDatabase(gate.env.DATABASE_URL).execute(sql`select 1`);
    const error = await Promise.resolve(refused).catch((reason: unknown) => reason);
    expect(isOutage(error)).toBe(true);
    const { signals, acts, pivots } = await liveThrough(there);
    expect(signals.length).toBeGreaterThan(20);
    expect(pivots.length).toBe(OUTAGE / STEP);
    expect(acts).toBeGreaterThan(10);
    await atRest();
    await queues.run(start + OUTAGE, gate.env);

    // Nothing has got through, nothing was given up, and each time it waits for longer.
    expect((await storedTrip(trip.id)).trip).toEqual(before);
    expect(queues.dead).toEqual([]);
    expect(queues.waiting.length).toBeGreaterThanOrEqual(signals.length + acts + pivots.length);
    expect(new Set(queues.givenBack.map(({ kind }) => kind))).toEqual(
      new Set(['signal', 'project_trip', 'pivot_event']),
    );
    for (const { attempts, delaySeconds } of queues.givenBack) expect(delaySeconds).toBe(2 ** attempts);
    expect(Math.max(...queues.givenBack.map(({ attempts }) => attempts))).toBeGreaterThanOrEqual(5);
    // However long it lasts.
    const held = queues.waiting.map((message) => ({ ...message, attempts: 40, due: start }));
    const later = new TimedQueues(start);
    later.waiting = held;
    await later.run(start, gate.env);
    expect([later.dead, later.acknowledged, later.waiting.length]).toEqual([[], 0, held.length]);

    await gate.open();
    await atRest();
    for (let now = start + OUTAGE; queues.waiting.length > 0; now += STEP) {
      if (now > start + 10 * OUTAGE) throw new Error(`still waiting: ${JSON.stringify(queues.waiting)}`);
      await at(now);
    }
    expect(queues.dead).toEqual([]);

    const rows = await database
      .select({ id: behavioralSignals.id })
      .from(behavioralSignals)
      .where(inArray(behavioralSignals.id, signals));
    expect(rows.map(({ id }) => id).sort()).toEqual([...signals].sort());
    const ofServer = await database.$count(
      behavioralSignals,
      and(eq(behavioralSignals.tripId, trip.id), sql`substr(${behavioralSignals.id}::text, 15, 1) = '5'`),
    );
    // A pivot's asking is a signal too.
    expect(ofServer).toBe(acts + pivots.length);
    const events = await database
      .select({ id: pivotEvents.id })
      .from(pivotEvents)
      .where(eq(pivotEvents.tripId, trip.id));
    expect(events.map(({ id }) => id).sort()).toEqual([...pivots].sort());

    const { body } = await request(guests[0], 'GET', `/trips/${trip.id}`);
    const shown: TripShape = body;
    const stored = await storedTrip(trip.id);
    expect(stored.trip).toMatchObject({ seq: shown.seq, status: 'active' });
    expect(stored.slots.map((slot) => [slot.id, slot.activityNodeId, slot.status, slot.startsAt.getTime()])).toEqual(
      slotsOf(shown).map((slot) => [slot.id, slot.venue.id, slot.status, Date.parse(slot.starts_at)]),
    );
    expect((await stub.projection()).trip?.seq).toBe(shown.seq);

    // Both watchers saw all of it, in order.
    for (const socket of sockets) {
      const log = (await socket.events(shown.seq)).map((event) => (event as { seq: number }).seq);
      expect(log).toEqual(Array.from({ length: shown.seq - before.seq }, (_, i) => before.seq + 1 + i));
      socket.close();
    }
    const letters = await database.select({ body: deadLetters.body }).from(deadLetters);
    expect(letters.filter((letter) => letter.body.includes(trip.id))).toEqual([]);
  });
});
