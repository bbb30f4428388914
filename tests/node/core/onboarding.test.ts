import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import {
  dimensionsFromTags,
  interestsFromTags,
  ONBOARDING_GROUPS,
  readOnboardingTags,
} from '../../../core/persona/onboarding.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';

const GROUPS = Object.entries(ONBOARDING_GROUPS);
const stored = (selection: Record<string, string | string[]>) => {
  const { tags, problems } = readOnboardingTags(selection);
  if (!tags) throw new Error(JSON.stringify(problems));
  return tags;
};

/** Any valid selection, its tags and groups in any order, tags repeated now and then. */
const anySelection = fc
  .tuple(
    ...GROUPS.map(([, group]) =>
      fc.option(fc.array(fc.constantFrom(...Object.keys(group.tags)), { maxLength: group.multiple ? 6 : 1 })),
    ),
  )
  .map((lists) => GROUPS.flatMap(([name], i) => (lists[i] ? [[name, lists[i]] as [string, string[]]] : [])));

describe('the onboarding vocabulary', () => {
  it('speaks only of dimensions and vibe tags that exist, in [0, 1]', () => {
    for (const [group, { tags }] of GROUPS) {
      for (const [tag, { dimensions, vibe_tags }] of Object.entries(tags)) {
        for (const [name, [target, strength]] of Object.entries(dimensions)) {
          expect(DIMENSION_NAMES, `${group}.${tag}`).toContain(name);
          expect(target, `${group}.${tag}`).toBeGreaterThanOrEqual(0);
          expect(target, `${group}.${tag}`).toBeLessThanOrEqual(1);
          expect(strength, `${group}.${tag}`).toBeGreaterThan(0);
        }
        for (const vibe of vibe_tags) expect(VIBE_TAG_NAMES, `${group}.${tag}`).toContain(vibe);
      }
    }
  });

  it('can move every dimension', () => {
    for (const name of DIMENSION_NAMES) {
      const moves = GROUPS.some(([group, { tags }]) =>
        Object.keys(tags).some((tag) => dimensionsFromTags({ [group]: [tag] })[name] !== NEUTRAL_DIMENSIONS[name]),
      );
      expect(moves, name).toBe(true);
    }
  });
});

describe('a selection of tags', () => {
  it('takes single tags and lists, and stores sorted lists without repeats', () => {
    expect(stored({ food: ['ramen', 'coffee', 'ramen'], pace: 'slow' })).toEqual({
      food: ['coffee', 'ramen'],
      pace: ['slow'],
    });
    expect(stored({})).toEqual({});
  });

  it('says of an unknown tag where it stands and which ones are known', () => {
    const { tags, problems } = readOnboardingTags({ pace: 'glacial', food: ['ramen', 'gruel'] });
    expect(tags).toBeNull();
    expect(problems).toEqual([
      { field: 'onboarding_tags.pace', message: 'unknown tag "glacial"', known: ['slow', 'moderate', 'fast'] },
      {
        field: 'onboarding_tags.food',
        message: 'unknown tag "gruel"',
        known: Object.keys(ONBOARDING_GROUPS.food!.tags),
      },
    ]);
  });

  it('says of an unknown group which ones are known', () => {
    expect(readOnboardingTags({ mood: 'happy' }).problems).toEqual([
      { field: 'onboarding_tags.mood', message: 'unknown group "mood"', known: Object.keys(ONBOARDING_GROUPS) },
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'does not take "%s" for a group or a tag',
    (name) => {
      const asGroup = JSON.parse(`{"${name}": "slow"}`);
      expect(readOnboardingTags(asGroup)).toMatchObject({
        tags: null,
        problems: [{ message: `unknown group "${name}"` }],
      });
      expect(readOnboardingTags({ pace: name })).toMatchObject({
        tags: null,
        problems: [{ message: `unknown tag "${name}"` }],
      });
      expect(Object.prototype).not.toHaveProperty('slow');
    },
  );

  it('takes one tag of a group that is a single choice', () => {
    expect(readOnboardingTags({ pace: ['slow', 'fast'] })).toMatchObject({
      tags: null,
      problems: [{ field: 'onboarding_tags.pace', message: 'takes one tag, not 2' }],
    });
    expect(stored({ pace: ['slow', 'slow'] })).toEqual({ pace: ['slow'] });
  });

  it('means the same in whatever order it is given, to the bit', () => {
    fc.assert(
      fc.property(
        anySelection.chain((groups) =>
          fc.tuple(
            fc.constant(groups),
            fc
              .shuffledSubarray(groups, { minLength: groups.length })
              .map((shuffled) => shuffled.map(([name, tags]) => [name, tags.toReversed()] as const)),
          ),
        ),
        ([groups, shuffled]) => {
          const one = stored(Object.fromEntries(groups));
          const other = stored(Object.fromEntries(shuffled));
          expect(dimensionsFromTags(other)).toEqual(dimensionsFromTags(one));
          expect(interestsFromTags(other)).toEqual(interestsFromTags(one));
          expect(personaFromTags(other).embedding).toEqual(personaFromTags(one).embedding);
        },
      ),
    );
  });

  it('always gives every dimension, in [0, 1]', () => {
    fc.assert(
      fc.property(anySelection, (groups) => {
        const dimensions = dimensionsFromTags(stored(Object.fromEntries(groups)));
        expect(Object.keys(dimensions)).toEqual([...DIMENSION_NAMES]);
        for (const value of Object.values(dimensions)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('stays neutral where it says nothing', () => {
    expect(dimensionsFromTags({})).toEqual(NEUTRAL_DIMENSIONS);
    expect(dimensionsFromTags({ pace: ['slow'] })).toEqual({
      ...NEUTRAL_DIMENSIONS,
      pace_preference: (0.5 + 0.12 * 4) / 5,
    });
  });

  it('means what it says', () => {
    const of = (selection: Record<string, string | string[]>) => dimensionsFromTags(stored(selection));
    expect(of({ pace: 'slow' }).pace_preference).toBeLessThan(of({ pace: 'moderate' }).pace_preference);
    expect(of({ pace: 'moderate' }).pace_preference).toBeLessThan(of({ pace: 'fast' }).pace_preference);
    expect(of({ locals: 'landmarks' }).local_vs_tourist_bias).toBeLessThan(0.25);
    expect(of({ locals: 'local_first' }).local_vs_tourist_bias).toBeGreaterThan(0.75);
    expect(of({ budget: 'low' }).cost_sensitivity).toBeGreaterThan(0.75);
    expect(of({ budget: 'high' }).cost_sensitivity).toBeLessThan(0.25);
    expect(of({ rhythm: 'night_owl' }).night_owl).toBeGreaterThan(0.75);
    expect(of({ company: 'children' }).family_focus).toBeGreaterThan(0.75);
    expect(of({ interests: ['museums'] }).culture).toBeGreaterThan(0.75);
    expect(of({ food: ['foodie'] }).food_priority).toBeGreaterThan(of({ food: ['ramen'] }).food_priority);
    expect(interestsFromTags(stored({ food: ['ramen', 'mexican'], pace: 'slow' }))).toEqual(['mole', 'ramen', 'tacos']);
  });
});
