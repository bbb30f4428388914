import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GROUP_STRATEGIES, type GroupStrategy, groupUtility } from '../../../core/group/strategies.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const weight = fc.double({ min: 0.5, max: 2, noNaN: true });
const column = fc.array(fc.tuple(unit, weight), { minLength: 1, maxLength: 8 });
const level = (strategy: GroupStrategy, utilities: number[]) =>
  groupUtility(
    strategy,
    utilities,
    utilities.map(() => 1),
  );

describe.each(GROUP_STRATEGIES)('%s', (strategy) => {
  test('lies between the least and the most pleased member', () => {
    fc.assert(
      fc.property(column, (members) => {
        const utilities = members.map(([u]) => u);
        const group = groupUtility(
          strategy,
          utilities,
          members.map(([, w]) => w),
        );
        expect(group).toBeGreaterThanOrEqual(Math.min(...utilities) - 1e-12);
        expect(group).toBeLessThanOrEqual(Math.max(...utilities) + 1e-12);
      }),
    );
  });

  test('gives equal members what each of them has', () => {
    fc.assert(
      fc.property(unit, fc.array(weight, { minLength: 1, maxLength: 8 }), (utility, weights) => {
        const utilities = weights.map(() => utility);
        expect(groupUtility(strategy, utilities, weights)).toBeCloseTo(utility, 12);
      }),
    );
  });

  test('does not ask in which order the members stand', () => {
    fc.assert(
      fc.property(column, (members) => {
        const of = (list: typeof members) =>
          groupUtility(
            strategy,
            list.map(([u]) => u),
            list.map(([, w]) => w),
          );
        expect(of(members.toReversed())).toBeCloseTo(of(members), 12);
      }),
    );
  });

  test('never falls when one member likes the place more', () => {
    fc.assert(
      fc.property(column, unit, (members, more) => {
        const weights = members.map(([, w]) => w);
        const utilities = members.map(([u]) => u);
        const raised = utilities.with(0, Math.max(more, utilities[0]!));
        expect(groupUtility(strategy, raised, weights)).toBeGreaterThanOrEqual(
          groupUtility(strategy, utilities, weights) - 1e-12,
        );
      }),
    );
  });
});

describe('a place that one loves and another dislikes, against one that both like well enough', () => {
  const divisive = [1, 0.2];
  const shared = [0.55, 0.5];
  test('average takes the side of the louder', () => {
    expect(level('average', divisive)).toBeGreaterThan(level('average', shared));
  });
  test.each(['nash', 'least_misery'] as const)('%s takes what both like', (strategy) => {
    expect(level(strategy, divisive)).toBeLessThan(level(strategy, shared));
  });
});

test('least misery lets one lukewarm member outvote any number, and nash does not', () => {
  const lukewarm = [0.5, 1, 1, 1, 1];
  const nobodyMuch = [0.52, 0.52, 0.52, 0.52, 0.52];
  expect(level('least_misery', lukewarm)).toBeLessThan(level('least_misery', nobodyMuch));
  expect(level('nash', lukewarm)).toBeGreaterThan(level('nash', nobodyMuch));
});

test('nash still tells apart places that someone dislikes utterly', () => {
  expect(level('nash', [0, 0.9])).toBeGreaterThan(level('nash', [0, 0.3]));
  expect(level('nash', [0, 0.3])).toBeGreaterThan(level('nash', [0, 0]));
});

test('weight draws nash toward the member who has it, and only nash', () => {
  const hers = [0.9, 0.4];
  const his = [0.4, 0.9];
  expect(groupUtility('nash', hers, [1.6, 0.6])).toBeGreaterThan(groupUtility('nash', his, [1.6, 0.6]));
  expect(groupUtility('nash', hers, [0.6, 1.6])).toBeLessThan(groupUtility('nash', his, [0.6, 1.6]));
  for (const strategy of ['average', 'least_misery'] as const) {
    expect(groupUtility(strategy, hers, [1.6, 0.6])).toBe(level(strategy, hers));
  }
});
