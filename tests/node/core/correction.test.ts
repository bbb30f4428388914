/** The correction signal: shares, their differences, and what chance makes of many of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import {
  type Acceptance,
  benjaminiHochberg,
  divergences,
  fisherExact,
  share,
} from '../../../core/signal/correction.ts';

const acceptance = (most = 60): fc.Arbitrary<Acceptance> =>
  fc
    .integer({ min: 1, max: most })
    .chain((travellers) => fc.integer({ min: 0, max: travellers }).map((accepted) => ({ accepted, travellers })));
const OPTIONS = { minimum: 1, level: 0.95 };

describe('a share', () => {
  it("has Wilson's interval: 81 of 263 is 0.255 to 0.366 (Newcombe 1998, table I)", () => {
    const { interval } = share({ accepted: 81, travellers: 263 }, 0.95);
    expect(interval.lower).toBeCloseTo(0.2553, 4);
    expect(interval.upper).toBeCloseTo(0.3662, 4);
    expect(share({ accepted: 0, travellers: 20 }, 0.95).interval).toEqual({
      lower: 0,
      upper: expect.closeTo(0.1611, 4),
    });
  });

  it('lies in its interval, which lies in [0, 1]', () => {
    fc.assert(
      fc.property(acceptance(), (one) => {
        const { value, interval } = share(one, 0.95);
        expect(interval.lower).toBeGreaterThanOrEqual(0);
        expect(interval.lower).toBeLessThanOrEqual(value);
        expect(interval.upper).toBeGreaterThanOrEqual(value);
        expect(interval.upper).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('of nobody, or of more than all, is refused', () => {
    for (const wrong of [
      { accepted: 0, travellers: 0 },
      { accepted: 3, travellers: 2 },
      { accepted: -1, travellers: 2 },
    ]) {
      expect(() => share(wrong, 0.95)).toThrow(RangeError);
    }
  });
});

describe('the exact test', () => {
  it("is Fisher's: the lady tasting tea, 3 of 4 against 1 of 4, is 34 of 70", () => {
    expect(fisherExact({ accepted: 3, travellers: 4 }, { accepted: 1, travellers: 4 })).toBeCloseTo(34 / 70, 12);
    expect(fisherExact({ accepted: 4, travellers: 4 }, { accepted: 0, travellers: 4 })).toBeCloseTo(2 / 70, 12);
  });

  it('does not care which side is which, nor whether takers or refusers are counted', () => {
    const refusers = ({ accepted, travellers }: Acceptance) => ({ accepted: travellers - accepted, travellers });
    fc.assert(
      fc.property(acceptance(), acceptance(), (a, b) => {
        const p = fisherExact(a, b);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(fisherExact(b, a)).toBeCloseTo(p, 9);
        expect(fisherExact(refusers(a), refusers(b))).toBeCloseTo(p, 9);
      }),
    );
  });

  it('calls equal shares different in no more than 5 of 100 cases', () => {
    const random = Random.of(1, 'fisher');
    const draw = (travellers: number, rate: number) => ({
      travellers,
      accepted: Array.from({ length: travellers }, () => random.chance(rate)).filter(Boolean).length,
    });
    for (const [n, m, rate] of [
      [10, 25, 0.3],
      [40, 12, 0.8],
    ] as const) {
      let wrong = 0;
      for (let run = 0; run < 2000; run++) if (fisherExact(draw(n, rate), draw(m, rate)) < 0.05) wrong++;
      expect(wrong / 2000).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 2000));
    }
  });
});

describe('many comparisons', () => {
  it('are adjusted as Benjamini and Hochberg do', () => {
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.005])).toEqual(
      [0.02, 0.04, 0.04, 0.02].map((x) => expect.closeTo(x, 12)),
    );
    expect(benjaminiHochberg([])).toEqual([]);
  });

  it('keep their order, and never become more certain', () => {
    const p = fc.double({ min: 1e-12, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 40 }), (all) => {
        const q = benjaminiHochberg(all);
        for (const [i, own] of q.entries()) {
          expect(own).toBeGreaterThanOrEqual(all[i]!);
          expect(own).toBeLessThanOrEqual(1);
          for (const [j, other] of q.entries()) if (all[i]! < all[j]!) expect(own).toBeLessThanOrEqual(other);
        }
      }),
    );
  });

  it('where nothing differs, find nothing in 95 of 100 reports', () => {
    const random = Random.of(2, 'discoveries');
    let reports = 0;
    for (let run = 0; run < 200; run++) {
      const cells = Array.from({ length: 30 }, () => {
        const side = () => {
          const accepted = Array.from({ length: 30 }, () => random.chance(0.5)).filter(Boolean).length;
          return { accepted, travellers: 30 };
        };
        return { real: side(), synthetic: side() };
      });
      if (divergences(cells, OPTIONS).some(({ q }) => q < 0.05)) reports++;
    }
    expect(reports / 200).toBeLessThan(0.1);
  });
});

describe('divergences', () => {
  it('leave out what has too few travellers on either side, and adjust for what is left', () => {
    const cells = [
      { name: 'few real', real: { accepted: 0, travellers: 9 }, synthetic: { accepted: 99, travellers: 99 } },
      { name: 'few simulated', real: { accepted: 0, travellers: 99 }, synthetic: { accepted: 9, travellers: 9 } },
      { name: 'enough', real: { accepted: 2, travellers: 10 }, synthetic: { accepted: 9, travellers: 10 } },
    ];
    const [only, ...others] = divergences(cells, { minimum: 10, level: 0.95 });
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'enough', difference: expect.closeTo(-0.7, 12) });
    expect(only!.q).toBe(only!.p);
  });

  it('come with the strongest evidence first, and the difference in its interval', () => {
    const cell = fc.record({ real: acceptance(), synthetic: acceptance() });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 15 }), (cells) => {
        const found = divergences(cells, OPTIONS);
        expect(found).toHaveLength(cells.length);
        for (const [i, { p, q, difference, interval, real, synthetic }] of found.entries()) {
          expect(difference).toBeCloseTo(real.value - synthetic.value, 12);
          expect(interval.lower).toBeLessThanOrEqual(difference);
          expect(interval.upper).toBeGreaterThanOrEqual(difference);
          expect(interval.lower).toBeGreaterThanOrEqual(-1 - 1e-9);
          expect(interval.upper).toBeLessThanOrEqual(1 + 1e-9);
          expect(q).toBeGreaterThanOrEqual(p);
          if (i > 0) expect(p).toBeGreaterThanOrEqual(found[i - 1]!.p);
        }
      }),
    );
  });

  it("have Newcombe's interval: 56 of 70 less 48 of 80 is 0.0524 to 0.3339 (1998, table II, method 10)", () => {
    const cells = [{ real: { accepted: 56, travellers: 70 }, synthetic: { accepted: 48, travellers: 80 } }];
    const [{ difference, interval }] = divergences(cells, OPTIONS) as [ReturnType<typeof divergences>[number]];
    expect(difference).toBeCloseTo(0.2, 12);
    expect(interval.lower).toBeCloseTo(0.0524, 4);
    expect(interval.upper).toBeCloseTo(0.3339, 4);
  });
});
