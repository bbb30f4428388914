import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { type Evidence, LEARNING, learnDimensions } from '../../../core/persona/learn.ts';

const FOOD = DIMENSION_NAMES.indexOf('food_priority');
const profile = (offers: number) => Float64Array.from(DIMENSION_NAMES, (_, i) => (i === FOOD ? offers : 0));
const seen = (offers: number, accepted: boolean, weight = 1): Evidence => ({
  profile: profile(offers),
  accepted,
  weight,
});
const food = (...evidence: Evidence[]) => learnDimensions(NEUTRAL_DIMENSIONS, evidence).food_priority;
const start = NEUTRAL_DIMENSIONS.food_priority;

const anyDimensions = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: DIMENSION_NAMES.length,
    maxLength: DIMENSION_NAMES.length,
  })
  .map((values) => Object.fromEntries(DIMENSION_NAMES.map((name, i) => [name, values[i]])) as Dimensions);
const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  profile: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: DIMENSION_NAMES.length,
    maxLength: DIMENSION_NAMES.length,
  }),
  accepted: fc.boolean(),
  weight: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('learning', () => {
  it('goes toward what accepted venues offer, and away from what rejected ones do', () => {
    expect(food(seen(1, true))).toBeGreaterThan(start);
    expect(food(seen(1, false))).toBeLessThan(start);
    expect(food(seen(-1, true))).toBeLessThan(start);
    expect(food(seen(-1, false))).toBeGreaterThan(start);
  });

  it('takes a step of the rate for a full-strength verdict on a venue that offers all', () => {
    expect(food(seen(1, true))).toBeCloseTo(start + LEARNING.rate * (1 - start), 12);
    expect(food(seen(0.5, true, 0.3)) - start).toBeCloseTo(LEARNING.rate * 0.3 * 0.5 * (1 - start), 12);
  });

  it('leaves alone what venues are silent on, and everything where there is nothing to learn', () => {
    const { food_priority: _, ...rest } = learnDimensions(NEUTRAL_DIMENSIONS, [seen(1, true)]);
    expect(NEUTRAL_DIMENSIONS).toMatchObject(rest);
    expect(learnDimensions(NEUTRAL_DIMENSIONS, [])).toEqual(NEUTRAL_DIMENSIONS);
    expect(learnDimensions(NEUTRAL_DIMENSIONS, [seen(1, true, 0)])).toEqual(NEUTRAL_DIMENSIONS);
  });

  it('counts what is new more than what is old', () => {
    expect(food(seen(1, false), seen(1, true))).toBeGreaterThan(food(seen(1, true), seen(1, false)));
  });

  it('stays in [0, 1], and within its bound of one run, whatever was done', () => {
    fc.assert(
      fc.property(anyDimensions, fc.array(anyEvidence, { maxLength: 200 }), (before, evidence) => {
        const after = learnDimensions(before, evidence);
        for (const name of DIMENSION_NAMES) {
          expect(after[name]).toBeGreaterThanOrEqual(0);
          expect(after[name]).toBeLessThanOrEqual(1);
          expect(Math.abs(after[name] - before[name])).toBeLessThanOrEqual(LEARNING.mostARun + 1e-12);
        }
      }),
    );
    expect(food(...Array.from({ length: 500 }, () => seen(1, true)))).toBeCloseTo(start + LEARNING.mostARun, 12);
  });
});
