/** Venues as they were, pivots, arbitration: months whose rows have changed are written anew, under a name of their own. */

import type { Database } from '../../database/client.ts';
import { DATED_TABLES, tableMonths, tablePage } from '../../database/extracted-tables.ts';
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
    const now = await tableMonths(database, table);
    const known = new Map(manifest.files.filter((file) => file.table === table).map((file) => [file.date, file]));
    const months = new Set(now.map(({ month }) => month));
    for (const [month, file] of known) {
      if (months.has(month)) continue;
      files.delete(file.path);
      changed = true;
    }
    for (const { month, fingerprint } of now) {
      const was = known.get(month);
      if (was?.fingerprint === fingerprint) continue;
      if (written >= most) return { manifest: { ...manifest, files: [...files.values()] }, written, done: false };
      const file = await writeMonth(database, store, table, month);
      if (was) files.delete(was.path);
      if (file) files.set(file.path, { ...file, fingerprint });
      written++;
      changed = true;
    }
  }
  return { manifest: changed ? { ...manifest, files: [...files.values()] } : manifest, written, done: true };
}

async function writeMonth(
  database: Database,
  store: ArtifactStore,
  table: (typeof DATED_TABLES)[number],
  month: string,
): Promise<DatasetFile | null> {
  const part = new ParquetPart(COLUMNS[table]);
  for (let after = ''; ; ) {
    const rows = await tablePage(database, table, month, after, PAGE);
    for (const row of rows) part.add(datedRow(COLUMNS[table], row));
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.key;
  }
  if (part.rows === 0) return null;
  const bytes = part.finish();
  const sha256 = await sha256Of(bytes);
  const path = `${table}/month=${month}/part-${sha256.slice(0, 16)}.parquet`;
  await store.write(path, bytes);
  return { path, table, date: month, rows: part.rows, sha256, bytes: bytes.length };
}
