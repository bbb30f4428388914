/**
 * A sentence transformer in place of our own encoder: a folder with `tokenizer.json` (WordPiece) and `model.onnx`, as
 * `all-MiniLM-L6-v2` is published (Reimers and Gurevych 2019: mean of the token vectors, then unit length).
 */

import type { OnnxSession, TensorIn, TensorOut } from './onnx-session.ts';
import { inBatches, type TextEncoder } from './text-encoder.ts';
import { type Tokenize, wordPiece } from './text-wordpiece.ts';

const OUTPUT = 'last_hidden_state';
const NEEDED = ['input_ids', 'attention_mask'];
const TYPES = 'token_type_ids';

/**
 * @param tokenizer contents of `tokenizer.json`
 * @param name of the vectors, as `all-MiniLM-L6-v2`
 * @throws RangeError where the model does not take what a sentence transformer takes, or gives something else
 */
export async function miniLmTextEncoder(session: OnnxSession, tokenizer: unknown, name: string): Promise<TextEncoder> {
  const known = [...NEEDED, TYPES];
  const strange = session.inputNames.filter((input) => !known.includes(input));
  const missing = NEEDED.filter((input) => !session.inputNames.includes(input));
  if (strange.length + missing.length > 0)
    throw new RangeError(
      `${name}: model.onnx takes ${session.inputNames.join(', ')}; ${known.join(', ')} are expected`,
    );
  const tokenize = wordPiece(tokenizer);
  const encode = (texts: readonly string[]) => inBatches(texts, (part) => encodeBatch(session, tokenize, part, name));
  const [probe] = await encode(['']);
  return { dimensions: probe!.length, version: `${name}@1`, encode };
}

async function encodeBatch(
  session: OnnxSession,
  tokenize: Tokenize,
  texts: readonly string[],
  name: string,
): Promise<Float32Array[]> {
  const tokens = texts.map(tokenize);
  const length = Math.max(...tokens.map((ids) => ids.length));
  const ids = new BigInt64Array(tokens.length * length);
  const mask = new BigInt64Array(tokens.length * length);
  for (const [row, each] of tokens.entries()) {
    for (const [i, id] of each.entries()) {
      ids[row * length + i] = BigInt(id);
      mask[row * length + i] = 1n;
    }
  }
  const input = (data: BigInt64Array): TensorIn => ({ type: 'int64', data, dims: [tokens.length, length] });
  const feeds: Record<string, TensorIn> = { input_ids: input(ids), attention_mask: input(mask) };
  if (session.inputNames.includes(TYPES)) feeds[TYPES] = input(new BigInt64Array(ids.length));
  const hidden = (await session.run(feeds))[OUTPUT];
  if (hidden?.dims.length !== 3) throw new RangeError(`${name}: model.onnx gives no ${OUTPUT} [texts, tokens, width]`);
  return tokens.map((each, row) => pooled(hidden, row, each.length));
}

/** The mean of a text's token vectors, without the padding after them, at unit length. */
function pooled({ data, dims }: TensorOut, row: number, tokens: number): Float32Array {
  const [, length, width] = dims as [number, number, number];
  const sum = new Float64Array(width);
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < width; i++) sum[i]! += data[(row * length + token) * width + i]!;
  }
  let squares = 0;
  for (const x of sum) squares += x * x;
  const scale = 1 / Math.max(Math.sqrt(squares), 1e-12);
  return Float32Array.from(sum, (x) => x * scale);
}
