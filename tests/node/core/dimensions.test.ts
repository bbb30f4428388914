import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, DIMENSIONS, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { CATEGORIES, VIBE_TAGS } from '../../../core/venue/vocabulary.ts';

describe('the persona dimensions', () => {
  it('are one list, in one order, in the data and in the types', () => {
    expect(DIMENSIONS.map((dimension) => dimension.name)).toEqual([...DIMENSION_NAMES]);
    expect(new Set(DIMENSION_NAMES).size).toBe(DIMENSION_NAMES.length);
  });

  it('hold those that the design names', () => {
    expect(DIMENSION_NAMES).toEqual(
      expect.arrayContaining([
        ...['local_vs_tourist_bias', 'pace_preference', 'food_priority', 'social_energy', 'culture', 'nature'],
        ...['adventure', 'cost_sensitivity', 'night_owl'],
      ]),
    );
  });

  it('each say in a sentence what 0 and 1 mean, and where one stands of whom nothing is known', () => {
    for (const { name, zero, one, neutral } of DIMENSIONS) {
      expect(zero, name).toMatch(/^[A-Z].{10,}\.$/);
      expect(one, name).toMatch(/^[A-Z].{10,}\.$/);
      expect(zero, name).not.toBe(one);
      expect(neutral, name).toBeGreaterThan(0);
      expect(neutral, name).toBeLessThan(1);
      expect(NEUTRAL_DIMENSIONS[name]).toBe(neutral);
    }
  });

  it('are what categories and vibe tags speak for, in [-1, 1]', () => {
    for (const [entry, { loads }] of [...Object.entries(CATEGORIES), ...Object.entries(VIBE_TAGS)]) {
      for (const [name, load] of Object.entries(loads)) {
        expect(DIMENSION_NAMES, entry).toContain(name);
        expect(Math.abs(load), entry).toBeLessThanOrEqual(1);
      }
    }
  });
});
