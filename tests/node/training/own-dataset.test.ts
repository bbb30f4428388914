/** Our own data set as trainers read it: who may be learned from, what was known when, and files that are not as they were. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLUMNS } from '../../../platform/artifacts/dataset/columns.ts';
import { Extraction, extractAll } from '../../../platform/artifacts/dataset/extract.ts';
import type { DatasetTable } from '../../../platform/artifacts/dataset/manifest.ts';
import { folderStore } from '../../../platform/artifacts/folder-store.ts';
import { ParquetPart } from '../../../platform/artifacts/parquet-part.ts';
import { DataError } from '../../../training/data/data-error.ts';
import { readPivots } from '../../../training/data/own/logged-tables.ts';
import { openManifest, tableRows } from '../../../training/data/own/parquet-table.ts';
import { readOwnDataset } from '../../../training/data/own/read-own-dataset.ts';
import { RefusedData } from '../../../training/data/own/refused-data.ts';
import { readDataset } from '../../../training/data/read-dataset.ts';
import { database } from '../own-database.ts';
import { actor, clearLog, day, id, logPivot, logRanking, logSignals, venue } from './logged-behaviour.ts';

let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'own-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

async function extracted(): Promise<string> {
  const folder = join(root, String(folders++));
  await extractAll(new Extraction(database, folderStore(folder)));
  return folder;
}

const DEVELOPMENT = { environment: 'development' };
const PRODUCTION = { environment: 'production' };

async function failure(reading: Promise<unknown>): Promise<DataError> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

/** Two travellers: 20 signals make each warm, six more follow; one of the six only lingers. */
async function warmTravellers(): Promise<void> {
  for (const n of [1, 2]) {
    await logRanking(database, n, { actor: n, at: day(0) });
    await logSignals(
      database,
      n * 100,
      Array.from({ length: 26 }, (_, i) => ({
        actor: n,
        ranking: n,
        venue: (i + n) % 30,
        at: day(0, 1 + i),
        type: i === 25 ? 'slot_linger' : i % 4 === 0 ? 'slot_skip' : 'slot_accept',
      })),
    );
  }
}

describe('outside development', () => {
  beforeAll(async () => {
    await clearLog(database);
    await warmTravellers();
    await logSignals(database, 500, [
      { actor: 3, venue: 1, at: day(1), source: 'synthetic_choice_model_v1' },
      { actor: 3, venue: 2, at: day(1), source: 'synthetic_choice_model_v1' },
      { actor: 1, ranking: 1, venue: 3, at: day(1), source: 'backfill_tier_1' },
      { actor: 1, venue: 3, at: day(1), type: 'slot_view' },
    ]);
  });

  it('anything but user_behavioral of warm travellers is refused, saying what and how many', async () => {
    const folder = await extracted();
    for (const environment of ['production', 'test', '']) {
      const error = (await failure(readDataset([folder], { environment }))) as RefusedData;
      expect(error).toBeInstanceOf(RefusedData);
      expect(error.refused).toEqual({
        user_behavioral: { warm: 0, cold: 40 },
        synthetic_choice_model_v1: { warm: 0, cold: 2 },
        backfill_tier_1: { warm: 1, cold: 0 },
      });
      expect(error.eligible).toBe(10);
      for (const part of [
        '40 signals of user_behavioral (cold)',
        '2 signals of synthetic_choice_model_v1',
        '1 signal of backfill_tier_1 (warm)',
        '10 signals may be used',
        folder,
      ]) {
        expect(error.message).toContain(part);
      }
    }
    // Whatever is asked for: invariant 9 has no exception.
    await expect(readOwnDataset(folder, { ...PRODUCTION, allowSynthetic: true })).rejects.toThrow(RefusedData);
    await expect(readOwnDataset(folder, { ...DEVELOPMENT, allowSynthetic: false })).rejects.toThrow(RefusedData);
  });

  it('the rest can be learned from, with what was left out in the lineage', async () => {
    const folder = await extracted();
    const { interactions, lineage, own } = await readOwnDataset(folder, { ...PRODUCTION, leaveOutRefused: true });
    expect(interactions.user.length).toBe(10);
    expect([...own!.context.warm]).toEqual(Array(10).fill(1));
    expect([...interactions.weight]).toEqual(Array(10).fill(1));
    expect(lineage).toMatchObject({
      synthetic: false,
      rows: { user_behavioral: 10 },
      refused: { synthetic_choice_model_v1: { warm: 0, cold: 2 } },
    });
    expect(own!.candidateSets.map((set) => set.id)).toEqual([id('ranking', 1), id('ranking', 2)]);
  });

  it('nothing is learned where all of it is refused', async () => {
    await clearLog(database);
    await logSignals(
      database,
      0,
      [1, 2].map((n) => ({ actor: n, venue: n, at: day(0), source: 'synthetic_agent_v1' })),
    );
    const reading = readOwnDataset(await extracted(), { ...PRODUCTION, leaveOutRefused: true });
    expect(((await failure(reading)) as RefusedData).eligible).toBe(0);
  });
});

