import { describe, expect, it } from 'vitest';
import { archetype, archetypesByDistance } from '../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { dimensionsFromTags, ONBOARDING_GROUPS, type OnboardingTags } from '../../../core/persona/onboarding.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { PERSONA_VECTOR_VERSION } from '../../../core/persona/persona-vector.ts';
import { type ArchetypePriors, startingPoint } from '../../../core/persona/starting-point.ts';

const FOODIE: OnboardingTags = {
  atmosphere: ['crowds_are_fine'],
  food: ['adventurous', 'foodie'],
  locals: ['local_first'],
};
const HIKER: OnboardingTags = { adventure: ['bold'], interests: ['hiking', 'outdoors'], pace: ['fast'] };
const runId = '1a2b3c4d-0000-4000-8000-000000000000';
const of = (...ids: string[]): ArchetypePriors =>
  new Map(ids.map((id) => [id, { dimensions: archetype(id).dimensions, runId }]));
const nearest = (tags: OnboardingTags) => archetypesByDistance(dimensionsFromTags(tags))[0]!.id;

describe('a new traveller', () => {
  it('whose tags are nearest to an archetype starts from its prior where the neutral value stood', () => {
    expect(nearest(FOODIE)).toBe('A8');
    const { persona, version, prior } = startingPoint(FOODIE, of('A8', 'A9'));
    const target = archetype('A8').dimensions;
    const alone = dimensionsFromTags(FOODIE);
    for (const name of DIMENSION_NAMES) {
      let strength = 1;
      for (const [group, tags] of Object.entries(FOODIE)) {
        for (const tag of tags) strength += ONBOARDING_GROUPS[group]!.tags[tag]!.dimensions[name]?.[1] ?? 0;
      }
      const moved = (target[name] - NEUTRAL_DIMENSIONS[name]) / strength;
      expect(persona.dimensions[name]).toBeCloseTo(alone[name] + moved, 12);
    }
    expect({ version, prior }).toEqual({
      version: `${PERSONA_VECTOR_VERSION}+A8.1a2b3c4d`,
      prior: 'archetype_prior:A8@1a2b3c4d',
    });
    expect(persona.interests).toEqual(personaFromTags(FOODIE).interests);
  });

  it.each([
    ['nearest to another archetype', HIKER, of('A8')],
    ['who chose no tag', {}, of('A8', 'A11')],
    ['who chose none of a group', { food: [] }, of('A8', 'A11')],
    ['of whose archetype nothing was learned', FOODIE, of()],
  ])('%s starts from the tags alone', (_, tags: OnboardingTags, priors) => {
    expect(startingPoint(tags, priors)).toEqual({
      persona: personaFromTags(tags),
      version: PERSONA_VECTOR_VERSION,
      prior: null,
    });
  });

  it('keeps the neutral value of a dimension that the prior is silent on', () => {
    const { persona } = startingPoint(FOODIE, new Map([['A8', { dimensions: { culture: 0.1 }, runId }]]));
    const { culture: _, ...rest } = dimensionsFromTags(FOODIE);
    expect(persona.dimensions).toMatchObject(rest);
    expect(persona.dimensions.culture).toBeLessThan(NEUTRAL_DIMENSIONS.culture);
  });
});
