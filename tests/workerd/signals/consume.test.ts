/** The consumer of the queue `signals`. */
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import { COUNTING_TYPES } from '../../../core/signal/signal.ts';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { slotActionSignal, tripSignal } from '../../../core/signal/trip-signal.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import { intentionSignals, itinerarySlots, trips } from '../../../platform/database/schema/index.ts';
import { MAX_RETRIES } from '../../../platform/queue/delivery.ts';
import { call, database } from '../api/client.ts';
import { bodies, countOf, deliver, reported, signalsOf, storedIds, travelling, UNREACHABLE } from './scene.ts';

afterEach(() => vi.restoreAllMocks());

const shuffled = <T>(items: readonly T[]): T[] => {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = (i * 7919 + 13) % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
};

describe('a signal', () => {
  it('is stored with what was shown: version, venue, day, day part, group, weather, weight and source', async () => {
    const { guest, actorKey, trip, slots } = await travelling({ days: 2, party: 3 });
    const slot = slots.at(-1)!;
    await database.update(itinerarySlots).set({ modelVersion: 'slot-ranker@7' }).where(eq(itinerarySlots.id, slot.id));
    const signal = reported(guest.id, {
      slotId: slot.id,
      timeToActionMs: 1234,
      context: { screen: 'day', weather: 'rain', group_size: 99, day_of_trip: 77, full_candidate_set: [] },
    });
    expect((await deliver('signals', bodies([signal]))).acked).toEqual(['m0']);
    const [row, ...others] = await signalsOf(actorKey);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      id: signal.id,
      signalType: 'slot_accept',
      tripId: trip.id,
      slotId: slot.id,
      activityNodeId: slot.venue.id,
      weight: 1,
      source: 'user_behavioral',
      synthetic: false,
      modelVersion: 'slot-ranker@7',
      counts: true,
      occurredAt: new Date(signal.occurredAt),
    });
    expect(row?.context).toEqual({
      screen: 'day',
      time_to_action_ms: 1234,
      day_of_trip: 2,
      day_part: slot.day_part,
      group_size: 3,
      weather: 'rain',
    });
  });

  it('of a trip without a slot has the version of the trip, and the day and day part at which it happened', async () => {
    const { guest, actorKey, trip } = await travelling({ days: 2 });
    const occurredAt = new Date(wallClock(trip.end_date, 18 * 60, 'America/Los_Angeles')).toISOString();
    const before = new Date(Date.now() - 60_000).toISOString();
    const signals = [
      reported(guest.id, { type: 'post_trip', tripId: trip.id, occurredAt }),
      reported(guest.id, { type: 'post_trip', tripId: trip.id, occurredAt: before }),
    ];
    await deliver('signals', bodies(signals));
    const rows = await signalsOf(actorKey);
    expect(rows.map(({ modelVersion }) => modelVersion)).toEqual([
      trip.ranking.model_version,
      trip.ranking.model_version,
    ]);
    const byId = new Map(rows.map((row) => [row.id, row.context]));
    expect(byId.get(signals[0]!.id)).toMatchObject({ day_of_trip: 2, day_part: 'evening', weather: null });
    expect(byId.get(signals[1]!.id)).toMatchObject({ day_of_trip: null, day_part: null });
  });

  it('that names trip and venue finds its slot', async () => {
    const { guest, actorKey, trip, slots } = await travelling();
    const { id, venue } = slots[1]!;
    await deliver('signals', bodies([reported(guest.id, { type: 'slot_view', tripId: trip.id, venueId: venue.id })]));
    expect(await signalsOf(actorKey)).toMatchObject([{ slotId: id, activityNodeId: venue.id, counts: false }]);
  });

  it("about what a ranking showed has the version of that ranking, if it was the sender's", async () => {
    const { guest, actorKey, slots } = await travelling();
    const stranger = await travelling();
    const venueId = slots[0]!.venue.id;
    const { rows } = await database.execute<{ id: string; model_version: string }>(
      sql`update ranking_events set model_version = 'discovery@3'
        where id = (select id from ranking_events where actor_key = ${actorKey} limit 1) returning id, model_version`,
    );
    const swipe = (userId: string) =>
      reported(userId, { type: 'discovery_swipe', venueId, context: { ranking_event_id: rows[0]!.id } });
    await deliver('signals', bodies([swipe(guest.id), swipe(stranger.guest.id)]));
    expect(await signalsOf(actorKey)).toMatchObject([{ modelVersion: rows[0]!.model_version }]);
    expect(await signalsOf(stranger.actorKey)).toMatchObject([{ modelVersion: 'none' }]);
  });

  it('of a swap that does not say what was given up says nothing of a venue', async () => {
    const { guest, actorKey, slots } = await travelling();
    await deliver('signals', bodies([reported(guest.id, { type: 'slot_swap', slotId: slots[0]!.id })]));
    expect(await signalsOf(actorKey)).toMatchObject([{ activityNodeId: null, counts: true }]);
  });

  it('of an intention is noted as one too, once', async () => {
    const { guest, actorKey } = await travelling();
    const signal = reported(guest.id, { type: 'intention', reason: 'price_mismatch' });
    await deliver('signals', bodies([signal]));
    await deliver('signals', bodies([signal]));
    expect(await signalsOf(actorKey)).toMatchObject([{ context: { reason: 'price_mismatch' }, counts: false }]);
    const noted = await database
      .select()
      .from(intentionSignals)
      .where(eq(intentionSignals.behavioralSignalId, signal.id));
    expect(noted).toMatchObject([{ intention: 'price_mismatch', confidence: 1, source: 'user_behavioral' }]);
  });
});

