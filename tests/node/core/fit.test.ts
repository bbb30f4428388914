import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FitRequest, fitVenue, type Neighbour } from '../../../core/itinerary/fit.ts';
import { visitLength } from '../../../core/itinerary/visit-length.ts';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { parseHours } from '../../../core/venue/opening-hours.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { north, someVenue } from './fixtures/venues.ts';

const HERE = { lat: 47.61, lng: -122.34 };
/** Ten minutes on foot: 800 m of street. */
const TEN_MINUTES = north(HERE, 799 / 1.3);

const AFTERNOON = {
  dayPart: 'afternoon',
  role: 'activity',
  earliest: 720,
  latest: 1020,
  endBy: 1080,
  required: true,
} as const;

const request = (fields: Partial<FitRequest> = {}): FitRequest => ({
  date: '2026-06-03',
  weekday: 2,
  stop: AFTERNOON,
  others: [],
  before: 0,
  party: { kind: 'couple', size: 2 },
  budgetBand: 'mid',
  dimensions: NEUTRAL_DIMENSIONS,
  start: null,
  ...fields,
});

const visit = (
  start: number,
  end: number,
  fields: Partial<Venue> = {},
  role: Neighbour['stop']['role'] = 'activity',
) => ({
  venue: someVenue({ id: `at-${start}`, category: 'park', ...fields }),
  stop: { role },
  start,
  end,
});

const placed = (venue: Partial<Venue>, fields: Partial<FitRequest> = {}) =>
  fitVenue(someVenue({ location: HERE, ...venue }), request(fields));

describe('a venue in a slot', () => {
  it('starts when the stop does, for its usual length', () => {
    expect(placed({})).toEqual({ fits: true, start: 720, end: 780, travel: null, onward: null });
  });

  it('leaves time to come from what is before it', () => {
    const others = [visit(660, 733, { location: TEN_MINUTES })];
    expect(placed({}, { others, before: 1 })).toMatchObject({
      start: 745,
      end: 805,
      travel: { mode: 'walk', minutes: 10 },
    });
  });

  it('leaves time to reach what comes after it', () => {
    const nextAt = (start: number) => placed({}, { others: [visit(start, start + 60, { location: TEN_MINUTES })] });
    expect(nextAt(790)).toMatchObject({ fits: true, end: 780, onward: { minutes: 10 } });
    expect(nextAt(789)).toMatchObject({ fits: true, end: 775 });
  });

  it('is shortened where time is tight, but never under 60% of its usual length', () => {
    expect(placed({}, { others: [visit(761, 800)] })).toMatchObject({ fits: true, start: 720, end: 760 });
    expect(placed({ visitMinutes: 100 }, { others: [visit(780, 800)] })).toMatchObject({ start: 720, end: 780 });
    expect(placed({ visitMinutes: 100 }, { others: [visit(779, 800)] })).toEqual({ fits: false, why: 'no_time' });
  });

  it('lasts longer for slow travellers than for fast ones', () => {
    const length = (pace_preference: number) =>
      visitLength(someVenue({ visitMinutes: 100 }), { ...NEUTRAL_DIMENSIONS, pace_preference });
    expect([length(0), length(0.5), length(1)]).toEqual([115, 100, 85]);
  });

  it('waits until it opens', () => {
    expect(placed({ hours: parseHours({ wed: '13:00-17:00' }) })).toMatchObject({ start: 780 });
  });

  it('counts the way from where the day begins, without making it wait', () => {
    expect(placed({}, { start: TEN_MINUTES })).toMatchObject({ start: 720, travel: { minutes: 10 } });
  });

  it('does not start before now', () => {
    expect(placed({}, { notBefore: 801 })).toMatchObject({ start: 805 });
    expect(placed({}, { notBefore: 1021 })).toEqual({ fits: false, why: 'no_time' });
  });

  it('starts on the five minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 600, max: 900 }), fc.integer({ min: 0, max: 1000 }), (end, metres) => {
        const found = placed({}, { others: [visit(540, end, { location: north(HERE, metres) })], before: 1 });
        if (found.fits) expect(found.start % 5).toBe(0);
      }),
    );
  });
});

