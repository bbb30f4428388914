/** The cartesian personas: their number, their old names, their jitter. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { readOnboardingTags } from '../../../core/persona/onboarding.ts';
import { AXES, allCombinations, impossible, SHADOW_ARCHETYPES } from '../../../simulation/shadow/axes.ts';
import { axesFromPersonaSeed, DEFAULT_VALUES } from '../../../simulation/shadow/legacy-values.ts';
import {
  archetypeDimensions,
  archetypeTags,
  categoryAffinity,
  JITTER,
  STORED_DIMENSIONS,
  shadowPersona,
} from '../../../simulation/shadow/persona.ts';

describe('the axes', () => {
  it('give 360 combinations, of which the rule leaves exactly 300', () => {
    expect(Object.keys(AXES)).toHaveLength(5);
    expect(allCombinations()).toHaveLength(360);
    expect(SHADOW_ARCHETYPES).toHaveLength(300);
    expect(new Set(SHADOW_ARCHETYPES.map(({ id }) => id)).size).toBe(300);
  });

  it('leave nobody who could not be', () => {
    const reasons = allCombinations().map(impossible);
    const count = (reason: string | null) => reasons.filter((one) => one === reason).length;
    expect([count('nightlife_with_children'), count('packed_with_children'), count('leisurely_adventure')]).toEqual([
      18, 24, 18,
    ]);
    for (const { focus, pace, company } of SHADOW_ARCHETYPES) {
      if (company === 'family') expect([focus === 'nightlife', pace === 'packed']).toEqual([false, false]);
      else expect(focus === 'adventure' && pace === 'leisurely').toBe(false);
    }
  });

  it('speak in onboarding tags that exist', () => {
    for (const archetype of SHADOW_ARCHETYPES) {
      expect(readOnboardingTags(archetypeTags(archetype)).problems).toEqual([]);
      const { tags } = shadowPersona(archetype, Random.of(1, archetype.id));
      expect(readOnboardingTags(tags)).toEqual({ tags, problems: [] });
    }
  });
});

describe('a persona seed of another age', () => {
  it.each([
    [{ social_mode: 'solo_or_couple' }, { company: 'solo' }],
    [{ social_mode: 'solo_or_group' }, { company: 'solo' }],
    [{ social_mode: 'couple_or_group' }, { company: 'couple' }],
    [{ social_mode: 'group' }, { company: 'friends' }],
    [{ pace: 'slow' }, { pace: 'leisurely' }],
    [{ pace: 'leisurely' }, { pace: 'leisurely' }],
    [{ pace: ' Fast ' }, { pace: 'packed' }],
    [{ budget_tier: 'flexible' }, { budget: 'mid' }],
    [{ budget_tier: 'luxury' }, { budget: 'high' }],
    [{ budget_tier: 'shoestring', budget: 'high' }, { budget: 'high' }],
  ])('%j is read as %j', (seed, expected) => {
    const { values, defaulted } = axesFromPersonaSeed(seed);
    expect(values).toEqual({ ...DEFAULT_VALUES, ...expected });
    expect(defaulted).toHaveLength(4);
    expect(defaulted).not.toContain(Object.keys(expected)[0]);
  });

  it.each([[null], ['slow'], [{}], [{ pace: 7, social_mode: 'hermit', toString: 'slow', budget: 'constructor' }]])(
    '%j says nothing: the defaults stand, and say that they do',
    (seed) => {
      expect(axesFromPersonaSeed(seed)).toEqual({ values: DEFAULT_VALUES, defaulted: Object.keys(AXES) });
    },
  );
});

describe('the jitter', () => {
  const [archetype] = SHADOW_ARCHETYPES;
  const made = Array.from({ length: 200 }, (_, i) => shadowPersona(archetype!, Random.of(1, `user/${i}`)));

  it('moves each stored dimension by at most 0.05, and tells travellers of one archetype apart', () => {
    const base = archetypeDimensions(archetype!);
    expect(STORED_DIMENSIONS).toHaveLength(8);
    for (const name of STORED_DIMENSIONS) {
      const moved = made.map(({ stored }) => stored[name] - base[name]);
      for (const by of moved) expect(Math.abs(by)).toBeLessThanOrEqual(JITTER + 1e-4);
      expect(Math.max(...moved) - Math.min(...moved)).toBeGreaterThan(JITTER);
    }
  });

  it('is what the traveller is ranked with, and what their affinities follow from: what is stored loses nothing', () => {
    for (const { stored, persona } of made) {
      expect(persona.dimensions).toMatchObject(stored);
      expect(categoryAffinity(stored, 'museum')).toBe(persona.dimensions.culture);
      expect(categoryAffinity(stored, 'restaurant')).toBe(persona.dimensions.food_priority);
    }
  });
});
