/** Text as vectors: the interface, and the encoder of our own training behind it. */
import { KINDS, TEXT_INPUTS_VERSION, textBatch, textFeatures } from '../../models/text-encoder/inputs.ts';
import type { OnnxSession, TensorIn } from './onnx-session.ts';

export interface TextEncoder {
  readonly dimensions: number;
  /** `name@version`: vectors of two versions are not to be compared. */
  readonly version: string;
  /** One vector of unit length for each text. */
  encode(texts: readonly string[]): Promise<Float32Array[]>;
}

/** Texts in one run: memory stays small however many there are. */
const BATCH = 32;

/** `ids` and `weights` of models that read `TEXT_INPUTS_VERSION`. */
export function hashedFeeds(texts: readonly string[]): Record<'ids' | 'weights', TensorIn> {
  const { count, length, ids, weights } = textBatch(texts.map(textFeatures));
  return {
    ids: { type: 'int32', data: ids, dims: [count, length] },
    weights: { type: 'float32', data: weights, dims: [count, KINDS, length] },
  };
}

/** Runs `each` over the texts, a batch at a time. */
export async function inBatches<Result>(
  texts: readonly string[],
  each: (texts: readonly string[]) => Promise<Result[]>,
  size = BATCH,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < texts.length; from += size) results.push(...(await each(texts.slice(from, from + size))));
  return results;
}

/** The rows of [rows, width]. */
export function rowsOf({ data, dims }: { data: Float32Array; dims: readonly number[] }): Float32Array[] {
  const [rows, width] = dims as [number, number];
  return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
}

/**
 * `models/text-encoder`.
 * @param model what its file says of itself
 * @throws RangeError where it was trained on inputs that this code does not make
 */
export function hashedTextEncoder(
  session: OnnxSession,
  model: { version: string; dimensions: number; inputs: string },
): TextEncoder {
  if (model.inputs !== TEXT_INPUTS_VERSION)
    throw new RangeError(
      `text encoder ${model.version} reads ${model.inputs}, this code writes ${TEXT_INPUTS_VERSION}`,
    );
  return {
    dimensions: model.dimensions,
    version: `text-encoder@${model.version}`,
    encode: (texts) => inBatches(texts, async (part) => rowsOf((await session.run(hashedFeeds(part))).vectors!)),
  };
}
