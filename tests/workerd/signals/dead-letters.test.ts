/** What cannot be handled: the dead-letter queues, their table, and what operators do with it. */
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { deadLetters, users } from '../../../platform/database/schema/index.ts';
import { MAX_RETRIES } from '../../../platform/queue/delivery.ts';
import { call, database, newGuest, type Overrides } from '../api/client.ts';
import { adminToken, bodies, deliver, reported, signalsOf, travelling, UNREACHABLE } from './scene.ts';

let token: string;
beforeAll(async () => {
  token = await adminToken();
});
afterEach(() => vi.restoreAllMocks());

const get = (path: string) => call('GET', path, { token });
const lettersOf = (userId: string) => database.select().from(deadLetters).where(eq(deadLetters.userId, userId));

/** A dead letter of a signal that no table can hold. */
async function poisoned() {
  const { guest, slots, actorKey } = await travelling();
  const body = reported(guest.id, { slotId: slots[0]!.id, context: { note: 'a\0b' } });
  const { dead } = await deliver('signals', [{ id: uuidv7(), body }]);
  await deliver('signals-dead', [{ id: uuidv7(), body: dead[0] }]);
  const [letter] = await lettersOf(guest.id);
  return { guest, actorKey, body, dead: dead[0]!, letter: letter! };
}

/** Counts what the local stop waits for: messages sent and not settled. */
function openMessages() {
  let open = 0;
  vi.spyOn(console, 'log').mockImplementation((line) => {
    const { event, n } = String(line).startsWith('{') ? JSON.parse(line) : {};
    if (event === 'queue_sent') open += n;
    if (event === 'queue_settled') open -= n;
  });
  return () => open;
}

/** A queue that keeps what it is sent. */
function keepingQueue() {
  const sent: unknown[] = [];
  const sendBatch = async (batch: MessageSendRequest[]) => void sent.push(...batch.map(({ body }) => body));
  return { sent, queue: { sendBatch } as unknown as Queue };
}

describe('a message that is given up', () => {
  it("comes to rest in the table by way of the queue, without anybody's help", async () => {
    const { guest, slots } = await travelling();
    await env.SIGNALS.send(reported(guest.id, { slotId: slots[0]!.id, context: { note: 'a\0b' } }));
    await vi.waitFor(async () => expect(await lettersOf(guest.id)).toHaveLength(1), { timeout: 20_000, interval: 250 });
    const [letter] = await lettersOf(guest.id);
    expect(letter).toMatchObject({ queue: 'signals', reason: 'not_storable', attempts: 1, replayedAt: null });
  });

  it('is there once with queue, reason, detail and its whole body, however often it comes', async () => {
    const { guest, body, dead, letter } = await poisoned();
    await deliver('signals-dead', [{ body: dead }, { body: dead }]);
    expect(await lettersOf(guest.id)).toEqual([letter]);
    const { status, body: shown } = await get(`/admin/dead-letters/${letter.id}`);
    expect(status).toBe(200);
    expect(shown).toEqual({
      id: letter.id,
      queue: 'signals',
      reason: 'not_storable',
      detail: expect.stringMatching(/unicode/i),
      attempts: 1,
      failed_at: letter.failedAt.toISOString(),
      replayed_at: null,
      body,
    });
  });

  it('by the queue itself, after all retries, is there as it was', async () => {
    const { guest, slots } = await travelling();
    const body = reported(guest.id, { slotId: slots[0]!.id });
    await deliver('signals-dead', [{ id: uuidv7(), body }]);
    const [letter] = await lettersOf(guest.id);
    expect(letter).toMatchObject({ queue: 'signals', reason: 'retries_exhausted' });
    expect(JSON.parse(letter!.body)).toEqual(body);
  });

  it('waits while Postgres is down', async () => {
    const { guest, dead } = await poisoned();
    await database.delete(deadLetters).where(eq(deadLetters.userId, guest.id));
    const down = await deliver('signals-dead', [{ id: 'x', body: dead }], UNREACHABLE);
    expect(down).toMatchObject({ acked: [], retried: ['x'] });
    expect((await deliver('signals-dead', [{ id: 'x', body: dead, attempts: 9 }])).acked).toEqual(['x']);
    expect(await lettersOf(guest.id)).toHaveLength(1);
  });

  it('is not kept once the person is gone', async () => {
    const { guest, dead } = await poisoned();
    await database.delete(deadLetters).where(eq(deadLetters.userId, guest.id));
    await database.update(users).set({ deletedAt: new Date() }).where(eq(users.id, guest.id));
    expect((await deliver('signals-dead', [{ id: 'x', body: dead }])).acked).toEqual(['x']);
    expect(await lettersOf(guest.id)).toEqual([]);
  });
});

describe('a job', () => {
  const hopeless = { v: 1, id: 'x', kind: 'project_trip', tripId: 'seattle' };

  it('that fails although nothing is down is given up after six attempts, with what went wrong', async () => {
    for (const attempts of [1, 5]) {
      expect(await deliver('jobs', [{ id: 'j', body: hopeless, attempts }])).toMatchObject({
        retried: ['j'],
        dead: [],
      });
    }
    const { acked, dead } = await deliver('jobs', [{ id: uuidv7(), body: hopeless, attempts: 6 }]);
    expect(acked).toHaveLength(1);
    expect(dead).toMatchObject([{ reason: 'malformed', attempts: 6, body: hopeless }]);
    await deliver('jobs-dead', [{ body: dead[0] }]);
    const { body } = await get('/admin/dead-letters?queue=jobs&limit=1');
    expect(body.dead_letters).toMatchObject([{ queue: 'jobs', reason: 'malformed', attempts: 6 }]);
  });

  it('is retried through an outage, later each time, and never given up for it', async () => {
    // This one asks Postgres first.
    const job = { v: 1, id: 'x', kind: 'delete_trip', tripId: uuidv7() };
    for (const [attempts, delay] of [
      [1, 2],
      [6, 64],
      [50, 3600],
      [MAX_RETRIES, 3600],
    ] as const) {
      const result = await deliver('jobs', [{ id: 'j', body: job, attempts }], UNREACHABLE);
      expect(result).toMatchObject({ acked: [], retried: ['j'], delays: [delay], dead: [] });
    }
    expect((await deliver('jobs', [{ id: 'j', body: job, attempts: 51 }])).acked).toEqual(['j']);
  });
});

