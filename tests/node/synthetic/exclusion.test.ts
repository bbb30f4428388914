/** From 500 real users with three trips on, synthetic rows train nobody: neither personas nor models. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Extraction, extractAll } from '../../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../../platform/artifacts/folder-store.ts';
import type { JobContext } from '../../../queues/job-context.ts';
import { personaUpdate } from '../../../queues/persona-update.ts';
import { openManifest } from '../../../training/data/own/parquet-table.ts';
import { readOwnDataset } from '../../../training/data/own/read-own-dataset.ts';
import { database } from '../own-database.ts';
import { addDeciding, addUsers, emptyWorld } from './population.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exclusion-'));
  await emptyWorld(database);
  await addUsers(database, { label: 'real', n: 499 });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const SYNTHETIC = { archetype: 'A1', source: 'synthetic_agent_v1', decides: 20, takes: 20 };

/** Those of whom the job learned something, by their labels, and what their dimensions moved by in all. */
async function taught(label: string): Promise<number> {
  const dimensions = async () =>
    (
      await database.execute<{ dimension: string; value: number }>(sql`
        select p.dimension, p.value from persona_dimensions p join users u on u.id = p.user_id
        where u.subject like ${`${label}|%`} order by p.dimension`)
    ).rows;
  const before = await dimensions();
  const settings = { environment: 'development', qdrant: { url: null, apiKey: null } };
  const context = { database, settings, now: Date.now(), log: () => {} } as unknown as JobContext;
  for (let after: string | null = null, done = false; !done; done = after === null) {
    after = (await personaUpdate(after, context)).next;
  }
  const after = await dimensions();
  expect(before).toHaveLength(12);
  return after.reduce((sum, { value }, i) => sum + Math.abs(value - before[i]!.value), 0);
}

async function trainedOn() {
  await extractAll(new Extraction(database, folderStore(folder)));
  const { interactions, lineage } = await readOwnDataset(folder, { environment: 'development' });
  const { manifest } = await openManifest(folder);
  return { weights: new Set(interactions.weight), lineage, seasoned: manifest.seasoned_users };
}

describe('synthetic rows', () => {
  it('train personas and models up to 499 real users with three trips', async () => {
    await addDeciding(database, { ...SYNTHETIC, label: 'before', n: 1 });
    expect(await taught('before')).toBeGreaterThan(0.05);
    const { weights, lineage, seasoned } = await trainedOn();
    expect(seasoned).toBe(499);
    expect(weights).toContain(Math.fround(0.3));
    expect(lineage).toMatchObject({ synthetic: true, rows: { synthetic_agent_v1: 20 } });
  });

  it('train nobody from the 500th on, in a data set that was there before, too', async () => {
    await addUsers(database, { label: 'the 500th', n: 1 });
    await addDeciding(database, { ...SYNTHETIC, label: 'after', n: 1 });
    expect(await taught('after')).toBe(0);
    const { weights, lineage, seasoned } = await trainedOn();
    expect(seasoned).toBe(500);
    expect(weights).toEqual(new Set([0.5]));
    expect(lineage).toMatchObject({ synthetic: false, rows: { user_behavioral: 1500 } });
    // Elsewhere they are refused, as they were before.
    await expect(readOwnDataset(folder, { environment: 'production' })).rejects.toThrow(
      /40 signals of synthetic_agent_v1/,
    );
  });

  it('do again where the 500th takes their account away, without a new signal', async () => {
    await database.execute(sql`
      delete from actor_keys where user_id = (select id from users where subject like 'the 500th|%')`);
    const { lineage, seasoned } = await trainedOn();
    expect(seasoned).toBe(499);
    expect(lineage.rows).toMatchObject({ synthetic_agent_v1: 40 });
  });
});
