/** How simulated travellers give way: the phases, and when an archetype is flagged. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { compareArchetype, meanShare, type TravellerShares } from '../../../core/signal/archetype-comparison.ts';
import { phaseOf } from '../../../core/signal/phase-out.ts';

const LEVEL = 0.95;
const sharesOf = (shares: readonly number[]): TravellerShares => ({
  travellers: shares.length,
  sum: shares.reduce((sum, share) => sum + share, 0),
  squares: shares.reduce((sum, share) => sum + share ** 2, 0),
});
/** Half of them take a tenth more, half a tenth less. */
const around = (share: number, n: number) =>
  sharesOf(Array.from({ length: n }, (_, i) => share + (i % 2 === 0 ? 0.1 : -0.1)));
const compared = (real: TravellerShares, synthetic: TravellerShares) =>
  compareArchetype({ archetype: 'A1', real, synthetic }, LEVEL);

describe('the phase', () => {
  it('is compared from 200 real users on, and superseded from 500 with three trips on', () => {
    expect(phaseOf({ realUsers: 0, seasonedUsers: 0 })).toBe('synthetic');
    expect(phaseOf({ realUsers: 199, seasonedUsers: 199 })).toBe('synthetic');
    expect(phaseOf({ realUsers: 200, seasonedUsers: 0 })).toBe('compared');
    expect(phaseOf({ realUsers: 9000, seasonedUsers: 499 })).toBe('compared');
    expect(phaseOf({ realUsers: 500, seasonedUsers: 500 })).toBe('superseded');
  });
});

describe('an archetype', () => {
  it('is flagged at 16%, on either side, and neither at 14% nor at 15', () => {
    expect(compared(around(0.66, 40), around(0.5, 40))).toMatchObject({
      difference: expect.closeTo(0.16, 12),
      flagged: true,
    });
    expect(compared(around(0.34, 40), around(0.5, 40)).flagged).toBe(true);
    expect(compared(around(0.64, 40), around(0.5, 40)).flagged).toBe(false);
    expect(compared(around(0.36, 40), around(0.5, 40)).flagged).toBe(false);
    // 0.65 - 0.5 is more than 0.15, the way it is rounded.
    expect(compared(around(0.65, 40), around(0.5, 40)).flagged).toBe(false);
  });

  it('is flagged for certain only where all of the interval is beyond', () => {
    expect(compared(around(0.8, 200), around(0.5, 200))).toMatchObject({ flagged: true, certain: true });
    expect(compared(around(0.2, 200), around(0.5, 200))).toMatchObject({ flagged: true, certain: true });
    expect(compared(around(0.66, 200), around(0.5, 200))).toMatchObject({ flagged: true, certain: false });
    expect(compared(sharesOf([1, 0.9]), around(0.5, 200))).toMatchObject({ flagged: true, certain: false });
  });

  it('of whom one side has nobody is not compared', () => {
    const one = compared(sharesOf([]), around(0.5, 10));
    expect(one).toMatchObject({ real: null, difference: null, interval: null, flagged: false, certain: false });
    expect(one.synthetic!.travellers).toBe(10);
  });
});

describe('the mean share', () => {
  it('counts each traveller once, however much they did', () => {
    expect(meanShare(sharesOf([1, 0, 0, 0]), LEVEL)!.value).toBe(0.25);
    expect(meanShare(sharesOf([]), LEVEL)).toBeNull();
  });

  it('lies in an interval in [0, 1], which one traveller leaves wide open', () => {
    for (const shares of [[0.5], [1], [0, 0, 0], [1, 1], [0.2, 0.9, 0.4]]) {
      const { value, interval } = meanShare(sharesOf(shares), LEVEL)!;
      expect(interval.lower).toBeGreaterThanOrEqual(0);
      expect(interval.lower).toBeLessThanOrEqual(value);
      expect(interval.upper).toBeGreaterThanOrEqual(value);
      expect(interval.upper).toBeLessThanOrEqual(1);
    }
    const { lower, upper } = meanShare(sharesOf([0.5]), LEVEL)!.interval;
    expect(upper - lower).toBeGreaterThan(0.9);
  });

  it('has an interval that holds the truth in 95 of 100 samples of travellers who differ', () => {
    const random = Random.of(7, 'shares');
    let held = 0;
    for (let run = 0; run < 1000; run++) {
      // Each has a rate of their own, evenly between 0.2 and 0.8, and decides five times.
      const shares = Array.from({ length: 30 }, () => {
        const rate = 0.2 + 0.6 * random.uniform();
        return Array.from({ length: 5 }, () => random.chance(rate)).filter(Boolean).length / 5;
      });
      const { lower, upper } = meanShare(sharesOf(shares), LEVEL)!.interval;
      if (lower <= 0.5 && 0.5 <= upper) held++;
    }
    expect(held / 1000).toBeGreaterThan(0.93);
    expect(held / 1000).toBeLessThan(0.975);
  });
});
