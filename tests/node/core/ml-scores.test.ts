import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mlConfidence, onScaleOf } from '../../../core/ranking/ml-scores.ts';
import type { ScoredMoment } from '../../../core/ranking/personal-rescore.ts';
import { moment } from './fixtures/moments.ts';
import { someVenue } from './fixtures/venues.ts';

const venues = (n: number) => Array.from({ length: n }, (_, i) => someVenue({ id: `v${String(i).padStart(3, '0')}` }));
const scored = (scores: readonly number[]): ScoredMoment => ({
  context: moment(),
  scores: Float64Array.from(scores),
  order: scores.map((_, i) => i),
});
const lists = fc
  .array(fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((pairs) => ({ logits: pairs.map(([logit]) => logit), served: pairs.map(([, score]) => score) }));

describe("a trained ranker's numbers on the scale of the plan", () => {
  it("keep the ranker's order, in [0, 1]", () => {
    fc.assert(
      fc.property(lists, ({ logits, served }) => {
        const { scores, order } = onScaleOf(scored(served), logits, venues(logits.length));
        expect([...order].sort((a, b) => a - b)).toEqual(logits.map((_, i) => i));
        for (let i = 1; i < order.length; i++) {
          expect(logits[order[i]!]).toBeLessThanOrEqual(logits[order[i - 1]!]!);
          expect(scores[order[i]!]).toBeLessThanOrEqual(scores[order[i - 1]!]!);
        }
        for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
      }),
    );
  });

  it('have the mean and the spread of what would be served otherwise, as long as no end of the scale is met', () => {
    const served = [0.4, 0.5, 0.6, 0.45, 0.55];
    const { scores } = onScaleOf(scored(served), [-3, 1, 2, 0, -1], venues(5));
    const mean = (list: ArrayLike<number>) => Array.from(list).reduce((sum, x) => sum + x, 0) / list.length;
    const spread = (list: ArrayLike<number>) =>
      Math.sqrt(Array.from(list).reduce((sum, x) => sum + (x - mean(list)) ** 2, 0) / list.length);
    expect(mean(scores)).toBeCloseTo(mean(served), 12);
    expect(spread(scores)).toBeCloseTo(spread(served), 12);
  });

  it('say the same of all where the ranker does', () => {
    const { scores, order } = onScaleOf(scored([0.2, 0.8, 0.5]), [1, 1, 1], venues(3));
    expect([...scores]).toEqual([0.5, 0.5, 0.5]);
    expect(order).toEqual([0, 1, 2]);
  });
});

describe('how decided it is', () => {
  it('is 0 where it might as well have drawn lots, and grows with the lead of the first three', () => {
    expect(mlConfidence(Array(40).fill(0.7))).toBe(0);
    const led = (lead: number) => mlConfidence([lead, lead, lead, ...Array(30).fill(0)]);
    expect(led(1)).toBeCloseTo(2 / (1 + Math.exp(-1)) - 1, 12);
    expect(led(2)).toBeGreaterThan(led(1));
    expect(led(30)).toBeLessThanOrEqual(1);
  });

  it('lies in [0, 1], does not depend on where the numbers lie, and looks at thirty', () => {
    fc.assert(
      fc.property(lists, ({ logits }) => {
        const confidence = mlConfidence(logits);
        expect(confidence >= 0 && confidence <= 1).toBe(true);
        expect(mlConfidence(logits.map((x) => x + 5))).toBeCloseTo(confidence, 9);
      }),
    );
    const thirty = [3, 2, 2, ...Array(27).fill(0)];
    expect(mlConfidence([...thirty, ...Array(100).fill(-9)])).toBe(mlConfidence(thirty));
    expect(mlConfidence([1, 2, 3])).toBe(0);
  });
});
