/** Trainings on an operator's word and by the clock. Nothing trains here: the jobs are looked at, and led on by hand. */
import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { inArray, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TRAINABLE } from '../../../models/configs.ts';
import { listModelVersions, registerModel } from '../../../platform/database/model-registry.ts';
import { behavioralSignals, idempotencyKeys, trainingJobs } from '../../../platform/database/schema/index.ts';
import {
  failTraining,
  finishTraining,
  heartbeat,
  leaseTraining,
  queueTraining,
} from '../../../platform/database/training-jobs.ts';
import type { JobOf } from '../../../platform/queue/jobs.ts';
import worker from '../../../worker/index.ts';
// @ts-expect-error: vite reads it as text.
import wranglerToml from '../../../wrangler.toml?raw';
import { call, database, newGuest, type Overrides } from '../api/client.ts';
import { adminToken, deliver } from '../signals/scene.ts';

const MODELS = [...TRAINABLE.keys()];
const MINUTE = 60_000;
const DEVELOPMENT: Overrides = { ENVIRONMENT: 'development' };

let token: string;
beforeAll(async () => {
  token = await adminToken();
});
beforeEach(async () => {
  await database.execute(sql`truncate training_jobs`);
  // Other files have versions of other models there.
  await database.execute(sql`delete from model_registry where model_name in ('bpr', 'sasrec')`);
});

const asked = (json: unknown, headers: Record<string, string> = {}) =>
  call('POST', '/admin/train', { token, json, headers });
const told = async (id: string) => (await call('GET', `/admin/train/${id}`, { token })).body;
const jobs = () => database.select().from(trainingJobs).orderBy(trainingJobs.createdAt, trainingJobs.modelName);

describe('POST /admin/train', () => {
  it('queues a training, and says where it can be followed', async () => {
    const answer = await asked({ model: 'bpr', config: { width: 16 }, seed: 7, split: 'time' });
    expect(answer).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    expect(answer.headers.get('location')).toBe(`/api/v1/admin/train/${answer.body.id}`);
    expect(await told(answer.body.id)).toEqual({
      ...{ id: answer.body.id, model: 'bpr', config: { width: 16 }, seed: 7, split: 'time', status: 'queued' },
      ...{ attempts: 0, progress: null, error: null, result: null, started_at: null, finished_at: null },
      created_at: expect.any(String),
    });
    const { body } = await asked({ model: 'dlrm' });
    expect(await told(body.id)).toMatchObject({ config: {}, seed: 1, split: 'leave-one-out' });
  });

  it.each([
    [{ model: 'bpr', config: { width: 0 } }, 'config.width'],
    [{ model: 'bpr', config: { widht: 8 } }, 'config.widht'],
    [{ model: 'dlrm', config: { top: [64, 'x'] } }, 'config.top.1'],
    [{ model: 'bpr', config: [] }, 'config'],
    [{ model: 'bpr', config: null }, 'config'],
    [{ model: 'bpr', seed: -1 }, 'seed'],
    [{ model: 'bpr', seed: 2 ** 31 }, 'seed'],
    [{ model: 'bpr', seed: 0.5 }, 'seed'],
    [{ model: 'bpr', split: 'archetype' }, 'split'],
    [{ model: 'bpr', data: '/etc' }, 'data'],
    [{ model: 7 }, 'model'],
    [{}, 'model'],
    [undefined, 'body'],
  ])('refuses %j and names %s', async (json, field) => {
    const refused = await call('POST', '/admin/train', {
      token,
      ...(json === undefined ? { body: 'null', headers: { 'content-type': 'application/json' } } : { json }),
    });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(await jobs()).toEqual([]);
  });

  it('names the models that there are where it is asked for another', async () => {
    expect(await asked({ model: 'gpt' })).toMatchObject({
      status: 400,
      body: { code: 'unknown_model', errors: [{ field: 'model', known: MODELS }] },
    });
  });

  it('queues once for one Idempotency-Key, also for ten at once', async () => {
    const [key, request] = [uuidv7(), { model: 'bpr', config: { width: 8, epochs: 3 } }];
    const answers = await Promise.all(Array.from({ length: 10 }, () => asked(request, { 'idempotency-key': key })));
    const first = answers[0]!;
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 202, body: first.body });
    const retry = await asked({ config: { epochs: 3, width: 8 }, model: 'bpr', seed: 1 }, { 'idempotency-key': key });
    expect(retry.body).toEqual(first.body);
    expect(retry.headers.get('idempotent-replayed')).toBe('true');
    expect(retry.headers.get('location')).toBe(first.headers.get('location'));
    expect(await jobs()).toHaveLength(1);
    expect(await database.$count(idempotencyKeys, sql`key = ${key}`)).toBe(1);

    const other = await asked({ ...request, seed: 2 }, { 'idempotency-key': key });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    await asked(request);
    expect(await jobs()).toHaveLength(2);
  });
});

