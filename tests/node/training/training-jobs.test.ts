/** Training jobs: each is one trainer's at a time, and what a trainer writes without holding it changes nothing. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { listModelVersions, type NewModelVersion, registerModel } from '../../../platform/database/model-registry.ts';
import {
  failTraining,
  findTraining,
  finishTraining,
  giveBackTraining,
  type HeldLease,
  heartbeat,
  leaseTraining,
  listTrainings,
  MOST_ATTEMPTS,
  queueTraining,
  type TrainingJob,
  waitingTrainings,
} from '../../../platform/database/training-jobs.ts';
import { database } from '../own-database.ts';

const MINUTE = 60_000;
/** A lease that has run out when it is looked at. */
const OVER = 0;

beforeEach(() => database.execute(sql`truncate training_jobs, model_registry`));

let queuedAt = Date.UTC(2027, 0, 4);
async function queued(modelName = 'bpr', config: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  queuedAt += 1000;
  await queueTraining(database, { id, modelName, config, seed: 1, split: 'time' }, new Date(queuedAt));
  return id;
}

async function leased(leaseMs = MINUTE): Promise<{ job: TrainingJob; held: HeldLease }> {
  const lease = randomUUID();
  const job = await leaseTraining(database, { lease, leaseMs });
  if (!job) throw new Error('nothing to lease');
  return { job, held: { id: job.id, lease } };
}

const newLease = (leaseMs = MINUTE) => leaseTraining(database, { lease: randomUUID(), leaseMs });
const stored = async (id: string) => (await findTraining(database, id))!;
const registry = () => listModelVersions(database, { limit: 100, after: null });

const metrics = { 'ndcg@10': { value: 0.1, interval: { lower: 0.05, upper: 0.15 } } };
const version = (name = 'v1'): NewModelVersion => ({
  id: randomUUID(),
  modelName: 'bpr',
  version: name,
  artifactPath: `bpr/${name}`,
  trainingDate: new Date(queuedAt),
  metrics,
  lineage: ['synthetic_choice_model_v1', 'user_behavioral'],
});
const result = { version: 'v1', artifact_path: 'bpr/v1', metrics, lineage: ['user_behavioral'] };
const finished = (held: HeldLease, of = version()) => finishTraining(database, held, result, of);

