/** `overplanned trainer` as a process of its own: killed, stopped, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listModelVersions } from '../../../platform/database/model-registry.ts';
import { findTraining, queueTraining } from '../../../platform/database/training-jobs.ts';
import { startDatabaseGate } from '../../stand-ins/database-gate.ts';
import { database, databaseUrl } from '../own-database.ts';
import { clearLog, day, type Logged, logSignals } from './logged-behaviour.ts';

const cli = fileURLToPath(new URL('../../../cli/overplanned.ts', import.meta.url));
/** Long enough to be killed in. */
const LONG = { width: 8, epochs: 10_000, patience: 10_000, batch: 256 };
const SHORT = { width: 8, epochs: 2 };

let state: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  await clearLog(database);
  await logSignals(database, 0, takenBySimulatedTravellers());
});
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'trainer-'));
  await database.execute(sql`truncate training_jobs, model_registry`);
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await rm(state, { recursive: true });
});

/** 40 travellers, 15 places each of 30. */
function takenBySimulatedTravellers(): Logged[] {
  return Array.from({ length: 600 }, (_, i) => {
    const [traveller, n] = [i % 40, Math.floor(i / 40)];
    const type = n % 5 === 4 ? 'slot_skip' : 'slot_accept';
    const place = (traveller * 7 + n * (traveller % 3 === 0 ? 1 : 11)) % 30;
    return { actor: traveller, at: day(n, traveller), venue: place, type, source: 'synthetic_choice_model_v1' };
  });
}

async function queued(config: Record<string, unknown>, modelName = 'bpr', split = 'leave-one-out'): Promise<string> {
  const id = randomUUID();
  await queueTraining(database, { id, modelName, config, seed: 1, split }, new Date());
  return id;
}

interface Trainer {
  process: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}

