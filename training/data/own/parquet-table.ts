/** Tables of a data set, checked against its manifest. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { COLUMNS } from '../../../platform/artifacts/dataset/columns.ts';
import {
  type DatasetFile,
  type DatasetTable,
  MANIFEST,
  type Manifest,
  parseManifest,
} from '../../../platform/artifacts/dataset/manifest.ts';
import { DataError } from '../data-error.ts';

export async function openManifest(folder: string): Promise<{ manifest: Manifest; sha256: string }> {
  const file = join(folder, MANIFEST);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DataError('missing', { file }, 'the folder is no data set: `overplanned extract` makes one', {
      cause: error,
    });
  }
  try {
    return { manifest: parseManifest(bytes.toString()), sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw new DataError('damaged', { file }, (error as Error).message, { cause: error });
  }
}

/** The rows of a table, file by file in the order of their paths. @throws DataError naming the file that is not as it was. */
export async function* tableRows<Row>(
  folder: string,
  manifest: Manifest,
  table: DatasetTable,
): AsyncGenerator<{ file: DatasetFile; rows: Row[] }> {
  for (const file of manifest.files.filter((one) => one.table === table)) {
    yield { file, rows: (await fileRows(folder, file)) as Row[] };
  }
}

async function fileRows(folder: string, file: DatasetFile): Promise<Record<string, unknown>[]> {
  const path = join(folder, file.path);
  const damaged = (message: string, cause?: unknown) => new DataError('damaged', { file: path }, message, { cause });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DataError('missing', { file: path }, 'the manifest names this file, and it is not there', {
      cause: error,
    });
  }
  if (bytes.length !== file.bytes) throw damaged(`${bytes.length} bytes, the manifest says ${file.bytes}: truncated?`);
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256)
    throw damaged('not the bytes that were written (SHA-256)');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(buffer);
    const names = new Set(metadata.schema.slice(1).map(({ name }) => name));
    const lacking = COLUMNS[file.table].find(({ name }) => !names.has(name));
    if (lacking) throw new DataError('header', { file: path, field: lacking.name }, 'the file lacks this column');
    const rows = await parquetReadObjects({ file: buffer, metadata });
    if (rows.length !== file.rows) throw damaged(`${rows.length} rows, the manifest says ${file.rows}`);
    return rows;
  } catch (error) {
    throw error instanceof DataError
      ? error
      : damaged(`not a readable Parquet file: ${(error as Error).message}`, error);
  }
}