describe('in development', () => {
  it('everything is taken, with the weights of invariant 5', async () => {
    await clearLog(database);
    await warmTravellers();
    await logSignals(database, 500, [
      { actor: 3, venue: 1, at: day(1), source: 'synthetic_choice_model_v1' },
      { actor: 3, venue: 2, at: day(1), source: 'backfill_tier_1' },
    ]);
    const { interactions, lineage, own } = await readDataset([await extracted()], DEVELOPMENT);
    const weights = (user: string) =>
      [...interactions.weight].filter((_, i) => interactions.users[interactions.user[i]!] === user);
    // 25 decisions: the one who lingered decided nothing.
    expect(weights(actor(1))).toEqual([...Array(20).fill(0.5), ...Array(5).fill(1)]);
    expect(weights(actor(3)).map((weight) => Math.round(weight * 100))).toEqual([30, 80]);
    expect(lineage).toMatchObject({
      synthetic: true,
      rows: { user_behavioral: 50, synthetic_choice_model_v1: 1, backfill_tier_1: 1 },
    });
    expect(own!.context.signalType.filter((type) => type === 'slot_skip')).toHaveLength(14);
  });

  it('each interaction comes with what was known: persona, ranking, trip, moment', async () => {
    await clearLog(database);
    await warmTravellers();
    const { interactions, own } = await readOwnDataset(await extracted(), DEVELOPMENT);
    const { context, personas, candidateSets, venues, cities } = own!;
    expect(personas.map(({ dimensions }) => dimensions.culture)).toEqual([0.1, 0.2]);
    for (const [i, user] of interactions.user.entries()) {
      const n = interactions.users[user] === actor(1) ? 1 : 2;
      const item = interactions.item[i]!;
      expect(personas[context.persona[i]!]!.dimensions.culture).toBe(n / 10);
      const set = candidateSets[context.candidateSet[i]!]!;
      expect([set.id, set.actor, set.city, set.dayPart, set.tripDay]).toEqual([
        id('ranking', n),
        actor(n),
        'testville',
        'morning',
        1,
      ]);
      expect(set.time).toBeLessThanOrEqual(interactions.time[i]!);
      expect(context.trip[i]).toBe(n - 1);
      expect([context.tripDay[i], context.dayPart[i], context.groupSize[i]]).toEqual([1, 0, 1]);
      expect(venues[item]!.id).toBe(interactions.items[item]);
      expect([venues[item]!.category, venues[item]!.location, cities[item]]).toEqual([
        'park',
        { lat: 0, lng: 0 },
        'testville',
      ]);
      expect(interactions.accepted[i]).toBe(context.signalType[i] === 'slot_skip' ? 0 : 1);
      if (i > 0 && interactions.user[i - 1] === user)
        expect(interactions.time[i]!).toBeGreaterThanOrEqual(interactions.time[i - 1]!);
    }
    const [set] = candidateSets;
    expect([...set!.items].map((item) => interactions.items[item])).toEqual(
      Array.from({ length: 30 }, (_, i) => venue(i)),
    );
    expect([...set!.shown]).toEqual([1, 1, 1, ...Array(27).fill(0)]);
    expect(set!.propensity.reduce((sum, p) => sum + p, 0)).toBeCloseTo(3 * 0.75 + 27 * 0.025, 4);
  });

  it('venues are as they were known at the end of the data', async () => {
    await clearLog(database);
    await warmTravellers();
    const version = (n: number, price: number, at: Date) =>
      database.execute(sql`
      insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
      select id, ${n}, (to_jsonb(n) - 'vibe_embedding') || jsonb_build_object('price_level', ${price}::int, 'version', ${n}::int), 'v2',
        ${at.toISOString()} from activity_nodes n where id = ${venue(5)}`);
    await version(2, 3, day(-1));
    await version(3, 4, day(9));
    const { interactions, own } = await readOwnDataset(await extracted(), DEVELOPMENT);
    expect(own!.venues[interactions.items.indexOf(venue(5))]).toMatchObject({ priceLevel: 3, version: 2 });
  });

  it('pivots can be read beside it', async () => {
    await logPivot(database, 1, day(2));
    expect(await readPivots(await extracted())).toMatchObject([
      { pivot_id: id('pivot', 1), trigger: 'weather', created_at: day(2) },
    ]);
  });
});