describe('GET /admin/train', () => {
  it('follows a training from the queue to its version', async () => {
    const { id } = (await asked({ model: 'bpr' })).body;
    const lease = crypto.randomUUID();
    await leaseTraining(database, { lease, leaseMs: MINUTE });
    const progress = { phase: 'training', epoch: 4, epochs: 100, loss: 0.52, validation: 0.11 } as const;
    await heartbeat(database, { id, lease }, MINUTE, progress);
    expect(await told(id)).toMatchObject({ status: 'running', attempts: 1, progress, started_at: expect.any(String) });

    const metrics = { 'ndcg@10': { value: 0.12, interval: { lower: 0.1, upper: 0.14 } } };
    const result = { version: 'abc', artifact_path: 'bpr/abc', metrics, lineage: ['user_behavioral'] };
    const row = { id: uuidv7(), modelName: 'bpr', version: 'abc', artifactPath: 'bpr/abc', trainingDate: new Date() };
    await finishTraining(database, { id, lease }, result, { ...row, metrics, lineage: ['user_behavioral'] });
    expect(await told(id)).toMatchObject({ status: 'done', result, finished_at: expect.any(String) });
  });

  it('says why one failed', async () => {
    const { id } = (await asked({ model: 'bpr' })).body;
    const lease = crypto.randomUUID();
    await leaseTraining(database, { lease, leaseMs: MINUTE });
    await failTraining(database, { id, lease }, { error: 'too little data', final: true });
    expect(await told(id)).toMatchObject({ status: 'failed', error: 'too little data', result: null });
  });

  it('lists them newest first, by status, page by page', async () => {
    const ids: string[] = [];
    for (const model of MODELS.slice(0, 3)) ids.unshift((await asked({ model })).body.id);
    await leaseTraining(database, { lease: crypto.randomUUID(), leaseMs: MINUTE });
    const listed = async (query: string) => (await call('GET', `/admin/train?${query}`, { token })).body;
    const first = await listed('limit=2');
    const rest = await listed(`limit=2&cursor=${first.next_cursor}`);
    expect([...first.trainings, ...rest.trainings].map(({ id }) => id)).toEqual(ids);
    expect(rest.next_cursor).toBeNull();
    expect((await listed('status=running')).trainings.map(({ id }: { id: string }) => id)).toEqual([ids[2]]);
    expect((await call('GET', '/admin/train?status=asleep', { token })).body.errors).toMatchObject([
      { field: 'status' },
    ]);
  });

  it('knows no other', async () => {
    expect((await call('GET', `/admin/train/${uuidv7()}`, { token })).body.code).toBe('training_not_found');
    expect((await call('GET', '/admin/train/7', { token })).status).toBe(400);
  });
});

