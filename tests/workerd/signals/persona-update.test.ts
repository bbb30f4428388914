/** The nightly job that learns from signals: incremental, resumable, safe to run twice. */
import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { nextLearners, storeLearned } from '../../../platform/database/persona-learning.ts';
import {
  behavioralSequences,
  behavioralSignals,
  jobRuns,
  personaDimensions,
  users,
} from '../../../platform/database/schema/index.ts';
import { venuesById } from '../../../platform/database/venues.ts';
import { type JobOf, SCHEDULED_JOBS } from '../../../platform/queue/jobs.ts';
import { learn } from '../../../queues/persona-update.ts';
import worker from '../../../worker/index.ts';
// @ts-expect-error: vite reads it as text.
import wranglerToml from '../../../wrangler.toml?raw';
import { call, database, newGuest, type Overrides } from '../api/client.ts';
import { adminToken, bodies, deliver, reported, type Travelling, travelling, UNREACHABLE } from './scene.ts';

let token: string;
beforeAll(async () => {
  token = await adminToken();
});

const NO_ENCODER = { encoderServes: false, seasonedUsers: 0 };

const stretch = (runId = uuidv7(), after: string | null = null): JobOf<'scheduled'> => ({
  v: 1,
  id: `${runId}:test`,
  kind: 'scheduled',
  name: 'persona-update',
  runId,
  trigger: 'admin',
  after,
});

/** Runs the job to its end, here and now; answers its run. */
async function runWhole(overrides: Overrides = {}) {
  const queued: JobOf<'scheduled'>[] = [stretch()];
  const { runId } = queued[0]!;
  const sendBatch = async (batch: MessageSendRequest<JobOf<'scheduled'>>[]) =>
    void queued.push(...batch.map((m) => m.body));
  for (let job = queued.shift(); job; job = queued.shift()) {
    const { acked } = await deliver('jobs', [{ id: 'j', body: job }], {
      ...overrides,
      JOBS: { sendBatch } as unknown as Queue,
    });
    expect(acked).toEqual(['j']);
  }
  return (await call('GET', `/admin/jobs/${runId}`, { token })).body;
}

async function personaOf(userId: string) {
  const [user] = await database.select().from(users).where(eq(users.id, userId));
  const values = await database.select().from(personaDimensions).where(eq(personaDimensions.userId, userId));
  return {
    embedding: user?.personaEmbedding,
    dimensions: Object.fromEntries(values.map(({ dimension, value }) => [dimension, value])),
    sources: new Set(values.map(({ source }) => source)),
  };
}

async function sequenceOf(actorKey: string) {
  const [row] = await database.select().from(behavioralSequences).where(eq(behavioralSequences.actorKey, actorKey));
  return row;
}

/** Accepts all slots but the first, which is skipped. */
async function act({ guest, slots }: Travelling, from = 0, to = slots.length) {
  const start = Date.now() - 3600_000;
  const signals = slots.slice(from, to).map(({ id }, i) =>
    reported(guest.id, {
      type: from + i === 0 ? 'slot_skip' : 'slot_accept',
      slotId: id,
      occurredAt: new Date(start + (from + i) * 1000).toISOString(),
    }),
  );
  await deliver('signals', bodies(signals));
  return signals;
}

