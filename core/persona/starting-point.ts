/** Where a new traveller starts from: the tags, and what behaviour taught of travellers like them. */
import { archetypesByDistance } from './archetypes.ts';
import { type Dimensions, NEUTRAL_DIMENSIONS } from './dimensions.ts';
import { dimensionsFromTags, interestsFromTags, type OnboardingTags } from './onboarding.ts';
import { makePersona, type Persona } from './persona.ts';
import { PERSONA_VECTOR_VERSION } from './persona-vector.ts';

/** What behaviour taught of an archetype. */
export interface ArchetypePrior {
  /** Mean over its travellers, in [0, 1]; of a dimension that is missing the neutral value stands. */
  dimensions: Partial<Dimensions>;
  runId: string;
}

/** By archetype: those that may load. */
export type ArchetypePriors = ReadonlyMap<string, ArchetypePrior>;

/** Decided once, and stored: priors that come or go later move nobody who is there already. */
export interface StartingPoint {
  persona: Persona;
  /** Of the embedding. */
  version: string;
  /** The prior that has a part in it, such as `archetype_prior:A8@1a2b3c4d`; null: the tags alone. */
  prior: string | null;
}

/**
 * Who chose no tag is like nobody in particular, and starts from the neutral values. Of all others the tags name the
 * nearest archetype; where there is a prior of it, that takes the place of the neutral values.
 */
export function startingPoint(tags: OnboardingTags, priors: ArchetypePriors): StartingPoint {
  const alone = dimensionsFromTags(tags);
  const chosen = Object.values(tags).some((group) => group.length > 0);
  const nearest = archetypesByDistance(alone)[0]!.id;
  const known = chosen ? priors.get(nearest) : undefined;
  const interests = interestsFromTags(tags);
  if (!known) return { persona: makePersona(alone, interests), version: PERSONA_VECTOR_VERSION, prior: null };
  const run = known.runId.slice(0, 8);
  return {
    persona: makePersona(dimensionsFromTags(tags, { ...NEUTRAL_DIMENSIONS, ...known.dimensions }), interests),
    version: `${PERSONA_VECTOR_VERSION}+${nearest}.${run}`,
    prior: `archetype_prior:${nearest}@${run}`,
  };
}
