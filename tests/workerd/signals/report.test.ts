/** `POST /signals`: what is taken, what is not, and that 202 means "in the queue". */
import { env } from 'cloudflare:workers';
import { v4 as uuidv4, v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { call, newGuest, type Overrides } from '../api/client.ts';
import { signalsOf, type Travelling, travelling, UNREACHABLE } from './scene.ts';

let here: Travelling;
beforeAll(async () => {
  here = await travelling();
});

const hour = 3600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const signal = (fields: Record<string, unknown> = {}) => ({
  id: uuidv7(),
  type: 'slot_view',
  slot_id: here.slots[0]!.id,
  occurred_at: ago(1000),
  ...fields,
});

const report = (signals: unknown, overrides: Overrides = {}, token = here.guest.token) =>
  call('POST', '/signals', { token, json: { signals }, env: overrides });

/** A queue that keeps what it is sent. */
function keepingQueue() {
  const calls: MessageSendRequest[][] = [];
  const sendBatch = async (batch: MessageSendRequest[]) => void calls.push([...batch]);
  return { calls, overrides: { SIGNALS: { sendBatch } as unknown as Queue } };
}

describe('signals', () => {
  it('that are good are accepted, and are in the table soon after', async () => {
    const good = [signal({ time_to_action_ms: 900 }), signal({ type: 'thumbs_up', venue_id: here.slots[0]!.venue.id })];
    const answer = await report(good);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected: [] } });
    expect(answer.headers.get('x-model-version')).toBe('none');
    const ids = good.map(({ id }) => id);
    await vi.waitFor(
      async () => {
        const stored = (await signalsOf(here.actorKey)).map(({ id }) => id);
        expect(stored).toEqual(expect.arrayContaining(ids));
      },
      { timeout: 15_000 },
    );
  });

  it('that are bad are named by index, and do not hold up the good ones', async () => {
    const { calls, overrides } = keepingQueue();
    const good = [signal(), signal()];
    const { status, body } = await report([good[0], signal({ type: 'jump' }), good[1], null], overrides);
    expect(status).toBe(202);
    expect(body).toEqual({
      accepted: 2,
      rejected: [
        { index: 1, code: 'unknown_type', field: 'type' },
        { index: 3, code: 'invalid', field: 'signal' },
      ],
    });
    expect(calls.flat().map(({ body: sent }) => (sent as { id: string }).id)).toEqual(good.map(({ id }) => id));
  });

  it('that are all bad are refused, and nothing is sent', async () => {
    const { calls, overrides } = keepingQueue();
    const refused = await report([signal({ type: 'candidate_set_logged' }), {}], overrides);
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({
      code: 'no_valid_signal',
      rejected: [
        { index: 0, code: 'system_only', field: 'type' },
        { index: 1, code: 'required', field: 'id' },
      ],
    });
    expect(calls).toEqual([]);
  });

  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

  it.each<[string, () => Record<string, unknown>, string, string]>([
    ['a type of the system (candidates)', () => ({ type: 'candidate_set_logged' }), 'system_only', 'type'],
    ['a type of the system (pivot)', () => ({ type: 'pivot_requested' }), 'system_only', 'type'],
    ['a name that every object has for a type', () => ({ type: 'constructor' }), 'unknown_type', 'type'],
    ['no type', () => ({ type: undefined }), 'required', 'type'],
    ['an id that is none', () => ({ id: 'x' }), 'invalid', 'id'],
    ['an id of the kind that the server makes', () => ({ id: uuidv5('x', uuidv4()) }), 'id_reserved', 'id'],
    ['no time', () => ({ occurred_at: undefined }), 'required', 'occurred_at'],
    ['a time without an offset', () => ({ occurred_at: '2026-01-01T10:00:00' }), 'invalid', 'occurred_at'],
    ['a time to come', () => ({ occurred_at: ago(-6 * 60_000) }), 'in_future', 'occurred_at'],
    ['a time long ago', () => ({ occurred_at: ago(91 * 24 * hour) }), 'too_old', 'occurred_at'],
    ['a slot action without a slot', () => ({ slot_id: undefined }), 'required', 'slot_id'],
    ['a thumb for nothing', () => ({ type: 'thumbs_up', slot_id: undefined }), 'required', 'venue_id'],
    ['a swipe at nothing', () => ({ type: 'discovery_swipe' }), 'required', 'venue_id'],
    ['an answer to no pivot', () => ({ type: 'pivot_accept', slot_id: undefined }), 'required', 'trip_id'],
    ['an intention without a reason', () => ({ type: 'intention' }), 'required', 'reason'],
    ['a reason that no intention has', () => ({ type: 'intention', reason: 'bored' }), 'unknown_reason', 'reason'],
    ['a negative time to act', () => ({ time_to_action_ms: -1 }), 'invalid', 'time_to_action_ms'],
    ['an unknown field', () => ({ mood: 'good' }), 'unknown_field', 'mood'],
    ['a context that is a list', () => ({ context: [1] }), 'invalid', 'context'],
    ['a context too deep', () => ({ context: deep(5) }), 'too_deep', 'context'],
    ['a context a hundred thousand deep', () => ({ context: { a: 'DEEP' } }), 'too_deep', 'context'],
    ['a context too large', () => ({ context: { a: 'x'.repeat(4100) } }), 'too_large', 'context'],
    ['a context large in UTF-8', () => ({ context: { a: '語'.repeat(1500) } }), 'too_large', 'context'],
    ['a NUL', () => ({ context: { a: ['\0'] } }), 'not_storable', 'context'],
    ['half a character', () => ({ context: { '\ud800': 1 } }), 'not_storable', 'context'],
    ['a reason with a NUL', () => ({ reason: 'too\0far' }), 'not_storable', 'reason'],
  ])('are refused with %s', async (_, fields, code, field) => {
    const text = JSON.stringify({ signals: [signal(fields())] });
    const deepest = text.replace('"DEEP"', () => '['.repeat(100_000) + ']'.repeat(100_000));
    const refused = await call('POST', '/signals', {
      token: here.guest.token,
      body: deepest,
      headers: { 'content-type': 'application/json' },
    });
    expect(refused).toMatchObject({ status: 422, body: { rejected: [{ index: 0, code, field }] } });
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['a clock that runs four minutes fast', () => ({ occurred_at: ago(-4 * 60_000) })],
    ['a report of what happened offline 89 days ago', () => ({ occurred_at: ago(89 * 24 * hour) })],
    ['another offset', () => ({ occurred_at: new Date().toISOString().replace('Z', '+00:00') })],
    ['a slot named by trip and venue', () => ({ slot_id: undefined, trip_id: uuidv7(), venue_id: uuidv7() })],
    ['the names that the source documents use', () => ({ type: 'card_accepted' })],
    ['a reason of an intention', () => ({ type: 'intention', reason: 'group_conflict', slot_id: undefined })],
    ['a context four deep', () => ({ context: deep(4) })],
  ])('are taken with %s', async (_, fields) => {
    const { overrides } = keepingQueue();
    expect(await report([signal(fields())], overrides)).toMatchObject({ status: 202, body: { accepted: 1 } });
  });

  it('with an id twice are taken once', async () => {
    const { overrides } = keepingQueue();
    const one = signal();
    const { body } = await report([one, { ...one, id: one.id.toUpperCase() }], overrides);
    expect(body).toEqual({ accepted: 1, rejected: [{ index: 1, code: 'duplicate_id', field: 'id' }] });
  });

  it.each([
    ['none', 0],
    ['too many', 101],
  ])('are 1 to 100: %s', async (_, n) => {
    const refused = await report(Array.from({ length: n }, () => signal()));
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'signals' }] } });
  });

  it('fit into one request with all the context that each may have, and into what the queue takes in one call', async () => {
    const { calls, overrides } = keepingQueue();
    const full = Array.from({ length: 100 }, () => signal({ context: { note: 'x'.repeat(4080) } }));
    expect(await report(full, overrides)).toMatchObject({ status: 202, body: { accepted: 100, rejected: [] } });
    expect(calls.flat()).toHaveLength(100);
    expect(calls.length).toBeGreaterThan(1);
    for (const batch of calls) {
      expect(batch.length).toBeLessThanOrEqual(100);
      const bytes = batch.reduce((sum, { body }) => sum + new TextEncoder().encode(JSON.stringify(body)).length, 0);
      expect(bytes).toBeLessThan(256_000);
    }
  });

  it('that are more than that are refused', async () => {
    const refused = await report([signal({ context: { note: 'x'.repeat(600_000) } })]);
    expect(refused).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('are not accepted while the queue takes none', async () => {
    const broken = { sendBatch: async () => Promise.reject(new Error('down')) } as unknown as Queue;
    const answer = await report([signal()], { SIGNALS: broken });
    expect(answer).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
  });
});

