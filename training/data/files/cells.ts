/** Cells of a row as what an interaction needs, or what is wrong with them. */
import { DataError } from '../data-error.ts';

export const COLUMN_NAMES = {
  csv: { user: 'user', item: 'item', timestamp: 'timestamp', rating: 'rating' },
  recbole: { user: 'user_id', item: 'item_id', timestamp: 'timestamp', rating: 'rating' },
} as const;

export interface ColumnIndex {
  user: number;
  item: number;
  timestamp: number;
  /** -1 where there is none. */
  rating: number;
}

type Names = (typeof COLUMN_NAMES)[keyof typeof COLUMN_NAMES];

/** @throws DataError where a column is missing or stands twice. */
export function columnIndex(file: string, header: readonly string[], names: Names): ColumnIndex {
  for (const [i, name] of header.entries()) {
    if (header.indexOf(name) !== i) {
      throw new DataError('header', { file, line: 1, field: name }, 'the header names this column twice');
    }
  }
  const find = (name: string) => {
    const at = header.indexOf(name);
    if (at >= 0) return at;
    const wanted = Object.values(names).join(', ');
    const found = header.join(', ').slice(0, 200);
    throw new DataError(
      'header',
      { file, line: 1, field: name },
      `the header lacks it (found ${found}; wanted ${wanted})`,
    );
  };
  return {
    user: find(names.user),
    item: find(names.item),
    timestamp: find(names.timestamp),
    rating: header.indexOf(names.rating),
  };
}

export function idCell(file: string, line: number, field: string, text: string | undefined): string {
  const id = text?.trim();
  if (!id) throw new DataError('row', { file, line, field }, 'the cell is empty');
  return id;
}

export function numberCell(
  file: string,
  line: number,
  field: string,
  text: string | undefined,
  fault: 'time' | 'rating',
): number {
  const given = text?.trim();
  if (!given) throw new DataError('row', { file, line, field }, 'the cell is empty');
  const value = Number(given);
  if (!Number.isFinite(value))
    throw new DataError(fault, { file, line, field }, `"${given.slice(0, 40)}" is no number`);
  return value;
}

/** Fewer seconds than this are years up to 5138; as milliseconds they would all be before March 1973. */
const SECONDS_BELOW = 1e11;

/** What turns a file's times into milliseconds: where all of them are below 10^11, they are seconds. */
export function timeFactor(largest: number): number {
  return largest < SECONDS_BELOW ? 1000 : 1;
}