describe('a job', () => {
  it('is queued once, however often it comes', async () => {
    const id = await queued();
    await queueTraining(database, { id, modelName: 'sasrec', config: {}, seed: 2, split: 'user' }, new Date());
    expect(await stored(id)).toMatchObject({ modelName: 'bpr', seed: 1, split: 'time', status: 'queued', attempts: 0 });
  });

  it('is taken by one of many trainers that ask at once, the oldest first', async () => {
    const ids = [await queued(), await queued(), await queued()];
    const taken = (await Promise.all(Array.from({ length: 8 }, () => newLease()))).filter((job) => job !== null);
    expect(taken.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(new Set(taken.map(({ lease }) => lease)).size).toBe(3);
    expect(taken.every(({ status, attempts }) => status === 'running' && attempts === 1)).toBe(true);
    expect(await newLease()).toBeNull();
    await database.execute(sql`truncate training_jobs`);
    const [first, second] = [await queued(), await queued()];
    expect([(await newLease())?.id, (await newLease())?.id]).toEqual([first, second]);
  });

  it('comes after those that were not tried yet when it failed', async () => {
    await queued();
    const { held } = await leased();
    await failTraining(database, held, { error: 'disk full', final: false });
    const fresh = await queued();
    expect([(await newLease())?.id, (await newLease())?.id]).toEqual([fresh, held.id]);
  });

  it('that is done is done together with the row of its version, and finishing it again changes nothing', async () => {
    const id = await queued();
    const { held } = await leased();
    expect(await finished(held)).toBe(true);
    const job = await stored(id);
    expect(job).toMatchObject({ status: 'done', result, leasedUntil: null, error: null });
    const rows = await registry();
    expect(rows).toMatchObject([
      {
        modelName: 'bpr',
        version: 'v1',
        status: 'registered',
        artifactPath: 'bpr/v1',
        metrics,
        lineage: ['synthetic_choice_model_v1', 'user_behavioral'],
        promotedAt: null,
      },
    ]);
    // The answer to the first call may have been lost.
    expect(await finished(held)).toBe(true);
    expect(await registry()).toEqual(rows);
    expect(await newLease()).toBeNull();
    await expect(failTraining(database, held, { error: 'too late', final: true })).resolves.toBeNull();
    expect((await stored(id)).status).toBe('done');
  });

  it('whose version cannot be registered is not done', async () => {
    const id = await queued();
    const { held } = await leased();
    const impossible = { ...version(), trainingDate: null as unknown as Date, modelName: null as unknown as string };
    await expect(finished(held, impossible)).rejects.toThrow();
    expect((await stored(id)).status).toBe('running');
    expect(await registry()).toEqual([]);
  });
});

describe('a lease', () => {
  it('is kept by heartbeats, which tell the progress', async () => {
    const id = await queued();
    const { held } = await leased(MINUTE);
    const before = (await stored(id)).leasedUntil!;
    const progress = { phase: 'training', epoch: 3, epochs: 10, loss: 0.5, validation: null } as const;
    expect(await heartbeat(database, held, 10 * MINUTE, progress)).toBe(true);
    const job = await stored(id);
    expect(job.leasedUntil!.getTime() - before.getTime()).toBeGreaterThan(8 * MINUTE);
    expect(job.progress).toEqual(progress);
    expect(await heartbeat(database, held, MINUTE, null)).toBe(true);
    expect((await stored(id)).progress).toEqual(progress);
    expect(await newLease()).toBeNull();
  });

  it('that ran out is taken by the next trainer, and the one before can change nothing any more', async () => {
    const id = await queued();
    const { held: lost } = await leased(OVER);
    const { job, held } = await leased();
    expect(job).toMatchObject({ id, attempts: 2, status: 'running' });
    const before = await stored(id);
    expect(await heartbeat(database, lost, 10 * MINUTE, { phase: 'storing' })).toBe(false);
    expect(await finished(lost, version('of the lost one'))).toBe(false);
    expect(await failTraining(database, lost, { error: 'lost', final: true })).toBeNull();
    await giveBackTraining(database, lost);
    expect(await stored(id)).toEqual(before);
    expect(await registry()).toEqual([]);
    expect(await finished(held)).toBe(true);
    expect(await finished(lost, version('of the lost one'))).toBe(false);
    expect((await registry()).map((row) => row.version)).toEqual(['v1']);
  });

  it('that ran out and was taken by nobody still counts', async () => {
    const id = await queued();
    const { held } = await leased(OVER);
    expect(await finished(held)).toBe(true);
    expect((await stored(id)).status).toBe('done');
  });

  it('that is given back leaves the job as if it had not begun', async () => {
    const id = await queued();
    const { held } = await leased();
    await giveBackTraining(database, held);
    expect(await stored(id)).toMatchObject({ status: 'queued', attempts: 0, lease: null, leasedUntil: null });
    expect(await finished(held)).toBe(false);
    expect((await leased()).job).toMatchObject({ id, attempts: 1 });
  });
});

describe('a job that fails', () => {
  it(`is tried ${MOST_ATTEMPTS} times, and then failed with its error`, async () => {
    const id = await queued();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const { job, held } = await leased();
      expect(job.attempts).toBe(attempt);
      const now = await failTraining(database, held, { error: `error ${attempt}`, final: false });
      expect(now).toBe(attempt === MOST_ATTEMPTS ? 'failed' : 'queued');
      expect((await stored(id)).error).toBe(`error ${attempt}`);
    }
    expect(await stored(id)).toMatchObject({ status: 'failed', finishedAt: expect.any(Date) });
    expect(await newLease()).toBeNull();
  });

  it('and would fail again is not tried again', async () => {
    const id = await queued();
    const { held } = await leased();
    expect(await failTraining(database, held, { error: 'too little data', final: true })).toBe('failed');
    expect(await stored(id)).toMatchObject({ status: 'failed', attempts: 1, error: 'too little data' });
  });

  it(`is failed when its trainer was lost ${MOST_ATTEMPTS} times`, async () => {
    const id = await queued();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) expect((await leased(OVER)).job.id).toBe(id);
    expect(await newLease()).toBeNull();
    expect(await stored(id)).toMatchObject({ status: 'failed', error: 'its trainer was lost 3 times' });
  });
});

describe('the lists', () => {
  it('of jobs go newest first, by status, in pages', async () => {
    const [a, b, c] = [await queued(), await queued('sasrec'), await queued()];
    await leased();
    const ids = async (query: Partial<Parameters<typeof listTrainings>[1]>) =>
      (await listTrainings(database, { limit: 10, after: null, ...query })).map(({ id }) => id);
    expect(await ids({})).toEqual([c, b, a]);
    expect(await ids({ status: 'queued' })).toEqual([c, b]);
    expect(await ids({ status: 'running' })).toEqual([a]);
    const { createdAt } = await stored(c!);
    expect(await ids({ after: { createdAt: createdAt.toISOString(), id: c! } })).toEqual([b, a]);
  });

  it('of waiting models hold those queued with nothing said', async () => {
    await queued('bpr');
    await queued('sasrec', { width: 8 });
    expect(await waitingTrainings(database, ['bpr', 'sasrec', 'dlrm'])).toEqual(new Set(['bpr']));
    await leased();
    expect(await waitingTrainings(database, ['bpr', 'sasrec'])).toEqual(new Set());
  });

  it('of versions hold each name and version once, by name', async () => {
    expect(await registerModel(database, version('v1'))).toBe(true);
    const [before] = await registry();
    expect(await registerModel(database, { ...version('v1'), metrics: {} })).toBe(false);
    expect(await registry()).toEqual([before]);
    await registerModel(database, { ...version('v1'), modelName: 'sasrec' });
    const named = await listModelVersions(database, { name: 'sasrec', limit: 10, after: null });
    expect(named.map((row) => `${row.modelName}@${row.version}`)).toEqual(['sasrec@v1']);
  });
});