describe('while Postgres is down', () => {
  it('signals are taken', async () => {
    const { overrides } = keepingQueue();
    expect((await report([signal()], { ...overrides, ...UNREACHABLE })).status).toBe(202);
  });

  it('they are taken also from who was last checked hours ago, and are checked again once Postgres is back', async () => {
    const { overrides } = keepingQueue();
    const guest = await newGuest();
    await call('GET', '/users/me', { token: guest.token });
    const entry = async () => {
      const { keys } = await env.CACHE.list<{ checkedAt: number }>({ prefix: 'user/' });
      for (const { name, metadata } of keys) {
        if ((await env.CACHE.get(name)) === guest.id) return { name, checkedAt: metadata?.checkedAt ?? 0 };
      }
      throw new Error('no entry');
    };
    const { name } = await entry();
    const stale = Date.now() - 5 * hour;
    await env.CACHE.put(name, guest.id, { metadata: { checkedAt: stale } });
    const down = { ...overrides, ...UNREACHABLE };
    expect((await report([signal()], down, guest.token)).status).toBe(202);
    expect((await entry()).checkedAt).toBe(stale);
    expect((await report([signal()], overrides, guest.token)).status).toBe(202);
    expect((await entry()).checkedAt).toBeGreaterThan(stale);
  });
});
