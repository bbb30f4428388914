/** Workers AI in place of our own encoder. */
import { z } from 'zod';
import { unitLength } from '../../core/venue/unit-vector.ts';
import { inBatches, type TextEncoder } from './text-encoder.ts';

export const WORKERS_AI_MODEL = '@cf/baai/bge-small-en-v1.5';
const DIMENSIONS = 384;
/** Texts that one call takes. */
const MOST_TEXTS = 100;

/** The part of the `AI` binding that is called. */
export interface AiBinding {
  run(model: typeof WORKERS_AI_MODEL, input: { text: string[] }): Promise<unknown>;
}

const answer = z.object({ data: z.array(z.array(z.number()).length(DIMENSIONS)) });

/** @throws Error where the service fails or answers with something else */
export function workersAiTextEncoder(ai: AiBinding): TextEncoder {
  return {
    dimensions: DIMENSIONS,
    version: 'bge-small-en-v1.5@workers-ai',
    encode: (texts) =>
      inBatches(
        texts,
        async (part) => {
          const { data } = answer.parse(await ai.run(WORKERS_AI_MODEL, { text: [...part] }));
          if (data.length !== part.length)
            throw new Error(`Workers AI gave ${data.length} vectors for ${part.length} texts`);
          return data.map((vector) => unitLength(Float64Array.from(vector)));
        },
        MOST_TEXTS,
      ),
  };
}