describe('bad data', () => {
  let good: string;
  beforeAll(async () => {
    await clearLog(database);
    await warmTravellers();
    good = await extracted();
  });

  async function copy(): Promise<string> {
    const folder = join(root, String(folders++));
    await cp(good, folder, { recursive: true });
    return folder;
  }
  const fileOf = async (folder: string, table: DatasetTable) => {
    const { manifest } = await openManifest(folder);
    return manifest.files.find((file) => file.table === table)!.path;
  };
  /** Puts other bytes in the place of a file, and makes the manifest agree. */
  async function replaceBytes(folder: string, path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(folder, path), bytes);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const file = manifest.files.find((one: { path: string }) => one.path === path);
    Object.assign(file, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  }
  const read = (folder: string) => readOwnDataset(folder, DEVELOPMENT);

  it('is named: a file that was cut, changed, or taken away', async () => {
    for (const table of ['signals', 'candidate_sets', 'venues'] as const) {
      const path = await fileOf(good, table);
      const cut = await copy();
      await truncate(join(cut, path), 700);
      expect(await failure(read(cut))).toMatchObject({ fault: 'damaged', message: expect.stringContaining(path) });

      const bytes = await readFile(join(good, path));
      const half = await copy();
      await replaceBytes(half, path, bytes.subarray(0, bytes.length / 2));
      expect(await failure(read(half))).toMatchObject({ fault: 'damaged', message: expect.stringContaining(path) });

      const changed = await copy();
      const other = Buffer.from(bytes);
      other[other.length >> 1]! ^= 1;
      await writeFile(join(changed, path), other);
      expect(await failure(read(changed))).toMatchObject({
        fault: 'damaged',
        message: expect.stringContaining('SHA-256'),
      });

      const gone = await copy();
      await rm(join(gone, path));
      expect(await failure(read(gone))).toMatchObject({ fault: 'missing', message: expect.stringContaining(path) });
    }
  });

  it('is named: a file of other columns', async () => {
    const folder = await copy();
    await replaceBytes(
      folder,
      await fileOf(folder, 'signals'),
      await readFile(join(folder, await fileOf(folder, 'venues'))),
    );
    expect(await failure(read(folder))).toMatchObject({ fault: 'header', place: { field: 'position' } });
  });

  it('is named: a manifest that is none, of another version, or missing', async () => {
    const folder = await copy();
    const manifest = join(folder, 'manifest.json');
    await writeFile(manifest, '{"schema_version": 99}');
    expect((await failure(read(folder))).message).toContain('schema_version is 99');
    await writeFile(manifest, '{"schema');
    expect((await failure(read(folder))).message).toContain('manifest.json');
    await rm(manifest);
    expect(await failure(read(folder))).toMatchObject({ fault: 'missing' });
  });

  it('is refused: a ranking younger than the event that it is to explain', async () => {
    const folder = await copy();
    const { manifest } = await openManifest(folder);
    for await (const { file, rows: sets } of tableRows<Record<string, unknown>>(folder, manifest, 'candidate_sets')) {
      const part = new ParquetPart(COLUMNS.candidate_sets);
      for (const set of sets) part.add({ ...set, ranked_at: day(0, 2) });
      await replaceBytes(folder, file.path, part.finish());
    }
    const error = await failure(read(folder));
    expect(error).toMatchObject({ fault: 'from_the_future', place: { field: 'ranking_event_id' } });
    expect(error.message).toContain(id('signal', 100));
  });

  it('is refused: nothing at all, one traveller, one venue', async () => {
    await clearLog(database);
    expect(await failure(read(await extracted()))).toMatchObject({ fault: 'empty' });
    await logSignals(database, 0, [
      { actor: 1, venue: 1, at: day(0) },
      { actor: 1, venue: 2, at: day(0) },
    ]);
    expect(await failure(read(await extracted()))).toMatchObject({ fault: 'too_few_users' });
    await clearLog(database);
    await logSignals(database, 0, [
      { actor: 1, venue: 1, at: day(0) },
      { actor: 2, venue: 1, at: day(0) },
    ]);
    expect(await failure(read(await extracted()))).toMatchObject({ fault: 'too_few_items' });
  });

  it('is not read together with files', async () => {
    await expect(readDataset([good, good], DEVELOPMENT)).rejects.toThrow(/alone/);
  });
});
