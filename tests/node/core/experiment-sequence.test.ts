/** Looked at every day, and still right: by simulation, with seeds. */
import { describe, expect, it } from 'vitest';
import { DifferenceSequence, MeanSequence } from '../../../core/experiment/confidence-sequence.ts';
import { Random } from '../../../core/experiment/random.ts';

const ALPHA = 0.05;

/** Whether the sequence ever missed the truth, and when it first excluded 0. */
function run(seed: number, n: number, share: number, rates: (i: number) => [number, number], truth: number) {
  const random = Random.of(seed, 'sequence');
  const sequence = new DifferenceSequence(ALPHA, share);
  let missed = false;
  let excluded: number | null = null;
  for (let i = 0; i < n; i++) {
    const treated = random.chance(share);
    const [treatedRate, controlRate] = rates(i);
    sequence.add(treated, random.chance(treated ? treatedRate : controlRate) ? 1 : 0);
    const { lower, upper } = sequence.point;
    if (lower > truth || upper < truth) missed = true;
    if (excluded === null && (lower > 0 || upper < 0)) excluded = i + 1;
  }
  return { missed, excluded, point: sequence.point };
}

const share = (runs: readonly boolean[]) => runs.filter(Boolean).length / runs.length;

describe('under no difference, looked at after every traveller', () => {
  it.each([
    ['half and half', 0.5, () => [0.4, 0.4]],
    ['a tenth', 0.1, () => [0.4, 0.4]],
    ['rare outcomes', 0.5, () => [0.02, 0.02]],
    ['a level that drifts for both', 0.5, (i: number) => [0.2 + 0.6 * (i / 2000), 0.2 + 0.6 * (i / 2000)]],
    ['nothing ever taken', 0.5, () => [0, 0]],
  ] as [string, number, (i: number) => [number, number]][])(
    '%s: 0 is excluded in at most 5%% of runs',
    (_, p, rates) => {
      const wrong = share(Array.from({ length: 400 }, (_, seed) => run(seed, 2000, p, rates, 0).excluded !== null));
      expect(wrong).toBeLessThanOrEqual(ALPHA);
    },
  );
});

describe('with a difference', () => {
  it('the truth stays inside, at every look, in at least 95% of runs', () => {
    const missed = share(
      Array.from({ length: 300 }, (_, seed) => run(seed, 1500, 0.5, () => [0.5, 0.35], 0.15).missed),
    );
    expect(missed).toBeLessThanOrEqual(ALPHA);
  });

  it('it is found: 0.15 among 3,000 nearly always, 0.3 before 800', () => {
    const found = Array.from({ length: 60 }, (_, seed) => run(seed, 3000, 0.5, () => [0.5, 0.35], 0.15).excluded);
    expect(share(found.map((at) => at !== null))).toBeGreaterThan(0.9);
    const large = Array.from({ length: 60 }, (_, seed) => run(seed, 800, 0.5, () => [0.6, 0.3], 0.3).excluded);
    expect(share(large.map((at) => at !== null))).toBeGreaterThan(0.9);
  });

  it('its side is told', () => {
    expect(run(1, 4000, 0.5, () => [0.3, 0.6], -0.3).point.upper).toBeLessThan(0);
    expect(run(1, 4000, 0.5, () => [0.6, 0.3], 0.3).point.lower).toBeGreaterThan(0);
  });
});

describe('a mean', () => {
  it('is inside at every look in at least 95% of runs, and the interval only shrinks', () => {
    const missed = Array.from({ length: 400 }, (_, seed) => {
      const random = Random.of(seed, 'mean');
      const sequence = new MeanSequence(ALPHA);
      let [lower, upper] = [0, 1];
      let miss = false;
      for (let i = 0; i < 1000; i++) {
        sequence.add(random.chance(0.05) ? 1 : 0);
        const { point } = sequence;
        expect(point.lower >= lower && point.upper <= upper).toBe(true);
        ({ lower, upper } = point);
        if (lower > 0.05 || upper < 0.05) miss = true;
      }
      return miss;
    });
    expect(share(missed)).toBeLessThanOrEqual(ALPHA);
  });

  it('is the whole range before anything is seen, and refuses what is outside', () => {
    expect(new MeanSequence(ALPHA).point).toEqual({ n: 0, estimate: 0.5, lower: 0, upper: 1 });
    for (const value of [-0.1, 1.1, Number.NaN]) expect(() => new MeanSequence(ALPHA).add(value)).toThrow(RangeError);
    expect(() => new MeanSequence(0)).toThrow(RangeError);
    expect(() => new DifferenceSequence(ALPHA, 1)).toThrow(RangeError);
  });

  it('finds errors of a half soon where 2% are allowed', () => {
    const random = Random.of(3);
    const sequence = new MeanSequence(ALPHA / 3);
    let looks = 0;
    while (sequence.point.lower <= 0.02) {
      sequence.add(random.chance(0.5) ? 1 : 0);
      looks++;
    }
    expect(looks).toBeLessThan(60);
  });
});