describe('the nightly job', () => {
  it('moves the persona, its embedding and the sequence of whoever did something, and makes them warm', async () => {
    const traveller = await travelling({ days: 8 });
    expect(traveller.slots.length).toBeGreaterThan(24);
    const bystander = await newGuest();
    const before = await personaOf(traveller.guest.id);
    const still = await personaOf(bystander.id);
    await act(traveller);
    const run = await runWhole();
    expect(run).toMatchObject({ name: 'persona-update', status: 'done', error: null });
    expect(run.progress.users).toBeGreaterThan(0);
    const after = await personaOf(traveller.guest.id);
    expect(after.embedding).toHaveLength(128);
    expect(after.embedding).not.toEqual(before.embedding);
    expect(Math.hypot(...after.embedding!)).toBeCloseTo(1, 5);
    expect(after.sources).toEqual(new Set(['signals']));
    for (const value of Object.values(after.dimensions)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
    const sequence = await sequenceOf(traveller.actorKey);
    expect(sequence?.sequence.map(({ venue_id, accepted }) => [venue_id, accepted])).toEqual(
      traveller.slots.map(({ venue }, i) => [venue.id, i !== 0]),
    );
    expect((await call('GET', '/users/me/persona', { token: traveller.guest.token })).body.state).toBe('warm');
    expect(await personaOf(bystander.id)).toEqual(still);
  });

  it('changes nothing when it runs again, and learns only what is new', async () => {
    const traveller = await travelling({ days: 2 });
    await act(traveller, 0, 4);
    await runWhole();
    const once = { persona: await personaOf(traveller.guest.id), sequence: await sequenceOf(traveller.actorKey) };
    await runWhole();
    expect({ persona: await personaOf(traveller.guest.id), sequence: await sequenceOf(traveller.actorKey) }).toEqual(
      once,
    );

    // What happened earlier and came later takes its place in the sequence.
    await act(traveller, 4, 6);
    const early = reported(traveller.guest.id, {
      slotId: traveller.slots[6]!.id,
      occurredAt: new Date(Date.now() - 86_400_000).toISOString(),
    });
    await deliver('signals', bodies([early]));
    await runWhole();
    const twice = await sequenceOf(traveller.actorKey);
    const order = [6, 0, 1, 2, 3, 4, 5].map((i) => traveller.slots[i]!.venue.id);
    expect(twice?.sequence.map(({ venue_id }) => venue_id)).toEqual(order);
    expect((await personaOf(traveller.guest.id)).embedding).not.toEqual(once.persona.embedding);
  });

  it('learns the same in one run as in several, from the same signals in the same order', async () => {
    const [one, other] = [await travelling({ days: 2 }), await travelling({ days: 2 })];
    expect(one.slots.map(({ venue }) => venue.id)).toEqual(other.slots.map(({ venue }) => venue.id));
    await act(one, 0, 6);
    await runWhole();
    for (const i of [0, 2, 4]) {
      await act(other, i, i + 2);
      await runWhole();
    }
    const [whole, parts] = [await personaOf(one.guest.id), await personaOf(other.guest.id)];
    for (const [name, value] of Object.entries(whole.dimensions)) expect(parts.dimensions[name]).toBeCloseTo(value, 9);
  });

  it('teaches nobody twice when two runs meet, or one breaks off', async () => {
    const traveller = await travelling();
    await act(traveller);
    const mine = async () => {
      const all = await nextLearners(database, null, 1000);
      const found = all.find(({ userId }) => userId === traveller.guest.id)!;
      return learn(
        found,
        await venuesById(
          database,
          traveller.slots.map(({ venue }) => venue.id),
        ),
        NO_ENCODER,
      );
    };
    const [first, second] = [await mine(), await mine()];
    // Both at the time of the last change: nothing but the watermark tells them apart.
    const [user] = await database.select().from(users).where(eq(users.id, traveller.guest.id));
    const now = user!.updatedAt;
    const stored = await Promise.all([storeLearned(database, [first], now), storeLearned(database, [second], now)]);
    expect(stored.flat()).toEqual([traveller.guest.id]);
    const after = await personaOf(traveller.guest.id);
    for (const [name, value] of Object.entries(first.dimensions)) expect(after.dimensions[name]).toBeCloseTo(value, 9);
  });

  it('yields to a change of tags that overtakes it, and learns the next time', async () => {
    const traveller = await travelling();
    await act(traveller);
    const all = await nextLearners(database, null, 1000);
    const found = all.find(({ userId }) => userId === traveller.guest.id)!;
    const learned = learn(
      found,
      await venuesById(
        database,
        traveller.slots.map(({ venue }) => venue.id),
      ),
      NO_ENCODER,
    );
    await call('PATCH', '/users/me', { token: traveller.guest.token, json: { onboarding_tags: { pace: 'slow' } } });
    const changed = await personaOf(traveller.guest.id);
    expect(await storeLearned(database, [learned], new Date())).toEqual([]);
    expect(await personaOf(traveller.guest.id)).toEqual(changed);
    await runWhole();
    expect(await personaOf(traveller.guest.id)).not.toEqual(changed);
  });

  it('goes on after an outage where it was, and is done once', async () => {
    const traveller = await travelling();
    await act(traveller);
    const job = stretch();
    expect(await deliver('jobs', [{ id: 'j', body: job }], UNREACHABLE)).toMatchObject({ retried: ['j'], dead: [] });
    expect(await deliver('jobs', [{ id: 'j', body: job, attempts: 2 }])).toMatchObject({ acked: ['j'] });
    const learned = await sequenceOf(traveller.actorKey);
    expect(learned?.sequence.length).toBe(traveller.slots.length);
    expect(await deliver('jobs', [{ id: 'j', body: job, attempts: 3 }])).toMatchObject({ acked: ['j'] });
    expect(await sequenceOf(traveller.actorKey)).toEqual(learned);
  });

  it('takes more users than one stretch holds, each once', async () => {
    const template = await travelling();
    const guests = await Promise.all(Array.from({ length: 60 }, () => newGuest()));
    const venueId = template.slots[0]!.venue.id;
    await deliver('signals', bodies(guests.map(({ id }) => reported(id, { type: 'thumbs_up', venueId }))));
    const run = await runWhole();
    expect(run.status).toBe('done');
    expect(run.progress.users).toBeGreaterThanOrEqual(60);
    for (const { id } of guests) expect((await personaOf(id)).sources).toEqual(new Set(['signals']));
  });

  it('hears of one act once, also where object and client tell of it, and of backfill for what it weighs', async () => {
    const traveller = await travelling();
    const { guest, slots, actorKey } = traveller;
    const slotId = slots[0]!.id;
    await deliver('signals', bodies([1, 2, 3].map(() => reported(guest.id, { slotId }))));
    await runWhole();
    expect((await sequenceOf(actorKey))?.sequence).toHaveLength(1);
    await database.insert(behavioralSignals).values({
      id: uuidv7(),
      actorKey,
      signalType: 'slot_accept',
      activityNodeId: slots[1]!.venue.id,
      weight: 0.3,
      source: 'backfill_tier_1',
      modelVersion: 'none',
      occurredAt: new Date(),
    });
    const before = await personaOf(guest.id);
    await runWhole();
    expect((await sequenceOf(actorKey))?.sequence).toHaveLength(2);
    expect(await personaOf(guest.id)).not.toEqual(before);
    expect((await call('GET', '/users/me/persona', { token: guest.token })).body.counting_signals).toBe(1);
  });
});

describe('operators', () => {
  it('run it now, and see how it goes', async () => {
    const started = await call('POST', '/admin/jobs/persona-update', { token });
    expect(started).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    const { id } = started.body;
    expect(started.headers.get('location')).toBe(`/api/v1/admin/jobs/${id}`);
    await vi.waitFor(
      async () => {
        const { body } = await call('GET', `/admin/jobs/${id}`, { token });
        expect(body).toMatchObject({ id, name: 'persona-update', trigger: 'admin', status: 'done', error: null });
        expect(Date.parse(body.finished_at)).toBeGreaterThanOrEqual(Date.parse(body.created_at));
      },
      { timeout: 20_000, interval: 250 },
    );
  });

  it('see a run that could not be queued fail', async () => {
    const broken = { sendBatch: async () => Promise.reject(new Error('the queue is down')) } as unknown as Queue;
    const failed = await call('POST', '/admin/jobs/persona-update', { token, env: { JOBS: broken } });
    expect(failed.status).toBe(500);
    const { rows } = await database.execute<{ status: string; error: string }>(
      sql`select status, error from job_runs order by created_at desc, id desc limit 1`,
    );
    expect(rows[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('the queue is down') });
  });

  it('are told of jobs and runs that there are not, and are the only ones who may', async () => {
    const unknown = await call('POST', '/admin/jobs/make-coffee', { token });
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 'unknown_job', errors: [{ known: [...SCHEDULED_JOBS] }] },
    });
    expect((await call('GET', `/admin/jobs/${uuidv7()}`, { token })).status).toBe(404);
    const guest = await newGuest();
    expect((await call('POST', '/admin/jobs/persona-update', { token: guest.token })).status).toBe(403);
    expect((await call('GET', `/admin/jobs/${uuidv7()}`, { token: guest.token })).status).toBe(403);
  });
});

