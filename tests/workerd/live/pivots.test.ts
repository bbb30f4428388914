/** Pivots over HTTP and over the socket: asked, answered once, logged, and over after fifteen minutes. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import type { PivotBody } from '../../../core/live/messages.ts';
import { behavioralSignals, pivotEvents } from '../../../platform/database/schema/index.ts';
import { call, database, type Guest, type Overrides } from '../api/client.ts';
import { actorKeyOf } from '../api/stored.ts';
import { slotsOf } from '../api/trip-shape.ts';
import { travelling, watch } from './live-client.ts';

const MINUTE = 60_000;

type Travelling = Awaited<ReturnType<typeof travelling>>;

const ask = ({ trip }: Travelling, { token }: Guest, json: object, env: Overrides = {}) =>
  call('POST', `/trips/${trip.id}/pivot`, { token, json: { id: uuidv7(), ...json }, env });
const answer = ({ trip }: Travelling, { token }: Guest, eventId: string, json: object) =>
  call('POST', `/trips/${trip.id}/pivot/${eventId}`, { token, json });
const read = async ({ trip, organiser }: Travelling) =>
  (await call('GET', `/trips/${trip.id}`, { token: organiser.token })).body;

/** A slot whose venue can be replaced, and the pivot that says by what. */
async function withOptions(there: Travelling): Promise<{ slotId: string; pivot: PivotBody; requestId: string }> {
  for (const slot of there.slots) {
    const id = uuidv7();
    const { status, body } = await ask(there, there.organiser, { id, trigger: 'venue_closed', slot_id: slot.id });
    expect(status).toBe(200);
    if (body.options.length > 0) return { slotId: slot.id, pivot: body, requestId: id };
  }
  throw new Error('no slot has a stored alternative');
}

