/** Venues as they were, pivots, arbitration: days whose rows have changed are written anew, under a name of their own. */

import type { Database } from '../../database/client.ts';
import { DATED_TABLES, tableDays, tablePage } from '../../database/extracted-tables.ts';
import { type ArtifactStore, sha256Of } from '../artifact-store.ts';
import { ParquetPart } from '../parquet-part.ts';
import { COLUMNS } from './columns.ts';
import type { DatasetFile, Manifest } from './manifest.ts';
import { datedRow } from './rows.ts';

const PAGE = 1_000;

/**
 * At most `most` files of them; not `done` where more are due. The manifest is the one given where nothing has changed.
 */
export async function changedTables(
  database: Database,
  store: ArtifactStore,
  manifest: Manifest,
  most: number,
): Promise<{ manifest: Manifest; written: number; done: boolean }> {
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  let written = 0;
  let changed = false;
  for (const table of DATED_TABLES) {
    const now = await tableDays(database, table);
    const known = new Map(manifest.files.filter((file) => file.table === table).map((file) => [file.date, file]));
    const days = new Set(now.map(({ day }) => day));
    for (const [day, file] of known) {
      if (days.has(day)) continue;
      files.delete(file.path);
      changed = true;
    }
    for (const { day, fingerprint } of now) {
      const was = known.get(day);
      if (was?.fingerprint === fingerprint) continue;
      if (written >= most) return { manifest: { ...manifest, files: [...files.values()] }, written, done: false };
      const file = await writeDay(database, store, table, day);
      if (was) files.delete(was.path);
      if (file) files.set(file.path, { ...file, fingerprint });
      written++;
      changed = true;
    }
  }
  return { manifest: changed ? { ...manifest, files: [...files.values()] } : manifest, written, done: true };
}

async function writeDay(
  database: Database,
  store: ArtifactStore,
  table: (typeof DATED_TABLES)[number],
  day: string,
): Promise<DatasetFile | null> {
  const part = new ParquetPart(COLUMNS[table]);
  for (let after = ''; ; ) {
    const rows = await tablePage(database, table, day, after, PAGE);
    for (const row of rows) part.add(datedRow(COLUMNS[table], row));
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.key;
  }
  if (part.rows === 0) return null;
  const bytes = part.finish();
  const sha256 = await sha256Of(bytes);
  const path = `${table}/date=${day}/part-${sha256.slice(0, 16)}.parquet`;
  await store.write(path, bytes);
  return { path, table, date: day, rows: part.rows, sha256, bytes: bytes.length };
}