describe('a batch', () => {
  const hundred = async () => {
    const { guest, actorKey, slots, trip } = await travelling({ days: 3 });
    const signals = Array.from({ length: 100 }, (_, i) =>
      reported(guest.id, {
        type: COUNTING_TYPES[i % COUNTING_TYPES.length]!,
        tripId: trip.id,
        slotId: slots[i % 5]!.id,
        occurredAt: new Date(Date.now() - i * 1000).toISOString(),
      }),
    );
    return { guest, actorKey, signals };
  };

  it('is one request to Postgres, and each message is acknowledged', async () => {
    const { signals } = await hundred();
    const requests = vi.spyOn(globalThis, 'fetch');
    const { acked, retried } = await deliver('signals', bodies(signals));
    // Other queues and objects are at work here too.
    const bodiesSent = requests.mock.calls.map(([, init]) => String(init?.body));
    const ours = bodiesSent.filter((text) => text.includes(signals[0]!.id) || text.includes(signals[99]!.id));
    expect(ours).toHaveLength(1);
    expect(ours[0]!.split('insert into behavioral_signals')).toHaveLength(2);
    expect(acked).toHaveLength(100);
    expect(retried).toEqual([]);
    expect(await storedIds(signals)).toEqual(signals.map(({ id }) => id).sort());
  });

  it('that comes again, shuffled, in parts, twice at once, changes nothing', async () => {
    const { guest, actorKey, signals } = await hundred();
    await deliver('signals', bodies(signals.slice(0, 60)));
    await deliver('signals', bodies(shuffled(signals)));
    const before = { rows: await signalsOf(actorKey), count: await countOf(guest.id) };
    expect(before.rows).toHaveLength(100);
    expect(before.count).toBe(before.rows.filter(({ counts }) => counts).length);
    await Promise.all([deliver('signals', bodies(shuffled(signals))), deliver('signals', bodies(signals))]);
    await deliver('signals', bodies([...signals.slice(0, 30), ...signals.slice(0, 30)]));
    expect({ rows: await signalsOf(actorKey), count: await countOf(guest.id) }).toEqual(before);
  });

  it('with poison in the middle: all others are stored, the poison is given up with its reason', async () => {
    const { guest, actorKey, slots } = await travelling();
    const good = Array.from({ length: 9 }, () => reported(guest.id, { type: 'slot_view', slotId: slots[0]!.id }));
    const nul = reported(guest.id, { slotId: slots[0]!.id, context: { note: 'a\0b' } });
    const wrong = { ...reported(guest.id, {}), type: 'candidate_set_logged' };
    const deliveries = [
      ...bodies(good.slice(0, 5)),
      { id: 'nul', body: nul },
      { id: 'wrong', body: wrong },
      { id: 'nothing', body: null },
      ...good.slice(5).map((body, i) => ({ id: `late${i}`, body })),
    ];
    const { acked, retried, dead } = await deliver('signals', deliveries);
    expect(retried).toEqual([]);
    expect([...acked].sort()).toEqual(deliveries.map(({ id }) => id).sort());
    expect(dead.map(({ id, reason }) => [id, reason]).sort()).toEqual([
      ['nothing', 'malformed'],
      ['nul', 'not_storable'],
      ['wrong', 'malformed'],
    ]);
    expect(dead.find(({ id }) => id === 'nul')).toMatchObject({ body: nul, detail: expect.stringMatching(/unicode/i) });
    expect(await storedIds(good)).toEqual(good.map(({ id }) => id).sort());
    expect(await signalsOf(actorKey)).toHaveLength(9);
  });

  it('keeps its poison while the dead-letter queue is down', async () => {
    const broken = { sendBatch: async () => Promise.reject(new Error('down')) } as unknown as Queue;
    const { acked, retried } = await deliver('signals', [{ id: 'x', body: {} }], { SIGNALS_DEAD: broken });
    expect({ acked, retried }).toEqual({ acked: [], retried: ['x'] });
  });
});

