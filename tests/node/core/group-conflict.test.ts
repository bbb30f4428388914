import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { momentConflict, rankCorrelation } from '../../../core/group/conflict.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { FOOD_FIRST, OUTDOORS_FIRST, preparedGroup } from './fixtures/group-trips.ts';

const list = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 });
const of = (...values: number[]) => Float64Array.from(values);
/** The arbiter takes a group for divided above this. */
const DIVIDED = 0.4;

describe('rank correlation', () => {
  test('agrees with a worked example with ties', () => {
    // Ranks 1 2.5 2.5 4 and 1 3 2 4: covariance 4.5, variances 4.5 and 5.
    expect(rankCorrelation(of(1, 2, 2, 3), of(10, 30, 20, 40))).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });
  test('is 1 for the same order and -1 for the opposite one', () => {
    expect(rankCorrelation(of(0.1, 0.2, 0.9), of(3, 4, 5))).toBe(1);
    expect(rankCorrelation(of(0.1, 0.2, 0.9), of(5, 4, 3))).toBe(-1);
  });
});

describe('the conflict at a moment', () => {
  test('is none alone, none among those who agree, and whole between opposites', () => {
    expect(momentConflict([of(0.1, 0.5, 0.3)])).toBe(0);
    expect(momentConflict([of(0.1, 0.5, 0.3), of(0.2, 0.9, 0.4), of(0.1, 0.5, 0.3)])).toBe(0);
    expect(momentConflict([of(0.1, 0.3, 0.5), of(0.5, 0.3, 0.1)])).toBe(1);
  });
  test('lies in [0, 1] and does not ask who stands first', () => {
    fc.assert(
      fc.property(list, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (first, more) => {
        const others = Array.from({ length: 3 }, () => Float64Array.from(first, () => more.next().value));
        const group = [Float64Array.from(first), ...others];
        const conflict = momentConflict(group);
        expect(conflict).toBeGreaterThanOrEqual(0);
        expect(conflict).toBeLessThanOrEqual(1);
        expect(momentConflict(group.toReversed())).toBeCloseTo(conflict, 12);
      }),
    );
  });
  test('reads order only: a member who stretches the scale changes nothing', () => {
    fc.assert(
      fc.property(list, (values) => {
        const a = Float64Array.from(values);
        const b = a.map((value, i) => value * ((i % 3) + 1));
        const stretched = b.map((value) => value * 4);
        expect(momentConflict([a, stretched])).toBeCloseTo(momentConflict([a, b]), 12);
      }),
    );
  });
  test('grows with each further dissenter up to half of the group', () => {
    const up = of(1, 2, 3, 4);
    const down = of(4, 3, 2, 1);
    const one = momentConflict([up, up, up, up, up, down]);
    const two = momentConflict([up, up, up, up, down, down]);
    const three = momentConflict([up, up, up, down, down, down]);
    expect(0 < one && one < two && two < three).toBe(true);
  });
});

describe('a group of real travellers', () => {
  const conflictOf = (...personas: (typeof FOOD_FIRST)[]) =>
    preparedGroup({ members: Object.fromEntries(personas.map((persona, i) => [`m${i}`, persona])) }).group.conflict;

  test('is in no conflict where all are alike', () => {
    expect(conflictOf(FOOD_FIRST, FOOD_FIRST, FOOD_FIRST)).toBeCloseTo(0, 12);
  });
  test('is divided between food first and outdoors first', () => {
    expect(conflictOf(FOOD_FIRST, OUTDOORS_FIRST)).toBeGreaterThan(DIVIDED);
  });
  test('is divided between the lively and the quiet', () => {
    const lively = personaFromTags({ atmosphere: ['lively'], nightlife: ['dancing'], rhythm: ['night_owl'] });
    const quiet = personaFromTags({ atmosphere: ['quiet'], nightlife: ['none'], rhythm: ['early_bird'] });
    expect(conflictOf(lively, quiet)).toBeGreaterThan(DIVIDED);
  });
  test('is not divided by one wish more', () => {
    const tags = { food: ['ramen', 'coffee'], interests: ['museums'], locals: ['local_first'] };
    const conflict = conflictOf(
      personaFromTags(tags),
      personaFromTags({ ...tags, food: ['ramen', 'sushi', 'coffee'] }),
    );
    expect(conflict).toBeGreaterThan(0);
    expect(conflict).toBeLessThan(DIVIDED);
  });
  test('has a conflict at each moment, of which the trip has the mean', () => {
    const { group } = preparedGroup({ members: { food: FOOD_FIRST, outdoors: OUTDOORS_FIRST } });
    const parts = [1, 2, 3].flatMap((day) =>
      (['morning', 'afternoon', 'evening'] as const).map((dayPart) => group.conflictAt(day, dayPart)),
    );
    expect(parts.reduce((a, b) => a + b, 0) / parts.length).toBeCloseTo(group.conflict, 12);
  });
});
