/** The persona embedding: 128 numbers that stand for a traveller's taste. */
import { unitLength } from '../venue/unit-vector.ts';
import { VIBE_TAG_NAMES, type VibeTag } from '../venue/vocabulary.ts';
import { DIMENSION_NAMES, type Dimensions } from './dimensions.ts';

export const PERSONA_VECTOR_LENGTH = 128;

/** Part of every stored embedding's version: raise it when the numbers change. */
export const PERSONA_VECTOR_VERSION = 'persona-tags@1';

const COORDINATE = new Map(VIBE_TAG_NAMES.map((tag, i) => [tag, DIMENSION_NAMES.length + i]));
if (DIMENSION_NAMES.length + VIBE_TAG_NAMES.length > PERSONA_VECTOR_LENGTH) {
  throw new RangeError(`${VIBE_TAG_NAMES.length} vibe tags do not fit into ${PERSONA_VECTOR_LENGTH} numbers`);
}

/** Each dimension in [-1, 1], 0 where the traveller leans to neither side, in the order of `DIMENSION_NAMES`. */
export function centred(dimensions: Dimensions): number[] {
  return DIMENSION_NAMES.map((name) => 2 * (dimensions[name] - 0.5));
}

/** Dimensions centred on 0.5, then one number an interest, to 128 numbers of unit length. */
export function personaEmbedding(dimensions: Dimensions, interests: readonly VibeTag[]): Float32Array {
  const vector = new Float64Array(PERSONA_VECTOR_LENGTH);
  vector.set(centred(dimensions));
  for (const tag of interests) vector[COORDINATE.get(tag)!] = 1 / Math.sqrt(interests.length);
  return unitLength(vector);
}