describe('the clock', () => {
  const cron = '17 3 * * *';

  it('starts it nightly, once, even where it strikes twice', async () => {
    expect(wranglerToml).toContain(`"${cron}"`);
    const queued: JobOf<'scheduled'>[] = [];
    const sendBatch = async (batch: MessageSendRequest<JobOf<'scheduled'>>[]) =>
      void queued.push(...batch.map((m) => m.body).filter(({ name }) => name === 'persona-update'));
    const scheduledTime = new Date('2026-12-01T03:17:00Z');
    for (let i = 0; i < 2; i++) {
      const controller = createScheduledController({ cron, scheduledTime });
      await worker.scheduled(controller, { ...env, JOBS: { sendBatch } as unknown as Queue });
    }
    expect(queued).toHaveLength(2);
    expect(queued[0]).toEqual(queued[1]);
    expect(queued[0]).toMatchObject({ kind: 'scheduled', name: 'persona-update', trigger: 'cron', after: null });
    await deliver(
      'jobs',
      queued.map((body) => ({ body })),
    );
    const runs = await database.select().from(jobRuns).where(eq(jobRuns.id, queued[0]!.runId));
    expect(runs).toMatchObject([{ trigger: 'cron', status: 'done' }]);
  });

  it('that strikes for nobody says so', async () => {
    const controller = createScheduledController({ cron: '0 0 1 1 *', scheduledTime: new Date() });
    await expect(worker.scheduled(controller, env)).rejects.toThrow('0 0 1 1 *');
  });
});