describe('a pivot', () => {
  it('for a closed venue offers what fits, and an accepted option is what the trip then says', async () => {
    const there = await travelling();
    const socket = await watch(there.trip.id, there.organiser.token);
    const { slotId, pivot } = await withOptions(there);
    expect(pivot).toMatchObject({ source: 'fallback', reason: null, event_id: expect.any(String) });
    expect(Date.parse(pivot.expires_at)).toBeGreaterThan(Date.now() + 14 * MINUTE);
    const [option] = pivot.options;
    expect(option).toMatchObject({
      reason: expect.stringContaining('closed'),
      changes: [{ slot_id: slotId, to: option!.changes[0]!.venue!.id }],
    });
    const suggested = await socket.first('pivot_suggested');
    expect(suggested).toMatchObject({ by: there.organiser.id, ...pivot });

    const accepted = await answer(there, there.organiser, pivot.event_id, {
      response: 'accept',
      option_id: option!.id,
    });
    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({ event_id: pivot.event_id, response: 'accept', option_id: option!.id });
    const resolved = await socket.first('pivot_resolved');
    expect(resolved).toMatchObject({ response: 'accept', seq: accepted.body.seq, by: there.organiser.id });
    const trip = await read(there);
    expect(accepted.body.trip).toEqual(trip);
    const [change] = option!.changes;
    expect(slotsOf(trip).find(({ id }) => id === slotId)).toMatchObject({
      venue: { id: change!.to },
      starts_at: change!.starts_at,
      ends_at: change!.ends_at,
      status: 'swapped',
    });
    expect(resolved.slots.find(({ slot }) => slot.id === slotId)?.slot).toEqual(
      slotsOf(trip).find(({ id }) => id === slotId),
    );
    socket.close();
  });

  it('for a closed venue or the weather touches neither Postgres nor the vectors', async () => {
    const there = await travelling();
    const fetched = vi.spyOn(globalThis, 'fetch');
    const socket = await watch(there.trip.id, there.organiser.token);
    // Past signing in, which the first call has done, nothing is asked of the outside.
    fetched.mockClear();
    for (const trigger of ['venue_closed', 'weather'] as const) {
      expect((await ask(there, there.organiser, { trigger })).status).toBe(200);
      expect((await socket.ask({ type: 'trigger', trigger })).type).toBe('ack');
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    socket.close();
  });

  it('for a mood searches the city', async () => {
    const there = await travelling();
    const { status, body } = await ask(there, there.organiser, { trigger: 'mood', mood: 'hungry' });
    expect(status).toBe(200);
    expect(body.source).toBe('search');
    expect(body.options.length + (body.reason === null ? 0 : 1)).toBeGreaterThan(0);
  });

  it('for a delay moves times', async () => {
    const there = await travelling();
    const { body } = await ask(there, there.organiser, {
      trigger: 'running_late',
      slot_id: there.slots[0]!.id,
      delay_minutes: 45,
    });
    expect(body.source).toBe('retime');
  });

  it('that is asked for again with the same id is the same pivot', async () => {
    const there = await travelling();
    const { pivot, requestId, slotId } = await withOptions(there);
    const before = await read(there);
    await evictDurableObject(there.object);
    const again = await ask(there, there.organiser, { id: requestId, trigger: 'venue_closed', slot_id: slotId });
    expect(again.body).toEqual(pivot);
    // Over the socket too.
    const socket = await watch(there.trip.id, there.organiser.token);
    const ack = await socket.ask({ type: 'trigger', id: requestId, trigger: 'venue_closed', slot_id: slotId });
    expect(ack).toMatchObject({ type: 'ack', pivot });
    expect((await read(there)).seq).toBe(before.seq);
    socket.close();
  });

  it('with nothing to offer says why, and tells nobody', async () => {
    const there = await travelling();
    const slot = there.slots[0]!;
    await call('PATCH', `/trips/${there.trip.id}/slots/${slot.id}`, {
      token: there.organiser.token,
      json: { action: 'lock' },
    });
    const { status, body } = await ask(there, there.organiser, { trigger: 'venue_closed', slot_id: slot.id });
    expect([status, body.options, body.reason]).toEqual([200, [], 'slot_locked']);
    expect((await read(there)).seq).toBe(2);
    const reply = await answer(there, there.organiser, body.event_id, { response: 'dismiss' });
    expect([reply.status, reply.body.code]).toEqual([404, 'pivot_not_found']);
  });

  it.each([
    [{ trigger: 'mood' }, 400],
    [{ trigger: 'weather', mood: 'tired' }, 400],
    [{ trigger: 'boredom' }, 400],
    [{ trigger: 'weather', id: 'x' }, 400],
    [{ trigger: 'running_late', delay_minutes: -5 }, 400],
    [{ trigger: 'venue_closed', slot_id: uuidv7() }, 404],
  ])('that cannot be (%o) is refused', async (json, status) => {
    const there = await travelling();
    expect((await ask(there, there.organiser, json)).status).toBe(status);
  });
});

describe('an answer', () => {
  it('of two companions at once has one outcome, the same for both, over HTTP and over sockets', async () => {
    const there = await travelling({ companions: 1 });
    const [a, b] = [there.organiser, there.others[0]!];
    const sockets = [await watch(there.trip.id, a.token), await watch(there.trip.id, b.token)];
    const { pivot } = await withOptions(there);
    const option_id = pivot.options[0]!.id;
    const { event_id } = pivot;
    const answers = await Promise.all([
      answer(there, a, event_id, { response: 'accept', option_id }),
      answer(there, b, event_id, { response: 'dismiss' }),
      sockets[0]!.ask({ type: 'dismiss', event_id }),
      sockets[1]!.ask({ type: 'accept', event_id, option_id }),
    ]);
    const outcomes = answers.map((given) => {
      const {
        response,
        option_id: taken,
        seq,
      } = 'status' in given
        ? given.body
        : { ...(given as { outcome: object }).outcome, seq: (given as { seq: number }).seq };
      return { response, taken, seq };
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    const resolutions = await Promise.all(
      sockets.map(async (socket) => {
        await socket.first('pivot_resolved');
        return socket.received.filter(({ type }) => type === 'pivot_resolved');
      }),
    );
    for (const seen of resolutions) expect(seen).toMatchObject([{ event_id, response: outcomes[0]!.response }]);
    for (const socket of sockets) socket.close();
  });

  it('of an option that there is not, or that no longer fits, changes nothing', async () => {
    const there = await travelling();
    const { pivot, slotId } = await withOptions(there);
    const unknown = await answer(there, there.organiser, pivot.event_id, { response: 'accept', option_id: uuidv7() });
    expect([unknown.status, unknown.body.code]).toEqual([422, 'option_not_found']);
    await call('PATCH', `/trips/${there.trip.id}/slots/${slotId}`, {
      token: there.organiser.token,
      json: { action: 'lock' },
    });
    const { seq } = await read(there);
    const option_id = pivot.options[0]!.id;
    const late = await answer(there, there.organiser, pivot.event_id, { response: 'accept', option_id });
    expect([late.status, late.body.code]).toEqual([409, 'option_no_longer_fits']);
    expect((await read(there)).seq).toBe(seq);
    expect((await answer(there, there.organiser, pivot.event_id, { response: 'dismiss' })).status).toBe(200);
  });

  it('after fifteen minutes is too late: by then the pivot counts as ignored, once', async () => {
    const there = await travelling();
    const socket = await watch(there.trip.id, there.organiser.token);
    const { pivot } = await withOptions(there);
    await there.stub.setClock(Date.parse(pivot.expires_at) + 1);
    const resolved = await socket.first('pivot_resolved');
    expect(resolved).toMatchObject({ event_id: pivot.event_id, response: 'ignore', by: null, option_id: null });
    await runDurableObjectAlarm(there.object);
    await runDurableObjectAlarm(there.object);
    const option_id = pivot.options[0]!.id;
    for (const json of [{ response: 'accept', option_id }, { response: 'dismiss' }]) {
      const late = await answer(there, there.organiser, pivot.event_id, json);
      expect([late.status, late.body.code]).toEqual([409, 'pivot_expired']);
    }
    expect(await socket.ask({ type: 'dismiss', event_id: pivot.event_id })).toMatchObject({ code: 'pivot_expired' });
    expect((await read(there)).seq).toBe(resolved.seq);
    // The clock going back brings nothing back.
    await there.stub.setClock(null);
    expect((await answer(there, there.organiser, pivot.event_id, { response: 'dismiss' })).status).toBe(409);
    socket.close();
  });

  it('to an ended trip is refused, and so is asking', async () => {
    const there = await travelling();
    const { pivot } = await withOptions(there);
    await call('PATCH', `/trips/${there.trip.id}`, { token: there.organiser.token, json: { status: 'cancelled' } });
    for (const refused of [
      await ask(there, there.organiser, { trigger: 'weather' }),
      await answer(there, there.organiser, pivot.event_id, { response: 'dismiss' }),
    ]) {
      expect([refused.status, refused.body.code]).toEqual([409, 'trip_ended']);
    }
  });
});

describe('what is logged', () => {
  it('is a row a pivot, with its answer, and a signal for asking and for answering', async () => {
    const there = await travelling();
    const { pivot, slotId } = await withOptions(there);
    const option_id = pivot.options[0]!.id;
    await answer(there, there.organiser, pivot.event_id, { response: 'accept', option_id });
    const actorKey = await actorKeyOf(there.organiser.id);
    await vi.waitFor(
      async () => {
        const [row] = await database.select().from(pivotEvents).where(eq(pivotEvents.id, pivot.event_id));
        expect(row).toMatchObject({
          tripId: there.trip.id,
          slotId,
          actorKey,
          trigger: 'venue_closed',
          source: 'fallback',
          response: 'accept',
          optionId: option_id,
          latencyMs: expect.any(Number),
        });
        expect(row?.options).toHaveLength(pivot.options.length);
        const signals = await database
          .select()
          .from(behavioralSignals)
          .where(eq(behavioralSignals.tripId, there.trip.id));
        const types = signals.filter(({ context }) => (context as { event_id?: string }).event_id === pivot.event_id);
        expect(types.map(({ signalType }) => signalType).sort()).toEqual(['pivot_accept', 'pivot_requested']);
      },
      { timeout: 15_000 },
    );
  });
});
