/** What users took, as rows of fixed length for sequence models. */
import type { Interactions } from './dataset.ts';

export interface SequenceOptions {
  /** Steps of a row. */
  length: number;
  /** Of a user with more steps: the last `length`, or all of them in rows that do not overlap. */
  long: 'last' | 'windows';
}

/**
 * A step is what was taken and what was taken next. Rows are padded on the left: 0 in `inputs` and `targets`, -1 in
 * `inputIndex` and `targetIndex`; elsewhere items stand as index + 1.
 */
export interface Sequences {
  rows: number;
  length: number;
  /** [rows] */
  user: Int32Array;
  /** [rows, length] */
  inputs: Int32Array;
  /** [rows, length]: `inputs`, shifted by one. */
  targets: Int32Array;
  /** [rows, length]: the interaction of each input. */
  inputIndex: Int32Array;
  /** [rows, length]: the interaction of each target. */
  targetIndex: Int32Array;
}

/** Accepted interactions alone; users with one of them have no step. A user's rows follow each other, oldest first. */
export function sequencesOf(interactions: Interactions, { length, long }: SequenceOptions): Sequences {
  if (!(Number.isInteger(length) && length > 0)) throw new RangeError(`rows of ${length} steps`);
  const { user, item, accepted } = interactions;
  const taken: number[] = [];
  for (let i = 0; i < user.length; i++) if (accepted[i]) taken.push(i);

  /** [first step, after the last step) of each row: step `s` leads from `taken[s]` to `taken[s + 1]`. */
  const rows: [number, number][] = [];
  for (let from = 0; from < taken.length; ) {
    let end = from;
    while (end + 1 < taken.length && user[taken[end + 1]!] === user[taken[from]!]) end++;
    // Cut from the end, so that the last row of a user is full and the first one may be short.
    const own: [number, number][] = [];
    for (let until = end; until > from; until -= length) {
      own.unshift([Math.max(from, until - length), until]);
      if (long === 'last') break;
    }
    rows.push(...own);
    from = end + 1;
  }

  const cells = rows.length * length;
  const made: Sequences = {
    rows: rows.length,
    length,
    user: new Int32Array(rows.length),
    inputs: new Int32Array(cells),
    targets: new Int32Array(cells),
    inputIndex: new Int32Array(cells).fill(-1),
    targetIndex: new Int32Array(cells).fill(-1),
  };
  for (const [row, [from, until]] of rows.entries()) {
    made.user[row] = user[taken[from]!]!;
    for (let step = from; step < until; step++) {
      const cell = (row + 1) * length - (until - step);
      made.inputIndex[cell] = taken[step]!;
      made.targetIndex[cell] = taken[step + 1]!;
      made.inputs[cell] = item[taken[step]!]! + 1;
      made.targets[cell] = item[taken[step + 1]!]! + 1;
    }
  }
  return made;
}
