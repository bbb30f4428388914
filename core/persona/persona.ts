/** Who is travelling, as rankers see it. */
import { retrievalVector } from '../venue/venue-vector.ts';
import type { VibeTag } from '../venue/vocabulary.ts';
import type { Dimensions } from './dimensions.ts';
import { dimensionsFromTags, interestsFromTags, type OnboardingTags } from './onboarding.ts';
import { centred, personaEmbedding } from './persona-vector.ts';

export interface Persona {
  dimensions: Dimensions;
  /** Vibe tags that the traveller asked for by name, sorted. */
  interests: readonly VibeTag[];
  /** 128 numbers of unit length; a pure function of dimensions and interests. */
  embedding: Float32Array;
  /** 64 numbers of unit length: where to search among venues. */
  retrieval: Float32Array;
  /** What a language model made of the onboarding tags; null without one. */
  description: string | null;
}

export function makePersona(
  dimensions: Dimensions,
  interests: readonly VibeTag[],
  description: string | null = null,
): Persona {
  const sorted = [...interests].sort();
  return {
    dimensions,
    interests: sorted,
    embedding: personaEmbedding(dimensions, sorted),
    retrieval: retrievalVector(centred(dimensions), sorted),
    description,
  };
}

/** The persona of a traveller of whom only the onboarding tags are known. */
export function personaFromTags(tags: OnboardingTags): Persona {
  return makePersona(dimensionsFromTags(tags), interestsFromTags(tags));
}

/** Fewer counting signals than this and the ML rankers are not called at all (invariant 8). */
export const WARM_SIGNALS = 20;

export function isWarm(countingSignals: number): boolean {
  return countingSignals >= WARM_SIGNALS;
}
