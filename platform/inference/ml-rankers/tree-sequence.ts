/** The past and the moments of a request as one sequence (`models/dlrm/serving-inputs.ts`). */
import type { MlMoment, MlRequest, PastChoice } from '../../../core/ranking/ml-ranker.ts';
import { CONTEXT_AT, CONTEXT_COLUMNS, treeMask } from '../../../models/dlrm/serving-inputs.ts';
import { ACTIONS, dayPartKind, gapKind, tripDayKind } from '../../../models/u-sasrec/inputs.ts';
import type { TensorIn } from '../onnx-session.ts';

/** A row's venue: one of the history, or no venue at all. */
export type SequenceEntry = PastChoice | 'start' | 'padding';

export interface TreeSequence {
  /** [rows]: what each row is an entry of; the last `moments` of them the same one. */
  entries: readonly SequenceEntry[];
  /** [rows, 5] */
  context: TensorIn;
  /** [rows, rows] */
  mask: TensorIn;
  /** [moments] */
  last: TensorIn;
}

/** Masks that were made: each history's length and number of moments has its own. */
const masks = new Map<string, Float32Array>();
const MOST_MASKS = 64;

function maskOf(shared: number, padding: number, moments: number): Float32Array {
  const key = `${shared}/${padding}/${moments}`;
  let mask = masks.get(key);
  if (!mask) {
    if (masks.size >= MOST_MASKS) masks.clear();
    mask = treeMask(shared, padding, moments);
    masks.set(key, mask);
  }
  return mask;
}

/** @param length positions of the model: of a longer past, the latest */
export function treeSequence(
  { history, moments }: Pick<MlRequest, 'history' | 'moments'>,
  length: number,
): TreeSequence {
  const past: (PastChoice | 'start')[] = ['start', ...history].slice(-length) as (PastChoice | 'start')[];
  const last = past.at(-1)!;
  const before = past.slice(0, -1);
  // A sequence of no rows is none: somebody without a past has a row that nobody sees.
  const padding = before.length === 0 ? 1 : 0;
  const shared = before.length + padding;
  const rows = shared + moments.length;
  const context = new Int32Array(rows * CONTEXT_COLUMNS);
  const write = (row: number, entry: PastChoice | 'start', next: PastChoice | MlMoment, place: number) => {
    const begun = entry !== 'start';
    context.set(
      [
        CONTEXT_AT.action + (begun ? (entry.accepted ? ACTIONS.accepted : ACTIONS.refused) : 0),
        CONTEXT_AT.tripDay + tripDayKind(next.tripDay),
        CONTEXT_AT.dayPart + dayPartKind(next.dayPart),
        CONTEXT_AT.gap + (begun ? gapKind(next.at - entry.at) : 0),
        CONTEXT_AT.place + place,
      ],
      row * CONTEXT_COLUMNS,
    );
  };
  for (const [i, entry] of before.entries())
    write(padding + i, entry, past[i + 1] as PastChoice, length - past.length + i);
  for (const [i, moment] of moments.entries()) write(shared + i, last, moment, length - 1);
  if (padding === 1) context.set(Object.values(CONTEXT_AT), 0);
  return {
    entries: [...Array<SequenceEntry>(padding).fill('padding'), ...before, ...moments.map(() => last)],
    context: { type: 'int32', data: context, dims: [rows, CONTEXT_COLUMNS] },
    mask: { type: 'float32', data: maskOf(shared, padding, moments.length), dims: [rows, rows] },
    last: { type: 'int32', data: Int32Array.from(moments, (_, i) => shared + i), dims: [moments.length] },
  };
}
