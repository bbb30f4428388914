/** The text encoder that the item tower reads venues with: a trained version, which stays as it is. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { Venue } from '../../core/venue/venue.ts';
import { onnxSession } from '../../platform/inference/onnx-session.ts';
import { hashedTextEncoder } from '../../platform/inference/text-encoder.ts';
import { TEXT_INPUTS_VERSION, venueText } from '../text-encoder/inputs.ts';
import { TEXT_WIDTH } from './inputs.ts';

export interface FrozenTextEncoder {
  /** Of its file, which goes with the towers. */
  bytes: Uint8Array;
  /** [venues, TEXT_WIDTH]; zeros where no record is left. */
  vectorsOf(venues: readonly (Venue | null)[]): Promise<Float32Array>;
}

/** @param version of `models/artifacts/text-encoder`. @throws RangeError where there is no such version */
export async function frozenTextEncoder(version: string): Promise<FrozenTextEncoder> {
  const file = new URL(`../artifacts/text-encoder/${version}/text-encoder.onnx`, import.meta.url);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new RangeError(`text_encoder: models/artifacts/text-encoder has no version ${version}`, { cause: error });
  });
  return {
    bytes,
    async vectorsOf(venues) {
      const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
      try {
        const encoder = hashedTextEncoder(onnxSession(ort, session), {
          version,
          dimensions: TEXT_WIDTH,
          inputs: TEXT_INPUTS_VERSION,
        });
        const known = [...venues.entries()].flatMap(([i, venue]) => (venue ? [{ i, text: venueText(venue) }] : []));
        const vectors = await encoder.encode(known.map(({ text }) => text));
        const all = new Float32Array(venues.length * TEXT_WIDTH);
        for (const [k, { i }] of known.entries()) all.set(vectors[k]!, i * TEXT_WIDTH);
        return all;
      } finally {
        await session.release();
      }
    },
  };
}
