/** The commands around training, and which database they work on. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf } from '../../../cli/local/use-database.ts';
import { openDatabase } from '../../../platform/database/client.ts';
import { listModelVersions } from '../../../platform/database/model-registry.ts';
import { database, databaseUrl } from '../own-database.ts';
import { clearLog, day, logSignals } from './logged-behaviour.ts';

const cli = fileURLToPath(new URL('../../../cli/overplanned.ts', import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
  await clearLog(database);
  const simulated = Array.from({ length: 12 }, (_, i) => ({
    actor: i % 2,
    at: day(0, i),
    venue: i,
    source: 'synthetic_agent_v1',
  }));
  await logSignals(database, 0, simulated);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function overplanned(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    execFile(process.execPath, [cli, ...args], { env: { ...process.env, ...env } }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
  });
}

describe('overplanned readiness', () => {
  it('says for each model what there is, what is missing, and what was counted', async () => {
    const { code, output } = await overplanned(['readiness'], { DATABASE_URL: databaseUrl });
    expect(code).toBe(0);
    const [first, ...lines] = output.trim().split('\n');
    expect(first).toBe('Environment development: all rows count, those of cold and of simulated travellers, too.');
    expect(lines[0]).toBe('bpr          488 missing    12 of 500 interactions (0 of warm travellers)');
    expect(lines).toContain('sasrec       498 missing    2 of 500 sequences of 5 or more (0 of warm travellers)');
  });

  it('outside development counts warm travellers alone', async () => {
    const env = { DATABASE_URL: databaseUrl, ENVIRONMENT: 'production' };
    const { output } = await overplanned(['readiness', '--json'], env);
    const { environment, counted, models } = JSON.parse(output);
    expect({ environment, counted }).toEqual({ environment: 'production', counted: 'warm_users' });
    expect(models[0]).toEqual({
      ...{ model: 'bpr', unit: 'interactions', needed: 500, found: 0, foundWarmUsers: 0, missing: 500, ready: false },
    });
  });

  it('takes a database elsewhere for production where nothing is said', () => {
    expect(environmentOf('postgresql://user@127.0.0.1:5432/db')).toBe('development');
    expect(environmentOf('postgresql://user@somewhere.neon.tech/db')).toBe('production');
  });
});

describe('overplanned train --register', () => {
  it('notes the version in the registry, with its lineage, once', async () => {
    const data = join(folder, 'pairs.csv');
    const rows = Array.from({ length: 600 }, (_, i) => `u${i % 30},i${(i * 7 + Math.floor(i / 30)) % 25},${1000 + i}`);
    await writeFile(data, `user,item,timestamp\n${rows.join('\n')}\n`);
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ width: 4, epochs: 1 }));
    const args = ['train', 'bpr', '--data', data, '--config', config, '--state', folder, '--fresh', '--threads', '1'];
    const env = { DATABASE_URL: databaseUrl };

    const unregistered = await overplanned(args, env);
    expect(unregistered.code, unregistered.errors).toBe(0);
    const registry = () => listModelVersions(database, { limit: 10, after: null });
    expect(await registry()).toEqual([]);

    const { output } = await overplanned([...args, '--register'], env);
    expect(output).toContain('Registered with external.');
    const rowsNow = await registry();
    const version = /bpr@(\w+): /.exec(output)![1]!;
    expect(rowsNow).toMatchObject([
      { modelName: 'bpr', version, status: 'registered', artifactPath: `bpr/${version}`, lineage: ['external'] },
    ]);
    expect(Object.keys(rowsNow[0]!.metrics)).toContain('ndcg@10');
    expect((await overplanned([...args, '--register'], env)).output).toContain('It was registered before.');
    expect(await registry()).toEqual(rowsNow);
  });
});

describe('without DATABASE_URL', () => {
  const NONE = { DATABASE_URL: '' };

  it('a command works on the embedded database, also while another process has it open', async () => {
    const state = join(folder, 'state');
    const holder = spawn(process.execPath, [cli, 'trainer', '--watch', '--state', state], {
      env: { ...process.env, ...NONE },
    });
    let output = '';
    const ended = new Promise((resolve) => holder.once('close', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        holder.stdout.setEncoding('utf8').on('data', (text) => {
          output += text;
          if (output.includes('Ctrl-C stops.')) resolve();
        });
        ended.then(() => reject(new Error('it ended')));
      });
      const host = /Trains for (\S+), development/.exec(output)![1]!;
      await openDatabase(`postgresql://postgres@${host}/postgres`).execute(sql`
        insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, weight, source, model_version, occurred_at)
        values (gen_random_uuid(), gen_random_uuid(), 'slot_accept', gen_random_uuid(), 1, 'backfill_tier_1', 'none', now())`);
      const beside = await overplanned(['readiness', '--state', state], NONE);
      expect(beside.output, beside.errors).toContain('1 of 500 interactions');
      const extracted = await overplanned(['extract', '--state', state], NONE);
      expect(extracted.output, extracted.errors).toContain('1 signals and 0 candidate sets in 1 new files');
      expect(await stat(join(state, 'database.json')).then((file) => file.mode & 0o777)).toBe(0o600);
    } finally {
      holder.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    await expect(stat(join(state, 'database.json'))).rejects.toThrow('ENOENT');

    // What a killed process left behind does not count.
    await writeFile(join(state, 'database.json'), JSON.stringify({ pid: holder.pid, url: databaseUrl }));
    expect((await overplanned(['readiness', '--state', state], NONE)).output).toContain('1 of 500 interactions');
  });
});
