/** Plain files of interactions: each reader adds a file's to the builder and answers where they came from. */
import { once } from 'node:events';
import { parse } from 'csv-parse';
import { DataError } from '../data-error.ts';
import type { DataLineage } from '../dataset.ts';
import { COLUMN_NAMES, type ColumnIndex, columnIndex, idCell, numberCell, timeFactor } from './cells.ts';
import type { InteractionBuilder } from './interaction-builder.ts';
import { linesOf, openText, type TextFile } from './text-lines.ts';

type Source = DataLineage['sources'][number];
export type FileReader = (path: string, into: InteractionBuilder) => Promise<Source>;

/** Times of one file are gathered as they stand, and then all of them made milliseconds. */
class Rows {
  readonly #file: TextFile;
  readonly #into: InteractionBuilder;
  readonly #from: number;
  #largest = 0;

  constructor(file: TextFile, into: InteractionBuilder) {
    this.#file = file;
    this.#into = into;
    this.#from = into.count;
  }

  add(
    line: number,
    cells: readonly string[],
    columns: ColumnIndex,
    names: (typeof COLUMN_NAMES)['csv' | 'recbole'],
  ): void {
    const { path } = this.#file;
    const time = numberCell(path, line, names.timestamp, cells[columns.timestamp], 'time');
    if (Math.abs(time) > this.#largest) this.#largest = Math.abs(time);
    this.#into.add(
      idCell(path, line, names.user, cells[columns.user]),
      idCell(path, line, names.item, cells[columns.item]),
      time,
      columns.rating < 0 ? null : numberCell(path, line, names.rating, cells[columns.rating], 'rating'),
    );
  }

  finish(): Source {
    const rows = this.#into.count - this.#from;
    if (rows === 0) throw new DataError('empty', { file: this.#file.path }, 'no interactions in it');
    this.#into.scaleTimes(this.#from, timeFactor(this.#largest));
    return { path: this.#file.path, sha256: this.#file.sha256(), rows };
  }
}

const asText = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * `user,item,timestamp[,rating]`: a header in any order, other columns are passed over. Quoting as in RFC 4180.
 * @throws DataError naming file, line and field.
 */
export const readCsv: FileReader = async (path, into) => {
  const file = openText(path);
  const rows = new Rows(file, into);
  let columns: ColumnIndex | null = null;
  let width = 0;
  const parser = parse({ bom: true, info: true, skip_empty_lines: true, relax_column_count: true });
  const failed = once(parser, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  parser.on('data', ({ record, info }: { record: string[]; info: { lines: number } }) => {
    try {
      if (!columns) {
        columns = columnIndex(
          path,
          record.map((name) => name.trim()),
          COLUMN_NAMES.csv,
        );
        width = record.length;
        return;
      }
      if (record.length !== width) {
        throw new DataError('row', { file: path, line: info.lines }, `${record.length} cells, the header has ${width}`);
      }
      rows.add(info.lines, record, columns, COLUMN_NAMES.csv);
    } catch (error) {
      parser.destroy(error as Error);
    }
  });
  const ended = once(parser, 'end');
  ended.catch(() => {});
  try {
    for await (const chunk of file.chunks()) {
      if (parser.destroyed) break;
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed]);
    }
    if (!parser.destroyed) parser.end();
    await Promise.race([ended, failed]);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { lines } = error as { lines?: number };
    throw new DataError('row', { file: path, ...(lines === undefined ? {} : { line: lines }) }, asText(error), {
      cause: error,
    });
  } finally {
    parser.destroy();
  }
  return rows.finish();
};

/**
 * RecBole's atomic file: `user_id:token`, `item_id:token`, `timestamp:float` and maybe `rating:float`, tab separated, in any
 * order, other columns are passed over.
 * @throws DataError naming file, line and field.
 */
export const readInter: FileReader = async (path, into) => {
  const file = openText(path);
  const rows = new Rows(file, into);
  let columns: ColumnIndex | null = null;
  let width = 0;
  for await (const { line, texts } of linesOf(file)) {
    for (const [i, text] of texts.entries()) {
      if (text.trim() === '') continue;
      const cells = text.split('\t');
      if (!columns) {
        const names = cells.map((cell) => cell.trim().split(':')[0]!);
        columns = columnIndex(path, names, COLUMN_NAMES.recbole);
        width = cells.length;
        continue;
      }
      if (cells.length !== width) {
        throw new DataError('row', { file: path, line: line + i }, `${cells.length} cells, the header has ${width}`);
      }
      rows.add(line + i, cells, columns, COLUMN_NAMES.recbole);
    }
  }
  return rows.finish();
};

/**
 * `user item`, an interaction a line, in the order in which they happened: the number of the line is the time.
 * @throws DataError naming file and line.
 */
export const readPairs: FileReader = async (path, into) => {
  const file = openText(path);
  const from = into.count;
  for await (const { line, texts } of linesOf(file)) {
    for (const [i, text] of texts.entries()) {
      const cells = text.trim().split(/\s+/);
      if (cells.length === 1 && cells[0] === '') continue;
      if (cells.length !== 2) {
        throw new DataError('row', { file: path, line: line + i }, `"user item" wanted, ${cells.length} words found`);
      }
      // Lines are counted on from the files before.
      into.add(cells[0]!, cells[1]!, from + line + i, null);
    }
  }
  const rows = into.count - from;
  if (rows === 0) throw new DataError('empty', { file: path }, 'no interactions in it');
  return { path, sha256: file.sha256(), rows };
};