describe('GET /admin/model-registry', () => {
  it('lists versions with metrics, lineage and status, by name, page by page', async () => {
    const metrics = { mrr: { value: 0.2, interval: null } };
    for (const [i, [modelName, version]] of [
      ['bpr', 'one'],
      ['bpr', 'two'],
      ['sasrec', 'one'],
    ].entries()) {
      const row = { id: uuidv7(), modelName: modelName!, version: version!, artifactPath: `${modelName}/${version}` };
      const trainingDate = new Date(Date.UTC(2027, 0, 4, 5, i));
      await registerModel(database, { ...row, trainingDate, metrics, lineage: ['synthetic_agent_v1'] });
    }
    expect(await listModelVersions(database, { name: 'bpr', limit: 9, after: null })).toHaveLength(2);
    const listed = async (query: string) => (await call('GET', `/admin/model-registry?${query}`, { token })).body;
    const first = await listed('name=bpr&limit=1');
    expect(first.versions).toEqual([
      {
        ...{ name: 'bpr', version: 'two', status: 'registered', metrics, lineage: ['synthetic_agent_v1'] },
        ...{ artifact_path: 'bpr/two', trained_at: '2027-01-04T05:01:00.000Z', promoted_at: null },
        ...{ shadow_since: null, canary_since: null },
        created_at: '2027-01-04T05:01:00.000Z',
      },
    ]);
    const rest = await listed(`name=bpr&limit=1&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ versions: [{ version: 'one' }], next_cursor: null });
    expect((await listed('')).versions.map(({ name }: { name: string }) => name)).toContain('sasrec');
    expect(await listed('name=nobody')).toEqual({ versions: [], next_cursor: null });
    expect((await call('GET', '/admin/model-registry?limit=0', { token })).status).toBe(400);
  });
});

/** Enough for BPR, of a simulated traveller. */
async function simulated(count: number): Promise<void> {
  const rows = Array.from({ length: count }, () => ({
    ...{ id: uuidv7(), actorKey: uuidv7(), signalType: 'slot_accept', activityNodeId: uuidv7(), weight: 1 },
    ...{ source: 'synthetic_agent_v1', synthetic: true, modelVersion: 'none', occurredAt: new Date() },
  }));
  await database.insert(behavioralSignals).values(rows);
  return void cleanups.push(() =>
    database.delete(behavioralSignals).where(
      inArray(
        behavioralSignals.id,
        rows.map(({ id }) => id),
      ),
    ),
  );
}
const cleanups: (() => PromiseLike<unknown>)[] = [];
beforeEach(() => async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

describe('GET /admin/readiness', () => {
  it('counts warm travellers alone outside development, and says what it counted', async () => {
    await simulated(500);
    const outside = (await call('GET', '/admin/readiness', { token })).body;
    expect(outside).toMatchObject({ environment: 'test', counted: 'warm_users' });
    expect(outside.models.map(({ model }: { model: string }) => model)).toEqual(MODELS);
    const inside = (await call('GET', '/admin/readiness', { token, env: DEVELOPMENT })).body;
    expect(inside).toMatchObject({ environment: 'development', counted: 'all_rows' });
    for (const { model, unit, needed, found, missing, ready, ...rest } of [...outside.models, ...inside.models]) {
      expect({ unit, needed }, model).toEqual({
        unit: TRAINABLE.get(model)!.minimum.unit,
        needed: TRAINABLE.get(model)!.minimum.count,
      });
      expect({ missing, ready }, model).toEqual({ missing: Math.max(0, needed - found), ready: found >= needed });
      expect(Object.keys(rest)).toEqual(['found_warm_users']);
    }
    const bpr = (from: typeof inside) => from.models.find(({ model }: { model: string }) => model === 'bpr');
    expect(bpr(inside).found - bpr(outside).found).toBeGreaterThanOrEqual(500);
    expect(bpr(inside)).toMatchObject({ ready: true, missing: 0 });
    expect(bpr(outside)).toMatchObject({ ready: false });
  });
});

const catching = (sent: JobOf<'scheduled'>[]) =>
  ({
    sendBatch: async (batch: MessageSendRequest<JobOf<'scheduled'>>[]) =>
      void sent.push(...batch.map(({ body }) => body)),
  }) as unknown as Queue;

describe('every week', () => {
  const [, cron] = /crons = \[.*"([^"]+MON)"/.exec(wranglerToml) ?? [];
  const struck = async (scheduledTime: Date) => {
    const sent: JobOf<'scheduled'>[] = [];
    const controller = createScheduledController({ cron: cron!, scheduledTime });
    await worker.scheduled(controller, { ...env, JOBS: catching(sent) });
    return sent[0]!;
  };

  it('on Monday morning the models that are ready are queued, once', async () => {
    expect(cron).toBe('23 4 * * MON');
    await simulated(500);
    const job = await struck(new Date('2027-01-04T04:23:00Z'));
    expect(job).toMatchObject({ kind: 'scheduled', name: 'weekly-training', trigger: 'cron' });
    for (let i = 0; i < 2; i++) {
      const { acked } = await deliver('jobs', [{ id: 'j', body: job }], DEVELOPMENT);
      expect(acked).toEqual(['j']);
    }
    // Other tests' travellers may make more models ready meanwhile.
    const ofBpr = async () => (await jobs()).filter(({ modelName }) => modelName === 'bpr').length;
    expect(await ofBpr()).toBe(1);
    expect((await jobs()).every(({ seed, split }) => seed === 1 && split === 'leave-one-out')).toBe(true);

    // Taken by a trainer in the meantime, and delivered again: the same training is not queued twice.
    while (await leaseTraining(database, { lease: uuidv7(), leaseMs: MINUTE }));
    await deliver('jobs', [{ body: job }], DEVELOPMENT);
    expect(await ofBpr()).toBe(1);
    // The next week it is another one.
    await deliver('jobs', [{ body: await struck(new Date('2027-01-11T04:23:00Z')) }], DEVELOPMENT);
    expect(await ofBpr()).toBe(2);
  });

  it('outside development nothing is queued of what simulated travellers did', async () => {
    await simulated(500);
    const sent: JobOf<'scheduled'>[] = [];
    const { id } = (await call('POST', '/admin/jobs/weekly-training', { token, env: { JOBS: catching(sent) } })).body;
    expect(sent).toMatchObject([{ name: 'weekly-training', runId: id, trigger: 'admin' }]);
    await deliver(
      'jobs',
      sent.map((body) => ({ body })),
    );
    expect(await jobs()).toEqual([]);
    expect((await call('GET', `/admin/jobs/${id}`, { token })).body).toMatchObject({
      status: 'done',
      progress: { queued: 0, not_ready: MODELS.length },
    });
  });

  it('what waits already is not queued again', async () => {
    await simulated(500);
    const waiting = { id: uuidv7(), modelName: 'bpr', config: {}, seed: 1, split: 'leave-one-out' };
    await queueTraining(database, waiting, new Date());
    await deliver('jobs', [{ body: await struck(new Date('2027-01-18T04:23:00Z')) }], DEVELOPMENT);
    expect((await jobs()).filter(({ modelName }) => modelName === 'bpr').map(({ id }) => id)).toEqual([waiting.id]);
  });
});

it('all of it is for operators', async () => {
  const guest = await newGuest();
  for (const path of ['/admin/train', `/admin/train/${uuidv7()}`, '/admin/model-registry', '/admin/readiness']) {
    expect((await call('GET', path, { token: guest.token })).body.code, path).toBe('forbidden');
  }
  expect((await call('POST', '/admin/train', { token: guest.token, json: { model: 'bpr' } })).status).toBe(403);
});