describe('an outage', () => {
  it('gives every message back, later each time, and takes none for poison, until the last retry', async () => {
    const { guest, actorKey, slots } = await travelling();
    const signals = slots.map(({ id }) => reported(guest.id, { slotId: id }));
    const delays: number[] = [];
    for (const attempts of [1, 2, 5, 20, MAX_RETRIES]) {
      const result = await deliver('signals', bodies(signals, attempts), UNREACHABLE);
      expect(result.acked).toEqual([]);
      expect(result.dead).toEqual([]);
      expect(result.retried).toHaveLength(signals.length);
      expect(new Set(result.delays).size).toBe(1);
      delays.push(result.delays[0]!);
    }
    expect(delays).toEqual([2, 4, 32, 3600, 3600]);
    expect(await signalsOf(actorKey)).toEqual([]);
    expect((await deliver('signals', bodies(shuffled(signals), 7))).acked).toHaveLength(signals.length);
    expect(await storedIds(signals)).toEqual(signals.map(({ id }) => id).sort());
    expect(await countOf(guest.id)).toBe(signals.length);
  });

  it('outlasts three days with the retries that the configuration allows', async () => {
    let seconds = 0;
    const { guest } = await travelling();
    const body = reported(guest.id, { type: 'intention', reason: 'other' });
    const { delays } = await deliver(
      'signals',
      Array.from({ length: MAX_RETRIES }, (_, i) => ({
        id: `a${i}`,
        body: { ...body, id: uuidv7() },
        attempts: i + 1,
      })),
      UNREACHABLE,
    );
    for (const delay of delays) seconds += delay!;
    expect(seconds).toBeGreaterThan(3 * 86_400);
    expect(seconds).toBeLessThan(4 * 86_400);
  });

  it('of a minute: 202s keep coming, and afterwards everything is there', async () => {
    const { guest, actorKey, slots } = await travelling();
    const queued: SignalMessage[] = [];
    const sendBatch = async (batch: MessageSendRequest<SignalMessage>[]) =>
      void queued.push(...batch.map((m) => m.body));
    const down = { ...UNREACHABLE, SIGNALS: { sendBatch } as unknown as Queue };
    await call('GET', '/users/me', { token: guest.token });
    const sent: string[] = [];
    for (let i = 0; i < 20; i++) {
      const id = uuidv7();
      const signals = [{ id, type: 'slot_view', slot_id: slots[0]!.id, occurred_at: new Date().toISOString() }];
      expect((await call('POST', '/signals', { token: guest.token, json: { signals }, env: down })).status).toBe(202);
      sent.push(id);
      if (i % 5 === 0) expect((await deliver('signals', bodies(queued, 1), UNREACHABLE)).acked).toEqual([]);
    }
    expect((await deliver('signals', bodies(queued, 6))).acked).toHaveLength(20);
    expect((await signalsOf(actorKey)).map(({ id }) => id).sort()).toEqual([...sent].sort());
  });
});

describe("what the trip's object writes", () => {
  it("is stored as it says, once, also when the trip is gone from Postgres, and counts as the client's does", async () => {
    const { guest, actorKey, trip } = await travelling({ days: 2, party: 2 });
    const before = await tripStub(env, trip.id).snapshot();
    const [first, second] = before!.slots;
    const at = Date.now();
    const accept = slotActionSignal(before!, first!, 'accept', guest.id, 2, at);
    await deliver('signals', bodies([reported(guest.id, { slotId: first!.id })]));
    await deliver('signals', bodies([accept, accept]));
    const changed = {
      ...before!,
      slots: before!.slots.map((slot) =>
        slot === second ? { ...slot, venueId: slot.alternatives[0]!.venueId } : slot,
      ),
    };
    const swap = slotActionSignal(changed, second!, 'swap', guest.id, 3, at, 800);
    await database.delete(trips).where(eq(trips.id, trip.id));
    expect((await deliver('signals', bodies([swap]))).acked).toEqual(['m0']);
    const rows = await signalsOf(actorKey);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({ id: accept.id, signalType: 'slot_accept', counts: false, slotId: first!.id });
    expect(rows[2]).toMatchObject({
      signalType: 'slot_swap',
      activityNodeId: second!.venueId,
      modelVersion: second!.modelVersion,
      tripId: trip.id,
      counts: true,
      weight: 1,
      context: {
        action: 'swap',
        replacement_venue_id: second!.alternatives[0]!.venueId,
        time_to_action_ms: 800,
        day_of_trip: second!.dayNumber,
        day_part: second!.stop.dayPart,
        group_size: 2,
      },
    });
    expect(await countOf(guest.id)).toBe(2);
  });

  it("as the system's note weighs nothing and does not count", async () => {
    const { guest, actorKey, trip } = await travelling();
    const whole = await tripStub(env, trip.id).snapshot();
    const note = tripSignal(whole!, { type: 'pivot_requested', userId: guest.id, seq: 9, at: Date.now(), slot: null });
    await deliver('signals', bodies([note]));
    expect(await signalsOf(actorKey)).toMatchObject([{ source: 'system', weight: 0, counts: false }]);
  });
});
