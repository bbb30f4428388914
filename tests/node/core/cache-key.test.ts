import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RankingCacheKey, rankedTripDay, rankingCacheKey } from '../../../core/ranking/cache-key.ts';
import { BUDGET_BANDS, DAY_PARTS, PARTY_KINDS } from '../../../core/ranking/ranker.ts';

const KEY: RankingCacheKey = {
  citySlug: 'seattle',
  archetypeId: 'A1',
  dayPart: 'morning',
  tripDay: 1,
  partyKind: 'couple',
  budgetBand: 'mid',
  rankerVersion: 'llm-ranker@1',
  catalogueVersion: 'abc123',
};
const OTHER: RankingCacheKey = {
  citySlug: 'tokyo',
  archetypeId: 'A2',
  dayPart: 'evening',
  tripDay: 2,
  partyKind: 'family',
  budgetBand: 'low',
  rankerVersion: 'llm-ranker@2',
  catalogueVersion: 'def456',
};

describe('the key of a cached ranking', () => {
  it.each(Object.keys(KEY) as (keyof RankingCacheKey)[])('changes with %s alone', (part) => {
    expect(rankingCacheKey({ ...KEY, [part]: OTHER[part] })).not.toBe(rankingCacheKey(KEY));
  });

  it('is the same for the same parts', () => {
    expect(rankingCacheKey({ ...KEY })).toBe(rankingCacheKey(KEY));
  });

  it('is never shared by two different keys, whatever characters their parts hold', () => {
    const tricky = fc.string({
      unit: fc.constantFrom('a', '1', '/', '%', '2', 'F', '@', ':', '-', ' ', 'é'),
      maxLength: 6,
    });
    const anyKey: fc.Arbitrary<RankingCacheKey> = fc.record({
      citySlug: tricky,
      archetypeId: tricky,
      dayPart: fc.constantFrom(...DAY_PARTS),
      tripDay: fc.integer({ min: 1, max: 5 }),
      partyKind: fc.constantFrom(...PARTY_KINDS),
      budgetBand: fc.constantFrom(...BUDGET_BANDS),
      rankerVersion: tricky,
      catalogueVersion: tricky,
    });
    // The other key is mostly the same text, split at other separators: that is where a bare join would fail.
    const pair = anyKey.chain((key) => {
      const pieces = `${key.citySlug}/${key.catalogueVersion}/${key.rankerVersion}`.split('/');
      const ends = fc.tuple(fc.integer({ min: 1, max: pieces.length - 2 }), fc.nat(pieces.length));
      const split = ends.map(([first, more]) => {
        const second = first + 1 + (more % (pieces.length - 1 - first));
        const [citySlug, catalogueVersion, rankerVersion] = [
          pieces.slice(0, first),
          pieces.slice(first, second),
          pieces.slice(second),
        ].map((part) => part.join('/'));
        return { ...key, citySlug: citySlug!, catalogueVersion: catalogueVersion!, rankerVersion: rankerVersion! };
      });
      return fc.tuple(fc.constant(key), fc.oneof(split, anyKey));
    });
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const same = (Object.keys(one) as (keyof RankingCacheKey)[]).every((part) => one[part] === other[part]);
        expect(rankingCacheKey(one) === rankingCacheKey(other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('fits into KV, whose keys have 512 bytes', () => {
    expect(rankingCacheKey({ ...KEY, citySlug: 'x'.repeat(80) }).length).toBeLessThan(512);
  });
});

describe('the day that a trip day is ranked as', () => {
  it('is itself up to the fifth, and the fifth from then on', () => {
    expect([1, 2, 3, 4, 5, 6, 30].map(rankedTripDay)).toEqual([1, 2, 3, 4, 5, 5, 5]);
  });
});
