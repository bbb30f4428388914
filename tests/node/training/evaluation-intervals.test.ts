import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BOOTSTRAP,
  intervals,
  means,
  quantile,
  resampledMeans,
  sumByUser,
} from '../../../core/experiment/bootstrap.ts';
import { normalCdf, normalQuantile, studentQuantile } from '../../../core/experiment/distributions.ts';
import { difference, scoreInterval } from '../../../core/experiment/off-policy/interval.ts';
import { Random } from '../../../core/experiment/random.ts';
import { compare, holm, randomisationTest } from '../../../training/evaluation/paired.ts';

describe('distributions', () => {
  test('have the published values', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-5)).toBeCloseTo(2.866515718791939e-7, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(studentQuantile(0.975, 10)).toBeCloseTo(2.228138852, 4);
    expect(studentQuantile(0.975, 100)).toBeCloseTo(1.983971519, 7);
  });
});

describe('bootstrap', () => {
  test('draws users: with three users its resamples are those of all 27 draws, in their shares', () => {
    const cluster = [5, 5, 9, 2];
    const data = sumByUser(Float64Array.of(1, 0, 1, 0.25), 1, cluster);
    const expected = new Map<string, number>();
    for (let draw = 0; draw < 27; draw++) {
      const users = [draw % 3, Math.floor(draw / 3) % 3, Math.floor(draw / 9)];
      const sum = users.reduce((total, u) => total + [1, 1, 0.25][u]!, 0);
      const n = users.reduce((total, u) => total + [2, 1, 1][u]!, 0);
      const key = (sum / n).toFixed(9);
      expected.set(key, (expected.get(key) ?? 0) + 1 / 27);
    }
    const resamples = 20_000;
    const drawn = resampledMeans(data, resamples, Random.of(3, 'bootstrap'))[0]!;
    const found = new Map<string, number>();
    for (const value of drawn) found.set(value.toFixed(9), (found.get(value.toFixed(9)) ?? 0) + 1 / resamples);
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, share] of expected) expect(found.get(key)).toBeCloseTo(share, 1.7);
  });

  test('the mean is over cases, and cases without a value do not count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 0.5, 1, Number.NaN)), { minLength: 1 }),
        (cases) => {
          const known = cases.map(([, value]) => value).filter((value) => !Number.isNaN(value));
          const data = sumByUser(
            Float64Array.from(cases, ([, value]) => value),
            1,
            cases.map(([user]) => user),
          );
          const expected = known.reduce((a, b) => a + b, 0) / known.length;
          if (known.length === 0) expect(means(data)[0]).toBeNaN();
          else expect(means(data)[0]).toBeCloseTo(expected, 10);
        },
      ),
    );
  });

  test('intervals hold the true mean about as often as they say, also of skewed values', () => {
    for (const method of ['percentile', 'bca'] as const) {
      let held = 0;
      for (let run = 0; run < 300; run++) {
        const random = Random.of(run, 'skewed');
        const values = Float64Array.from({ length: 80 }, () => -Math.log(1 - random.uniform()));
        const data = sumByUser(values, 1, [...values.keys()]);
        const [found] = intervals(data, { ...BOOTSTRAP, resamples: 400, method }, random);
        if (found!.lower <= 1 && 1 <= found!.upper) held++;
      }
      expect(held / 300).toBeGreaterThan(0.9);
      expect(held / 300).toBeLessThan(0.98);
    }
  });

  test('users with many cases make the interval wide: cases of one user are not drawn apart', () => {
    const cluster = Array.from({ length: 200 }, (_, i) => Math.floor(i / 20));
    const values = Float64Array.from(cluster, (user) => user % 2);
    const width = (by: number[]) => {
      const [found] = intervals(sumByUser(values, 1, by), BOOTSTRAP, Random.of(1, 'width'));
      return found!.upper - found!.lower;
    };
    expect(width(cluster)).toBeGreaterThan(3 * width([...cluster.keys()]));
  });

  test('intervals of a skewed sample are those of SciPy 1.17 (scipy.stats.bootstrap, 400,000 resamples)', () => {
    const values = Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.5, 0.9, 3);
    const data = sumByUser(values, 1, [...values.keys()]);
    const by = (method: 'bca' | 'percentile') => {
      return intervals(data, { resamples: 100_000, level: 0.95, method }, Random.of(1, 'skew'))[0]!;
    };
    expect(by('bca').lower).toBeCloseTo(0.12, 1.7);
    expect(by('bca').upper).toBeCloseTo(1.1133, 1.7);
    expect(by('percentile').lower).toBeCloseTo(0.0733, 1.7);
    expect(by('percentile').upper).toBeCloseTo(0.7867, 1.7);
  });

  test('one user says nothing; all-equal values have an interval of no width', () => {
    expect(intervals(sumByUser(Float64Array.of(1, 0), 1, [4, 4]), BOOTSTRAP, Random.of(0))).toEqual([null]);
    expect(intervals(sumByUser(Float64Array.of(1, 1), 1, [4, 5]), BOOTSTRAP, Random.of(0))).toEqual([
      { lower: 1, upper: 1 },
    ]);
  });

  test('the same seed gives the same interval, another gives another', () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => (i * 7) % 11);
    const data = sumByUser(values, 1, [...values.keys()]);
    const by = (seed: number) => intervals(data, BOOTSTRAP, Random.of(seed, 'same'));
    expect(by(1)).toEqual(by(1));
    expect(by(1)).not.toEqual(by(2));
  });

  test('quantiles are linear between neighbours', () => {
    expect(quantile([1, 2, 4], 0.75)).toBe(3);
    expect(quantile([7], 0.3)).toBe(7);
  });
});

