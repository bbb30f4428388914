import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import type { Interactions } from '../../../training/data/dataset.ts';
import { calibration, topPrediction } from '../../../training/evaluation/calibration.ts';
import { Coverage, novelty, selfInformation } from '../../../training/evaluation/diversity.ts';
import { contest, FULL_RANKING } from '../../../training/evaluation/protocol.ts';
import { auc, hitRate, ndcg, rankOf, reciprocalRank } from '../../../training/evaluation/rank.ts';
import type { EvaluationCase } from '../../../training/evaluation/recommender.ts';
import { topList } from '../../../training/evaluation/top-list.ts';

/** Scores with many ties, and some that are none. */
const scores = fc
  .array(fc.constantFrom(0, 1, 2, 3, Number.NaN, Number.NEGATIVE_INFINITY), { minLength: 2, maxLength: 6 })
  .map((values) => Float32Array.from(values));

const scored = (score: number) => score > Number.NEGATIVE_INFINITY;

/** Every order of the items that their scores allow: all orders of the tied ones, equally likely. */
function orders(values: Float32Array): number[][] {
  const all = permutations([...values.keys()].filter((i) => scored(values[i]!)));
  return all.filter((order) => order.every((item, i) => i === 0 || values[order[i - 1]!]! >= values[item]!));
}

function permutations(items: number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('metrics of one list', () => {
  test('are the mean over every order of the tied items', () => {
    fc.assert(
      fc.property(scores, fc.nat(), fc.integer({ min: 1, max: 7 }), (values, pick, k) => {
        const target = pick % values.length;
        const rank = rankOf(values, target, null, null);
        if (!scored(values[target]!)) {
          expect([hitRate(rank, k), ndcg(rank, k), reciprocalRank(rank), auc(rank)]).toEqual([0, 0, 0, 0]);
          return;
        }
        const ranks = orders(values).map((order) => order.indexOf(target) + 1);
        expect(hitRate(rank, k)).toBeCloseTo(mean(ranks.map((r) => (r <= k ? 1 : 0))), 10);
        expect(ndcg(rank, k)).toBeCloseTo(mean(ranks.map((r) => (r <= k ? 1 / Math.log2(r + 1) : 0))), 10);
        expect(reciprocalRank(rank)).toBeCloseTo(mean(ranks.map((r) => 1 / r)), 10);
        const n = values.length;
        expect(auc(rank)).toBeCloseTo(mean(ranks.map((r) => (n - r) / (n - 1))), 10);
      }),
    );
  });

  test('of a known list are the known values', () => {
    const rank = rankOf(Float32Array.of(0.9, 0.1, 0.5, 0.7), 2, null, null);
    expect(rank).toEqual({ above: 2, tied: 0, candidates: 4, scored: true });
    expect(hitRate(rank, 2)).toBe(0);
    expect(hitRate(rank, 3)).toBe(1);
    expect(ndcg(rank, 10)).toBeCloseTo(0.5, 12);
    expect(reciprocalRank(rank)).toBeCloseTo(1 / 3, 12);
    expect(auc(rank)).toBeCloseTo(1 / 3, 12);
  });

  test('a constant scorer gets the expectation of a random one', () => {
    const rank = rankOf(new Float32Array(100), 42, null, null);
    expect(hitRate(rank, 10)).toBeCloseTo(0.1, 12);
    expect(auc(rank)).toBeCloseTo(0.5, 12);
    expect(reciprocalRank(rank)).toBeCloseTo(mean(Array.from({ length: 100 }, (_, i) => 1 / (i + 1))), 12);
  });

  test('items of the history and items not on offer do not count against the target', () => {
    const values = Float32Array.of(5, 4, 3, 2, 1);
    expect(rankOf(values, 3, null, Uint8Array.of(1, 1, 0, 0, 0)).above).toBe(1);
    expect(rankOf(values, 3, Int32Array.of(4, 3, 0), null)).toMatchObject({ above: 1, candidates: 3 });
  });
});

describe('coverage and novelty', () => {
  test('the chance to be in a list, and coverage of several lists, are those of every order of the ties', () => {
    fc.assert(
      fc.property(fc.array(scores, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 4 }), (lists, k) => {
        const items = Math.max(...lists.map((values) => values.length));
        const padded = lists.map((values) => {
          return Float32Array.from({ length: items }, (_, i) => values[i] ?? Number.NEGATIVE_INFINITY);
        });
        const tops = padded.map((values) => topList(values, k, null, null));
        const coverage = new Coverage(items);
        for (const top of tops) coverage.add(top);
        const drawn = padded.map((values) => orders(values).map((order) => order.slice(0, k)));
        for (const [l, top] of tops.entries()) {
          for (let item = 0; item < items; item++) {
            const at = top.items.indexOf(item);
            const share = mean(drawn[l]!.map((list) => (list.includes(item) ? 1 : 0)));
            expect(at < 0 ? 0 : top.probability[at]).toBeCloseTo(share, 10);
          }
        }
        const together = drawn.reduce<number[][]>(
          (sets, options) => sets.flatMap((set) => options.map((list) => [...set, ...list])),
          [[]],
        );
        expect(coverage.value).toBeCloseTo(mean(together.map((set) => new Set(set).size / items)), 10);
      }),
      { numRuns: 60 },
    );
  });

  test('self-information is log2 of users over users with the item, each user once', () => {
    const train = interactions([
      [0, 0],
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 0],
    ]);
    const information = selfInformation(train);
    expect(information[0]).toBeCloseTo(Math.log2(4 / 3), 12);
    expect(information[1]).toBeCloseTo(2, 12);
    // Nobody had it: as if one had.
    expect(information[2]).toBeCloseTo(2, 12);
    expect(novelty({ items: Int32Array.of(0, 1), probability: Float64Array.of(1, 1) }, information)).toBeCloseTo(
      (Math.log2(4 / 3) + 2) / 2,
      12,
    );
  });
});

