import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { straightMetres, travelBetween, travelMatrix } from '../../../core/itinerary/travel.ts';
import { north } from './fixtures/venues.ts';

const HOME = { lat: 47.61, lng: -122.33 };
const anyPlace = fc.record({
  lat: fc.double({ min: 19.2, max: 48, noNaN: true }),
  lng: fc.double({ min: -122.5, max: -122.2, noNaN: true }),
});
const nearby = fc.record({
  lat: fc.double({ min: 47.45, max: 47.75, noNaN: true }),
  lng: fc.double({ min: -122.5, max: -122.2, noNaN: true }),
});

/** Great-circle distance on the mean sphere (haversine). */
function greatCircle(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(rad(b.lat - a.lat) / 2) ** 2 +
    Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lng - a.lng) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

describe('the way from one place to another', () => {
  it('takes no time where one is already', () => {
    expect(travelBetween(HOME, HOME)).toEqual({ mode: 'walk', minutes: 0, metres: 0 });
  });

  it('is as long back as it was there', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (a, b) => {
        expect(travelBetween(a, b)).toEqual(travelBetween(b, a));
      }),
    );
  });

  it('is close to the great circle within a city', () => {
    fc.assert(
      fc.property(nearby, nearby, (a, b) => {
        const exact = greatCircle(a, b);
        expect(Math.abs(straightMetres(a, b) - exact)).toBeLessThanOrEqual(Math.max(0.1, exact * 0.001));
      }),
    );
  });

  it('never gets shorter with distance, on foot or by transit, and is ridden from some distance on', () => {
    const metres = fc.integer({ min: 0, max: 40_000 });
    fc.assert(
      fc.property(metres, metres, (a, b) => {
        const [near, far] = a < b ? [a, b] : [b, a];
        const [first, second] = [travelBetween(HOME, north(HOME, near)), travelBetween(HOME, north(HOME, far))];
        expect(first.metres).toBeLessThanOrEqual(second.metres);
        if (first.mode === second.mode) expect(first.minutes).toBeLessThanOrEqual(second.minutes);
        if (first.mode === 'transit') expect(second.mode).toBe('transit');
      }),
    );
  });

  it('is walked up to 1,600 metres of street, and ridden beyond', () => {
    // Streets are 1.3 times the straight line.
    expect(travelBetween(HOME, north(HOME, 1600 / 1.3))).toEqual({ mode: 'walk', minutes: 20, metres: 1600 });
    expect(travelBetween(HOME, north(HOME, 1602 / 1.3))).toEqual({ mode: 'transit', minutes: 8 + 6, metres: 1602 });
  });

  it('rounds minutes up, never down', () => {
    expect(travelBetween(HOME, north(HOME, 80 / 1.3)).minutes).toBe(1);
    expect(travelBetween(HOME, north(HOME, 81 / 1.3)).minutes).toBe(2);
    expect(travelBetween(HOME, north(HOME, 3001 / 1.3)).minutes).toBe(8 + 11);
  });

  it('is the same in the matrix of all ways', () => {
    fc.assert(
      fc.property(fc.array(nearby, { maxLength: 8 }), (places) => {
        const matrix = travelMatrix(places);
        expect(matrix).toHaveLength(places.length ** 2);
        places.forEach((a, i) => {
          places.forEach((b, j) => {
            expect(matrix[i * places.length + j]).toBe(i === j ? 0 : travelBetween(a, b).minutes);
          });
        });
      }),
    );
  });
});
