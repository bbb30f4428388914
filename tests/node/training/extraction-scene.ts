/** What the tests of extraction share: a database with a log of its own, folders to extract to, and what is in them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { ArtifactStore } from '../../../platform/artifacts/artifact-store.ts';
import {
  EXTRACTION_LIMITS,
  Extraction,
  type ExtractionLimits,
  extractAll,
} from '../../../platform/artifacts/dataset/extract.ts';
import type { DatasetTable } from '../../../platform/artifacts/dataset/manifest.ts';
import { folderStore } from '../../../platform/artifacts/folder-store.ts';
import { openManifest, tableRows } from '../../../training/data/own/parquet-table.ts';
import { database } from '../own-database.ts';
import { clearLog, day, logPivot, logRanking, logSignals } from './logged-behaviour.ts';

let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'extraction-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});
beforeEach(() => clearLog(database));

export const newFolder = () => join(root, String(folders++));
/** Many small files and steps. */
export const SMALL: ExtractionLimits = {
  signals: { file: 4, page: 2 },
  candidate_sets: { file: 2, page: 1 },
  step: { cost: 60, files: 3 },
};
export const extract = (store: string | ArtifactStore, limits = EXTRACTION_LIMITS) =>
  extractAll(new Extraction(database, typeof store === 'string' ? folderStore(store) : store, limits));

export async function rowsOf(folder: string, table: DatasetTable): Promise<Record<string, unknown>[]> {
  const { manifest } = await openManifest(folder);
  const rows: Record<string, unknown>[] = [];
  for await (const page of tableRows<Record<string, unknown>>(folder, manifest, table)) rows.push(...page.rows);
  return rows;
}

/** Path to bytes of all files. */
export async function tree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const held = files
    .sort()
    .map(async (file) => [file.slice(folder.length + 1), (await readFile(file)).toString('base64')]);
  return Object.fromEntries(await Promise.all(held));
}

/** Nothing but what the manifest names. */
export async function expectTidy(folder: string): Promise<void> {
  const { manifest } = await openManifest(folder);
  expect(manifest.pending).toBeNull();
  expect(Object.keys(await tree(folder)).sort()).toEqual(
    ['manifest.json', ...manifest.files.map(({ path }) => path)].sort(),
  );
}

/** Two rankings and signals on three days; positions and days in different orders. */
export async function someDays(): Promise<void> {
  await logRanking(database, 1, { actor: 1, at: day(0) });
  await logSignals(
    database,
    0,
    Array.from({ length: 9 }, (_, i) => ({ actor: 1, ranking: 1, venue: i, at: day(i % 3, 10 + i) })),
  );
  await logRanking(database, 2, { actor: 2, at: day(0, 5) });
  await logSignals(
    database,
    9,
    Array.from({ length: 14 }, (_, i) => ({ actor: 2, ranking: 2, venue: i, at: day(i % 2, 30 + i) })),
  );
  await logRanking(database, 3, { actor: 3, at: day(0, 6) });
  await logPivot(database, 1, day(1));
}