describe('operators', () => {
  it('read the list page by page, newest first, by queue and by whether it was sent again', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push((await poisoned()).letter.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await get(`/admin/dead-letters?queue=signals&open=true&limit=2${at}`);
      expect(body.dead_letters.length).toBeLessThanOrEqual(2);
      for (const letter of body.dead_letters) {
        expect(Object.keys(letter)).not.toContain('body');
        seen.push(letter.id);
      }
      cursor = body.next_cursor;
    } while (cursor !== null && seen.length < 200);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => made.includes(id))).toEqual([...made].reverse());

    await call('POST', `/admin/dead-letters/${made[0]}/replay`, { token });
    const { body } = await get('/admin/dead-letters?open=true&limit=100');
    expect(body.dead_letters.map(({ id }: { id: string }) => id)).not.toContain(made[0]);
  });

  it('send a message again, once, and it is handled as if it came the first time', async () => {
    const { guest, slots, actorKey } = await travelling();
    const body = reported(guest.id, { slotId: slots[0]!.id });
    await deliver('signals-dead', [{ id: uuidv7(), body }]);
    const [letter] = await lettersOf(guest.id);
    const { sent, queue } = keepingQueue();
    const replay = (overrides: Overrides = { SIGNALS: queue }) =>
      call('POST', `/admin/dead-letters/${letter!.id}/replay`, { token, env: overrides });
    const first = await replay();
    expect(first).toMatchObject({ status: 202, body: { id: letter!.id, replayed_at: expect.any(String) } });
    expect((await replay()).body).toEqual(first.body);
    expect(sent).toEqual([body]);
    await deliver('signals', bodies([body]));
    expect(await signalsOf(actorKey)).toMatchObject([{ id: body.id, counts: true }]);
  });

  it('find it not sent where the queue did not take it', async () => {
    const { letter } = await poisoned();
    const broken = { sendBatch: async () => Promise.reject(new Error('down')) } as unknown as Queue;
    const failed = await call('POST', `/admin/dead-letters/${letter.id}/replay`, { token, env: { SIGNALS: broken } });
    expect(failed.status).toBe(500);
    expect((await get(`/admin/dead-letters/${letter.id}`)).body.replayed_at).toBeNull();
  });

  it('are told of what is not there, and are the only ones to see any of it', async () => {
    const { letter } = await poisoned();
    expect((await get(`/admin/dead-letters/${uuidv7()}`)).status).toBe(404);
    expect((await call('POST', `/admin/dead-letters/${uuidv7()}/replay`, { token })).status).toBe(404);
    const guest = await newGuest();
    for (const path of ['/admin/dead-letters', `/admin/dead-letters/${letter.id}`]) {
      expect((await call('GET', path, { token: guest.token })).status).toBe(403);
    }
    const replay = await call('POST', `/admin/dead-letters/${letter.id}/replay`, { token: guest.token });
    expect(replay.status).toBe(403);
  });
});

describe('the count of open messages', () => {
  it('is right when messages are sent, stored, retried, given up and laid to rest', async () => {
    const { guest, slots } = await travelling();
    const { sent, queue } = keepingQueue();
    const overrides = { SIGNALS: queue, SIGNALS_DEAD: queue, JOBS_DEAD: queue };
    const open = openMessages();
    const signals = [1, 2, 3].map(() => ({
      id: uuidv7(),
      type: 'slot_view',
      slot_id: slots[0]!.id,
      occurred_at: new Date().toISOString(),
    }));
    await call('POST', '/signals', { token: guest.token, json: { signals }, env: overrides });
    expect(open()).toBe(3);
    const [one, two, three] = sent.splice(0);
    const poison = { ...(three as object), context: { note: '\0' } };
    const batch = [one, two, poison].map((body, i) => ({ id: uuidv7() + i, body }));
    await deliver('signals', batch, { ...overrides, ...UNREACHABLE });
    expect(open()).toBe(3);
    await deliver('signals', batch, overrides);
    // The poison is in the dead-letter queue now.
    expect(open()).toBe(1);
    await deliver('signals-dead', [{ id: uuidv7(), body: sent[0] }], UNREACHABLE);
    expect(open()).toBe(1);
    await deliver('signals-dead', [{ id: uuidv7(), body: sent[0] }]);
    expect(open()).toBe(0);
  });

  it('stays while the queue itself moves a message to its dead-letter queue', async () => {
    const open = openMessages();
    const job = { id: uuidv7(), body: {}, attempts: MAX_RETRIES + 1 };
    expect((await deliver('jobs', [job])).retried).toHaveLength(1);
    expect(open()).toBe(0);
    await deliver('jobs-dead', [{ ...job, attempts: 1 }]);
    expect(open()).toBe(-1);
  });
});
