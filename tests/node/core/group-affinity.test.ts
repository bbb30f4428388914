import { describe, expect, test } from 'vitest';
import { affinityMatrix } from '../../../core/group/affinity-matrix.ts';
import { groupCandidates } from '../../../core/group/group-candidates.ts';
import { groupDimensions } from '../../../core/group/group-dimensions.ts';
import { memberMean } from '../../../core/group/member-mean.ts';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { FOOD_FIRST, OUTDOORS_FIRST, preparedGroup } from './fixtures/group-trips.ts';
import { someVenue } from './fixtures/venues.ts';

const { members } = preparedGroup({ members: { food: FOOD_FIRST, outdoors: OUTDOORS_FIRST } });

describe('the affinity matrix', () => {
  const matrix = affinityMatrix(members);

  test('gives each member a voice of the same range, from 0 to 1 over the trip', () => {
    members.forEach((_, member) => {
      const all = matrix.moments.flatMap(({ utilities }) => [...utilities[member]!]);
      expect(Math.min(...all)).toBe(0);
      expect(Math.max(...all)).toBe(1);
    });
  });

  test('keeps the order in which each member alone would be served', () => {
    members.forEach(({ moments }, member) => {
      moments.forEach(({ order }, m) => {
        const own = matrix.moments[m]!.utilities[member]!;
        for (let i = 1; i < order.length; i++) expect(own[order[i]!]).toBeLessThanOrEqual(own[order[i - 1]!]!);
      });
    });
  });

  test('lets a member to whom all is one sway nothing', () => {
    const same = { ...members[0]!.moments[0]!, scores: Float64Array.of(0.4, 0.4), order: [0, 1] };
    const indifferent = affinityMatrix([{ ...members[0]!, moments: [same] }]);
    expect([...indifferent.moments[0]!.utilities[0]!]).toEqual([1, 1]);
  });

  test('is empty, and finite, without candidates', () => {
    const none = { scores: new Float64Array(), order: [] };
    const empty = affinityMatrix(
      members.map((member) => ({ ...member, moments: member.moments.map((moment) => ({ ...moment, ...none })) })),
    );
    expect(empty.moments).toHaveLength(9);
    expect(empty.scale).toEqual({ low: 0, high: 1 });
  });
});

describe('the candidates of a group', () => {
  const venues = Array.from({ length: 400 }, (_, i) => someVenue({ id: `v${String(i).padStart(3, '0')}` }));

  test('are the list itself where all have the same', () => {
    const list = venues.slice(0, 200).toReversed();
    expect(groupCandidates([list, list, list])).toEqual(list);
  });
  test('hold the first choices of every member, and 200 in all', () => {
    const lists = [venues.slice(0, 200), venues.slice(200, 400), venues.slice(100, 300)];
    const merged = groupCandidates(lists);
    expect(merged).toHaveLength(200);
    expect(new Set(merged).size).toBe(200);
    for (const list of lists) for (const venue of list.slice(0, 60)) expect(merged).toContain(venue);
  });
  test('do not depend on the order of the members', () => {
    const lists = [venues.slice(0, 200), venues.slice(150, 350), venues.slice(50, 150).toReversed()];
    expect(groupCandidates(lists.toReversed())).toEqual(groupCandidates(lists));
  });
  test('prefer, of equal places, what more members found', () => {
    const [a, b, c] = venues as [(typeof venues)[0], (typeof venues)[0], (typeof venues)[0]];
    expect(groupCandidates([[a, c], [b, c], [b]])).toEqual([b, a, c]);
  });
});

describe('means over members', () => {
  test('are exact where all are equal, in any number', () => {
    for (let n = 1; n <= 8; n++) expect(memberMean(Array(n).fill(0.1))).toBe(0.1);
  });
  test('are the same in any order', () => {
    expect(memberMean([0.1, 0.7, 0.2, 0.35])).toBe(memberMean([0.35, 0.2, 0.1, 0.7]));
  });
  test('give a group the dimensions between its members', () => {
    const slow = { ...NEUTRAL_DIMENSIONS, pace_preference: 0.2 };
    const fast = { ...NEUTRAL_DIMENSIONS, pace_preference: 0.9 };
    expect(groupDimensions([slow, fast]).pace_preference).toBeCloseTo(0.55, 12);
    expect(groupDimensions([slow, slow, slow])).toEqual(slow);
    expect(() => groupDimensions([])).toThrow(RangeError);
  });
});