describe('calibration', () => {
  test('bins, error and Brier score of known pairs', () => {
    const found = calibration([0.1, 0.15, 0.9, 1], [0, 1, 1, 1], 10);
    expect(found.bins[1]).toMatchObject({ n: 2, predicted: 0.125, observed: 0.5 });
    expect(found.bins[9]).toMatchObject({ n: 2, predicted: 0.95, observed: 1 });
    expect(found.ece).toBeCloseTo(0.5 * 0.375 + 0.5 * 0.05, 12);
    expect(found.brier).toBeCloseTo((0.01 + 0.7225 + 0.01 + 0) / 4, 12);
  });

  test('outcomes drawn from the probabilities are calibrated; all-equal ones are too', () => {
    const random = Random.of(1, 'calibration');
    const p = Array.from({ length: 20_000 }, () => random.uniform());
    const found = calibration(
      p,
      p.map((x) => (random.chance(x) ? 1 : 0)),
    );
    expect(found.ece).toBeLessThan(0.02);
    expect(found.brier).toBeCloseTo(1 / 6, 2);
    expect(calibration([1, 1], [1, 1])).toMatchObject({ ece: 0, brier: 0 });
  });

  test('a chance outcome has the Brier score expected of it', () => {
    expect(calibration([0.3], [0.5]).brier).toBeCloseTo(0.5 * 0.7 ** 2 + 0.5 * 0.3 ** 2, 12);
  });

  test('refuses what is no probability', () => {
    expect(() => calibration([Number.NaN], [1])).toThrow(RangeError);
    expect(() => calibration([1.1], [1])).toThrow(RangeError);
    expect(() => calibration([], [])).toThrow(RangeError);
  });

  test('confidence is the softmax of the first candidate', () => {
    const values = Float32Array.of(Math.log(6), Math.log(3), Math.log(1), 100);
    const excluded = Uint8Array.of(0, 0, 0, 1);
    const found = topPrediction(values, 1, null, excluded)!;
    expect(found.confidence).toBeCloseTo(0.6, 6);
    expect(found.correct).toBe(0);
    expect(topPrediction(Float32Array.of(2, 2), 0, null, null)).toEqual({ confidence: 0.5, correct: 0.5 });
    expect(topPrediction(Float32Array.of(Number.NaN, Number.NaN), 0, null, null)).toBeNull();
  });
});

describe('what a target is ranked among', () => {
  const one = (id: number, history: number[], target: number, candidates: number[] | null = null): EvaluationCase => ({
    id,
    user: 0,
    history: Int32Array.from(history),
    target,
    time: 0,
    candidates: candidates && Int32Array.from(candidates),
    segment: {},
    index: -1,
  });

  test('cases that cannot be ranked are left out and counted', () => {
    const cases = [one(0, [1], 1), one(1, [0], 1), one(2, [], 1, [0, 2]), one(3, [0, 2], 1), one(4, [1], 1, [0, 1])];
    const { contested, leftOut } = contest(cases, 3, FULL_RANKING, 0);
    expect(leftOut).toEqual({ target_in_history: 1, target_not_offered: 1, no_other_candidate: 1 });
    expect(contested.map(({ case: { id } }) => id)).toEqual([1, 4]);
  });

  test('sampled negatives are distinct, never of the history, the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (items, sampled, seed) => {
          const protocol = { excludeHistory: true, sampled };
          const cases = [one(7, [0, 1], 2)];
          const [found] = contest(cases, items, protocol, seed).contested;
          const drawn = [...found!.candidates!];
          expect(new Set(drawn).size).toBe(drawn.length);
          expect(drawn).toHaveLength(Math.min(items - 2, sampled + 1));
          expect(drawn).toContain(2);
          expect(drawn.some((item) => item < 2 || item >= items)).toBe(false);
          expect([...contest(cases, items, protocol, seed).contested[0]!.candidates!]).toEqual(drawn);
        },
      ),
    );
  });
});

function interactions(rows: [number, number][]): Interactions {
  return {
    users: ['a', 'b', 'c', 'd'],
    items: ['x', 'y', 'z'],
    user: Int32Array.from(rows, ([user]) => user),
    item: Int32Array.from(rows, ([, item]) => item),
    time: Float64Array.from(rows.keys()),
    accepted: new Uint8Array(rows.length).fill(1),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
}