describe('paired comparison', () => {
  test('p is that of all changes of sign', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 7 }), (differences) => {
        const observed = Math.abs(differences.reduce((a, b) => a + b, 0));
        let asFar = 0;
        for (let signs = 0; signs < 2 ** differences.length; signs++) {
          const sum = differences.reduce((total, d, i) => total + (signs & (1 << i) ? d : -d), 0);
          if (Math.abs(sum) >= observed) asFar++;
        }
        const data = sumByUser(Float64Array.from(differences), 1, [...differences.keys()]);
        const [p] = randomisationTest(data, 4000, Random.of(5, 'signs'));
        expect(Math.abs(p! - asFar / 2 ** differences.length)).toBeLessThan(0.05);
      }),
      { numRuns: 40 },
    );
  });

  test('a ranker against itself differs by nothing, with p 1', () => {
    const a = Float64Array.of(0.1, 0.5, 1);
    const [found] = compare(a, a, 1, [0, 1, 2], BOOTSTRAP, Random.of(0));
    expect(found).toEqual({ difference: 0, interval: { lower: 0, upper: 0 }, p: 1 });
  });

  test('sees a small difference that is the same for everybody, which two separate intervals would hide', () => {
    const random = Random.of(4, 'paired');
    const b = Float64Array.from({ length: 200 }, () => random.uniform());
    const a = b.map((value) => value + 0.01 + 0.002 * random.normal());
    const [found] = compare(a, b, 1, [...a.keys()], BOOTSTRAP, random);
    expect(found!.interval!.lower).toBeGreaterThan(0.009);
    expect(found!.p).toBeLessThan(0.002);
  });

  test('rejects a true null about as often as it says', () => {
    let rejected = 0;
    for (let run = 0; run < 300; run++) {
      const random = Random.of(run, 'null');
      const differences = Float64Array.from({ length: 40 }, () => random.normal());
      const data = sumByUser(differences, 1, [...differences.keys()]);
      if (randomisationTest(data, 400, random)[0]! <= 0.05) rejected++;
    }
    expect(rejected / 300).toBeGreaterThan(0.02);
    expect(rejected / 300).toBeLessThan(0.09);
  });

  test('Holm corrects in steps and never above 1', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('intervals of bounded values', () => {
  test('are the published ones of a proportion and of a difference', () => {
    // Newcombe 1998: 56/70 (Wilson 0.6923 to 0.8773) and 48/80; method 10: 0.0524 to 0.3339.
    const of = (x: number, n: number) => {
      const value = x / n;
      return { value, interval: scoreInterval(value, Math.sqrt((value * (1 - value)) / n), [0, 1], 1.959964, n) };
    };
    const a = of(56, 70);
    expect(a.interval.lower).toBeCloseTo(0.6923, 3);
    expect(a.interval.upper).toBeCloseTo(0.8773, 3);
    const { difference: d, interval } = difference(a, of(48, 80));
    expect(d).toBeCloseTo(0.2, 12);
    expect(interval.lower).toBeCloseTo(0.0524, 4);
    expect(interval.upper).toBeCloseTo(0.3339, 4);
  });

  test('hold the estimate, also one that is out of range, and say something about none', () => {
    expect(scoreInterval(0, 0, [0, 1], 1.96, 100)).toMatchObject({ lower: 0 });
    expect(scoreInterval(0, 0, [0, 1], 1.96, 100).upper).toBeCloseTo(0.037, 3);
    expect(scoreInterval(1.2, 0.1, [0, 1], 1.96, 100).upper).toBe(1.2);
    expect(scoreInterval(-0.1, 0.1, [0, 1], 1.96, 100).lower).toBe(-0.1);
  });
});