function trainer(args: string[] = [], env: Record<string, string> = {}): Trainer {
  const child = spawn(process.execPath, [cli, 'trainer', '--state', state, '--threads', '1', ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl, ...env },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  ended.then(() => running.delete(child));
  return { process: child, output: () => output, ended };
}

const stored = async (id: string) => (await findTraining(database, id))!;
const registry = () => listModelVersions(database, { limit: 100, after: null });
const there = (...path: string[]) =>
  stat(join(state, ...path)).then(
    () => true,
    () => false,
  );
/** Until the job has been told to be in the middle of its training. */
const inTheMiddle = (id: string) =>
  vi.waitUntil(async () => ((await stored(id)).progress?.epoch ?? 0) >= 20, { timeout: 60_000, interval: 100 });

describe('overplanned trainer', () => {
  it('works the queue empty and ends: files, registry row and job agree', async () => {
    const [id, tooSmall] = [await queued(SHORT), await queued({}, 'dlrm')];
    const run = trainer();
    expect(await run.ended, run.output()).toBe(0);

    const job = await stored(id);
    expect(job).toMatchObject({ status: 'done', attempts: 1, error: null, finishedAt: expect.any(Date) });
    const { version, artifact_path: path, metrics } = job.result!;
    expect(path).toBe(`bpr/${version}`);
    expect(await registry()).toMatchObject([
      { modelName: 'bpr', version, status: 'registered', artifactPath: path, lineage: ['synthetic_choice_model_v1'] },
    ]);
    expect((await registry())[0]!.metrics).toEqual(metrics);
    expect(Object.keys(metrics).sort()).toEqual(['hr@1', 'hr@10', 'hr@5', 'mrr', 'ndcg@10']);
    const folder = join(state, 'models', path);
    expect((await readdir(folder)).sort()).toEqual(
      ['bpr.onnx', 'card.md', 'config.json', 'items.json', 'metrics.json', 'training.json', 'users.json'].sort(),
    );
    const card = await readFile(join(folder, 'card.md'), 'utf8');
    expect(card).toContain('**Synthetic.**');
    expect(card).toContain(join(state, 'datasets', 'manifest.json'));
    expect(JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8'))).toEqual(metrics);

    // What cannot be trained says what is missing, once.
    expect(await stored(tooSmall)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: 'dlrm needs 1000 interactions, there are 600: 400 are missing',
    });
    expect(await readdir(join(state, 'trainer'))).toEqual([]);
  });

  it('killed in the middle, leaves a job that the next one takes and goes on with, and that is done once', async () => {
    const id = await queued({ ...LONG, epochs: 2_000 });
    const first = trainer(['--watch', '--lease', '3']);
    await inTheMiddle(id);
    first.process.kill('SIGKILL');
    await first.ended;
    expect(await stored(id)).toMatchObject({ status: 'running', attempts: 1 });
    expect([await registry(), await there('models')]).toEqual([[], false]);
    // What is logged in the meantime is for the next training: this one goes on with what it began with.
    await logSignals(database, 10_000, [{ actor: 1, at: day(30), source: 'synthetic_choice_model_v1' }]);

    const second = trainer(['--watch', '--lease', '3']);
    await vi.waitUntil(async () => (await stored(id)).status === 'done', { timeout: 90_000, interval: 200 });
    second.process.kill('SIGTERM');
    expect(await second.ended, second.output()).toBe(0);
    expect(second.output()).toMatch(/goes on from its checkpoint, epoch \d+ of 2000/);
    const job = await stored(id);
    expect(job).toMatchObject({ status: 'done', attempts: 2 });
    const versions = await registry();
    expect(versions).toHaveLength(1);
    expect(await readdir(join(state, 'models', 'bpr'))).toEqual([versions[0]!.version]);

    // As if nobody had killed it: the same training without a pause comes to the same version and files.
    const files = async (folder: string) => readFile(join(folder, 'models', job.result!.artifact_path, 'bpr.onnx'));
    const killed = await files(state);
    await database.execute(
      sql`delete from behavioral_signals where id = (select id from behavioral_signals order by position desc limit 1)`,
    );
    await queued({ ...LONG, epochs: 2_000 });
    const other = await mkdtemp(join(tmpdir(), 'trainer-'));
    try {
      const whole = trainer(['--state', other]);
      expect(await whole.ended, whole.output()).toBe(0);
      expect((await files(other)).equals(killed)).toBe(true);
    } finally {
      await rm(other, { recursive: true });
    }
    expect(await registry()).toEqual(versions);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('gives its job back at %s, and leaves nothing half', async (signal) => {
    const id = await queued(LONG);
    const run = trainer(['--watch']);
    await inTheMiddle(id);
    run.process.kill(signal);
    expect(await run.ended, run.output()).toBe(0);
    expect(run.output()).toContain('given back');
    expect(await stored(id)).toMatchObject({ status: 'queued', attempts: 0, lease: null, leasedUntil: null });
    expect([await registry(), await there('models')]).toEqual([[], false]);
    // Its checkpoint stays for whoever takes it here.
    expect(await there('trainer', id, 'checkpoints', 'bpr.checkpoint')).toBe(true);
  });

  it('stops training what another trainer has by now, and changes nothing of it', async () => {
    const id = await queued(LONG);
    const run = trainer(['--watch', '--lease', '3']);
    await inTheMiddle(id);
    const other = randomUUID();
    await database.execute(sql`update training_jobs set lease = ${other}, leased_until = now() + interval '1 hour'`);
    const before = await stored(id);
    await vi.waitUntil(() => run.output().includes('another trainer has it now'), { timeout: 30_000 });
    run.process.kill('SIGTERM');
    expect(await run.ended, run.output()).toBe(0);
    expect(await stored(id)).toEqual(before);
    expect([await registry(), await there('models')]).toEqual([[], false]);
  });

  it('outlives a database that goes away: what was trained meanwhile is told when it is back', async () => {
    const gate = await startDatabaseGate(databaseUrl);
    try {
      const id = await queued({ ...LONG, epochs: 2_000 });
      const run = trainer(['--watch', '--lease', '2'], { DATABASE_URL: gate.url });
      await inTheMiddle(id);
      await gate.shut();
      await vi.waitUntil(() => run.output().includes('the database cannot be reached; trying again'), {
        timeout: 60_000,
      });
      expect((await stored(id)).status).toBe('running');
      await gate.open();
      await vi.waitUntil(async () => (await stored(id)).status === 'done', { timeout: 30_000 });
      run.process.kill('SIGTERM');
      expect(await run.ended, run.output()).toBe(0);
      expect((await stored(id)).attempts).toBe(1);
      expect(await registry()).toHaveLength(1);
    } finally {
      await gate.close();
    }
  });

  it('trains outside development on what warm travellers did alone, and says what it refused', async () => {
    const id = await queued(SHORT);
    const run = trainer([], { ENVIRONMENT: 'production' });
    expect(await run.ended, run.output()).toBe(0);
    const { status, error, attempts } = await stored(id);
    expect({ status, attempts }).toEqual({ status: 'failed', attempts: 1 });
    expect(error).toContain('600 signals of synthetic_choice_model_v1 (cold)');
    expect(error).toContain(join(state, 'datasets'));
    expect(await registry()).toEqual([]);
  });

  it('tries a job whose files cannot be written three times, then fails it with the reason', async () => {
    const id = await queued(SHORT);
    const run = trainer(['--out', '/dev/null/models']);
    expect(await run.ended, run.output()).toBe(0);
    expect(await stored(id)).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: expect.stringContaining('ENOTDIR'),
    });
    expect(await registry()).toEqual([]);
  });
});
