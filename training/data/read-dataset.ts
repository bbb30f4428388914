/** `--data PATH...`: plain files of interactions, or the folder of our own data set. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { DataError } from './data-error.ts';
import type { DataLineage, Dataset } from './dataset.ts';
import { InteractionBuilder } from './files/interaction-builder.ts';
import { type FileReader, readCsv, readInter, readPairs } from './files/readers.ts';
import { firstLine } from './files/text-lines.ts';
import { type OwnDataOptions, readOwnDataset } from './own/read-own-dataset.ts';

/**
 * Several files are one data set, read in the order given: the same id is the same user or item in all. A folder is our own
 * data set, and stands alone.
 *
 * Sorted by user, then time. Equal times keep the order of their lines, and of their files. Times are milliseconds; a file
 * whose times are all below 10^11 gives seconds. Files of pairs have the number of the line for a time.
 * @throws DataError naming file and line; `RefusedData` for our own data that may not be trained on.
 */
export async function readDataset(paths: readonly string[], own: OwnDataOptions): Promise<Dataset> {
  const [first] = paths;
  if (first === undefined) throw new RangeError('no path given');
  for (const path of paths) {
    if (!(await isFolder(path))) continue;
    if (paths.length === 1) return readOwnDataset(path, own);
    throw new DataError('row', { file: path }, 'a folder (our own data set) is read alone, not with other files');
  }
  return readFiles(paths);
}

/** The same, of plain files alone. */
export async function readFiles(paths: readonly string[]): Promise<Dataset> {
  const builder = new InteractionBuilder();
  const sources: DataLineage['sources'][number][] = [];
  for (const path of paths) sources.push(await (await readerOf(path))(path, builder));
  const file = paths.join(', ');
  if (builder.userCount < 2)
    throw new DataError('too_few_users', { file, field: 'user' }, 'one user: nothing to compare');
  if (builder.itemCount < 2)
    throw new DataError('too_few_items', { file, field: 'item' }, 'one item: nothing to choose');
  return {
    interactions: builder.build(),
    lineage: { sources, rows: { external: builder.count }, synthetic: false },
    own: null,
  };
}

/** By extension; where that says nothing, by the first line. */
async function readerOf(path: string): Promise<FileReader> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return readCsv;
    case '.inter':
      return readInter;
    default: {
      const line = await firstLine(path);
      if (/(^|\t)\w+:(token|float)(\t|\r?$)/.test(line)) return readInter;
      return line.includes(',') ? readCsv : readPairs;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new DataError('missing', { file: path }, 'there is no such file or folder');
  return found.isDirectory();
}
