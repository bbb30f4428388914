import { describe, expect, it } from 'vitest';
import {
  ARCHETYPES,
  archetype,
  archetypePersona,
  archetypesByDistance,
  NEAREST_ARCHETYPES,
} from '../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, type DimensionName, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';

/** A value of the seed's table, or the range that its word stands for. */
type Named = number | 'low' | 'moderate' | 'high';
const RANGES = { low: [0, 0.35], moderate: [0.4, 0.6], high: [0.65, 1] } as const;

/** The archetype library of the simulation framework (seed 0): every value that it names. */
const LIBRARY: [id: string, label: string, named: Partial<Record<DimensionName, Named>>][] = [
  [
    'A1',
    'Solo Local Hunter',
    { local_vs_tourist_bias: 0.9, food_priority: 0.8, pace_preference: 'low', cost_sensitivity: 'moderate' },
  ],
  [
    'A2',
    'Couples Slow',
    { pace_preference: 'low', social_energy: 'low', food_priority: 'high', cost_sensitivity: 'low' },
  ],
  [
    'A3',
    'Group Packed',
    { pace_preference: 'high', social_energy: 'high', adventure: 'high', cost_sensitivity: 'moderate' },
  ],
  [
    'A4',
    'Culture Deep',
    { culture: 0.9, pace_preference: 'low', local_vs_tourist_bias: 0.6, food_priority: 'moderate' },
  ],
  ['A5', 'Budget Backpacker', { cost_sensitivity: 0.9, pace_preference: 'high', local_vs_tourist_bias: 0.7 }],
  ['A6', 'Business Traveler', { pace_preference: 'high', food_priority: 'high', social_energy: 'low' }],
  [
    'A7',
    'Family Practical',
    { pace_preference: 'moderate', social_energy: 'moderate', food_adventurousness: 'low', adventure: 'low' },
  ],
  [
    'A8',
    'Foodie First',
    { food_priority: 0.95, pace_preference: 'moderate', local_vs_tourist_bias: 0.8, culture: 'low' },
  ],
  ['A9', 'Outdoor / Active', { nature: 0.85, pace_preference: 'high', food_priority: 'low', culture: 'low' }],
  [
    'A10',
    'Luxury Minimal',
    { cost_sensitivity: 'low', pace_preference: 'low', social_energy: 'low', culture: 'moderate' },
  ],
  [
    'A11',
    'Curious First-Timer',
    { culture: 0.6, food_priority: 0.6, local_vs_tourist_bias: 0.4, pace_preference: 'moderate' },
  ],
  ['A12', 'Night Owl Social', { social_energy: 0.9, night_owl: 'high', culture: 'low' }],
];

describe('the archetypes', () => {
  it('are A1 to A12, in order', () => {
    expect(ARCHETYPES.map(({ id, label }) => [id, label])).toEqual(LIBRARY.map(([id, label]) => [id, label]));
  });

  it.each(LIBRARY)('%s, %s, has the values of the library', (id, _, named) => {
    const { dimensions } = archetype(id);
    for (const [name, value] of Object.entries(named) as [DimensionName, Named][]) {
      const [low, high] = typeof value === 'number' ? [value, value] : RANGES[value];
      expect(dimensions[name], name).toBeGreaterThanOrEqual(low);
      expect(dimensions[name], name).toBeLessThanOrEqual(high);
    }
  });

  it('have every dimension in [0, 1], and tags of the vocabulary', () => {
    for (const { id, dimensions, tags, summary } of ARCHETYPES) {
      expect(Object.keys(dimensions).sort(), id).toEqual([...DIMENSION_NAMES].sort());
      for (const value of Object.values(dimensions)) {
        expect(value, id).toBeGreaterThanOrEqual(0);
        expect(value, id).toBeLessThanOrEqual(1);
      }
      for (const tag of tags) expect(VIBE_TAG_NAMES, id).toContain(tag);
      expect(summary, id).not.toBe('');
    }
  });

  it('are looked up by id, and an unknown one is an error that lists them', () => {
    expect(archetype('A8').label).toBe('Foodie First');
    expect(() => archetype('A13')).toThrow(/unknown archetype "A13", known: A1, A2/);
  });
});

describe('the nearest archetypes', () => {
  it('begin with the archetype itself, at no distance', () => {
    for (const { id, dimensions } of ARCHETYPES) {
      expect(archetypesByDistance(dimensions)[0]).toMatchObject({ id, distance: 0 });
    }
  });

  it('are all twelve by rising distance in [0, 1], and three of them name the cache buckets', () => {
    const near = archetypesByDistance(NEUTRAL_DIMENSIONS);
    expect(near).toHaveLength(12);
    expect(near.map((a) => a.distance)).toEqual(near.map((a) => a.distance).toSorted((a, b) => a - b));
    for (const { distance } of near) expect(distance).toBeLessThanOrEqual(1);
    expect(NEAREST_ARCHETYPES).toBe(3);
  });

  it('are the ones that a traveller would say', () => {
    const nearest = (tags: Record<string, string[]>) =>
      archetypesByDistance(personaFromTags(tags).dimensions)
        .slice(0, NEAREST_ARCHETYPES)
        .map(({ id }) => id);
    expect(nearest({ interests: ['hiking', 'cycling'], pace: ['fast'], rhythm: ['early_bird'] })).toContain('A9');
    expect(nearest({ company: ['children'], adventure: ['safe'], food: ['familiar'] })[0]).toBe('A7');
    expect(nearest({ nightlife: ['dancing', 'cocktails'], rhythm: ['night_owl'], company: ['friends'] })).toContain(
      'A12',
    );
    expect(nearest({ interests: ['museums', 'history'], pace: ['slow'] })[0]).toBe('A4');
  });

  it('become personas that want what they stand for', () => {
    const { interests, description } = archetypePersona(archetype('A9'));
    expect(interests).toEqual(['cycling', 'early-start', 'hike', 'wild']);
    expect(description).toBe(archetype('A9').summary);
  });
});
