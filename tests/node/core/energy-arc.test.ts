import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { targetEnergy } from '../../../core/ranking/energy-arc.ts';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';

const of = (fields: Partial<Dimensions> = {}): Dimensions => ({ ...NEUTRAL_DIMENSIONS, ...fields });
const anyDimensions = fc.record(
  Object.fromEntries(DIMENSION_NAMES.map((name) => [name, fc.double({ min: 0, max: 1, noNaN: true })])),
) as fc.Arbitrary<Dimensions>;

describe('the energy arc', () => {
  it('falls from the morning to the afternoon', () => {
    expect(targetEnergy('morning', 1, of())).toBeGreaterThan(targetEnergy('afternoon', 1, of()));
  });

  it('goes by the traveller in the evening', () => {
    const quiet = targetEnergy('evening', 1, of({ social_energy: 0, night_owl: 0 }));
    const lively = targetEnergy('evening', 1, of({ social_energy: 1, night_owl: 1 }));
    expect(quiet).toBeLessThan(targetEnergy('afternoon', 1, of()));
    expect(lively).toBeGreaterThan(targetEnergy('morning', 1, of()));
  });

  it('lies higher for the fast and the adventurous', () => {
    expect(targetEnergy('morning', 1, of({ pace_preference: 0.9 }))).toBeGreaterThan(targetEnergy('morning', 1, of()));
    expect(targetEnergy('morning', 1, of({ adventure: 0.9 }))).toBeGreaterThan(targetEnergy('morning', 1, of()));
  });

  it('sinks by a tenth a day from the third day on, and not without end', () => {
    const days = [1, 2, 3, 4, 5, 6, 30].map((day) => targetEnergy('morning', day, of()));
    const lost = days.map((energy) => Math.round((days[0]! - energy) * 1000) / 1000);
    expect(lost).toEqual([0, 0, 0.1, 0.2, 0.3, 0.3, 0.3]);
  });

  it('never rises over the days, and stays in [0, 1]', () => {
    fc.assert(
      fc.property(
        anyDimensions,
        fc.constantFrom(...DAY_PARTS),
        fc.integer({ min: 1, max: 30 }),
        (dimensions, part, day) => {
          const energy = targetEnergy(part, day, dimensions);
          expect(energy).toBeGreaterThanOrEqual(0);
          expect(energy).toBeLessThanOrEqual(1);
          expect(targetEnergy(part, day + 1, dimensions)).toBeLessThanOrEqual(energy);
        },
      ),
    );
  });
});