describe('a venue does not fit', () => {
  it.each([
    ['its hours are not known', { hours: null }, {}, 'not_allowed'],
    ['it has closed for good', { closedAt: '2026-06-03' }, {}, 'not_allowed'],
    ['it costs more than the budget allows', { priceLevel: 4 }, {}, 'not_allowed'],
    [
      'the party has children and it is a bar',
      { category: 'bar' },
      { party: { kind: 'family', size: 3 } },
      'not_allowed',
    ],
    ['one goes there to dine', { category: 'restaurant', meals: ['lunch'] }, {}, 'wrong_role'],
    [
      'the meal is not served',
      { category: 'restaurant', meals: ['dinner'] },
      { stop: { ...AFTERNOON, role: 'lunch' } },
      'wrong_role',
    ],
    [
      'the day has had its expensive place',
      { priceLevel: 3 },
      { others: [visit(600, 660, { priceLevel: 3 })], before: 1 },
      'over_budget',
    ],
    ['the one before is of its kind', { category: 'park' }, { others: [visit(600, 660)], before: 1 }, 'same_category'],
    ['the one after is of its kind', { category: 'park' }, { others: [visit(1000, 1060)] }, 'same_category'],
    ['it is closed that day', { hours: parseHours({ 'thu-tue': '09:00-18:00' }) }, {}, 'closed'],
    ['it opens too late', { hours: parseHours({ wed: '17:30-23:00' }) }, {}, 'closed'],
    ['nothing is left of the time', {}, { others: [visit(750, 800)] }, 'no_time'],
  ] as [string, Partial<Venue>, Partial<FitRequest>, string][])('where %s', (_, venue, fields, why) => {
    expect(placed(venue, fields)).toEqual({ fits: false, why });
  });

  it('where the day has enough of its kind already, also apart', () => {
    const twoParks = [
      visit(500, 520),
      visit(530, 550, { category: 'shop' }),
      visit(560, 580),
      visit(590, 600, { category: 'shop' }),
    ];
    expect(placed({ category: 'park' }, { others: twoParks, before: 4 })).toEqual({
      fits: false,
      why: 'same_category',
    });
    const oneMuseum = [visit(500, 520, { category: 'museum' }), visit(530, 550)];
    expect(placed({ category: 'museum' }, { others: oneMuseum, before: 2 })).toEqual({
      fits: false,
      why: 'same_category',
    });
  });

  it('and a meal of its kind is no repetition', () => {
    const others = [visit(600, 660, { category: 'restaurant' }, 'breakfast')];
    const lunch = { ...AFTERNOON, role: 'lunch' } as const;
    expect(placed({ category: 'restaurant', meals: ['lunch'] }, { others, before: 1, stop: lunch })).toMatchObject({
      fits: true,
    });
  });
});

describe('whatever fits', () => {
  it('lies in its stop, between its neighbours with the ways to them, and is open', () => {
    const place = fc.integer({ min: 0, max: 6000 }).map((metres) => north(HERE, metres));
    fc.assert(
      fc.property(
        fc.record({ from: fc.integer({ min: 600, max: 900 }), to: fc.integer({ min: 901, max: 1200 }) }),
        fc.tuple(place, place, place),
        fc.integer({ min: 15, max: 240 }),
        fc.record({ open: fc.integer({ min: 540, max: 900 }), length: fc.integer({ min: 60, max: 600 }) }),
        ({ from, to }, [a, b, c], visitMinutes, { open, length }) => {
          const hours = [[], [], [[open, open + length] as const], [], [], [], []];
          const others = [
            visit(540, from, { location: a, category: 'shop' }),
            visit(to, to + 60, { location: c, category: 'shop' }),
          ];
          const found = placed({ location: b, visitMinutes, hours }, { others, before: 1 });
          if (!found.fits) return;
          expect(found.start).toBeGreaterThanOrEqual(from + found.travel!.minutes);
          expect(found.end).toBeLessThanOrEqual(to - found.onward!.minutes);
          expect(found.start).toBeGreaterThanOrEqual(AFTERNOON.earliest);
          expect(found.start).toBeLessThanOrEqual(AFTERNOON.latest);
          expect(found.end).toBeLessThanOrEqual(AFTERNOON.endBy);
          expect(found.start).toBeGreaterThanOrEqual(open);
          expect(found.end).toBeLessThanOrEqual(open + length);
          expect(found.end - found.start).toBeLessThanOrEqual(Math.max(15, Math.round(visitMinutes / 5) * 5));
          expect(found.end - found.start).toBeGreaterThanOrEqual(Math.min(visitMinutes, 0.6 * visitMinutes) - 5);
        },
      ),
      { numRuns: 500 },
    );
  });
});
