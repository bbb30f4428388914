import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameRequest, frameDays } from '../../../core/itinerary/day-frame.ts';
import type { DayFrame, Stop } from '../../../core/itinerary/itinerary.ts';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import { type Dimensions, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { parseClock } from '../../../core/venue/opening-hours.ts';
import { CITY_SLUGS, catalogueOf } from './fixtures/venues.ts';

const CITIES = CITY_SLUGS.map((slug) => catalogueOf(slug).city);
const SEATTLE = catalogueOf('seattle').city;

function frames(dimensions: Partial<Dimensions>, request: Partial<FrameRequest> = {}): DayFrame[] {
  return frameDays({
    startDate: '2026-06-01',
    days: 1,
    timeZone: SEATTLE.time_zone,
    mealTimes: SEATTLE.meal_times,
    dimensions: { ...NEUTRAL_DIMENSIONS, ...dimensions },
    notBefore: 0,
    ...request,
  });
}
const day = (dimensions: Partial<Dimensions>, request?: Partial<FrameRequest>) => frames(dimensions, request)[0]!;
const activities = (frame: DayFrame) => frame.stops.filter((stop) => stop.role === 'activity').length;
const opens = (frame: DayFrame) => Math.min(...frame.stops.map((stop) => stop.earliest));
const closes = (frame: DayFrame) => Math.max(...frame.stops.map((stop) => stop.endBy));
const evening = (frame: DayFrame) => frame.stops.filter((s) => s.role === 'activity' && s.dayPart === 'evening').length;

describe('the frame of a day', () => {
  it('holds more stops the faster the pace', () => {
    const [slow, moderate, fast] = [0.1, 0.5, 0.9].map((pace_preference) => activities(day({ pace_preference })));
    expect(slow).toBeLessThan(moderate!);
    expect(moderate).toBeLessThan(fast!);
  });

  it('begins and ends later for a night owl', () => {
    const early = day({ night_owl: 0.05 });
    const late = day({ night_owl: 0.95 });
    expect(opens(early)).toBeLessThanOrEqual(8.5 * 60);
    expect(opens(late)).toBeGreaterThanOrEqual(10 * 60);
    expect(closes(late) - closes(early)).toBeGreaterThanOrEqual(180);
    expect(closes(late)).toBeGreaterThan(1440);
  });

  it('gives the evening to night owls and spares it the early birds', () => {
    expect([0.05, 0.5, 0.95].map((night_owl) => evening(day({ night_owl })))).toEqual([0, 1, 2]);
  });

  it('seats every meal in the hours when the city eats', () => {
    for (const city of CITIES) {
      const { stops } = day({ night_owl: 0.2 }, { mealTimes: city.meal_times, timeZone: city.time_zone });
      for (const meal of ['breakfast', 'lunch', 'dinner'] as const) {
        const stop = stops.find(({ role }) => role === meal);
        expect(stop, `${meal} in ${city.name}`).toBeDefined();
        const [from, to] = city.meal_times[meal].map(parseClock);
        expect(stop!.earliest).toBeGreaterThanOrEqual(from!);
        expect(stop!.latest).toBeLessThanOrEqual(to!);
      }
    }
  });

  it('dines in Mexico City when Seattle has long eaten', () => {
    const lunch = (slug: string) =>
      day({}, { mealTimes: catalogueOf(slug).city.meal_times }).stops.find((stop) => stop.role === 'lunch')!;
    expect(lunch('mexico-city').latest).toBeGreaterThan(lunch('seattle').latest);
  });

  it('asks for lunch and dinner, and leaves breakfast to the traveller', () => {
    const { stops } = day({});
    expect(stops.filter((stop) => stop.role !== 'activity').map(({ role, required }) => [role, required])).toEqual([
      ['breakfast', false],
      ['lunch', true],
      ['dinner', true],
    ]);
  });

  it('numbers the days and knows their dates and weekdays', () => {
    expect(
      frames({}, { startDate: '2026-12-30', days: 3 }).map(({ dayNumber, date, weekday }) => [
        dayNumber,
        date,
        weekday,
      ]),
    ).toEqual([
      [1, '2026-12-30', 2],
      [2, '2026-12-31', 3],
      [3, '2027-01-01', 4],
    ]);
  });
});

describe('a trip that starts today', () => {
  it('leaves out what the clock has passed, on the first day only', () => {
    const [today, tomorrow] = frames({}, { days: 2, notBefore: 15 * 60 });
    expect(today!.stops.map(({ role }) => role)).not.toContain('breakfast');
    expect(today!.stops.map(({ role }) => role)).not.toContain('lunch');
    for (const stop of today!.stops) expect(stop.earliest).toBeGreaterThanOrEqual(15 * 60);
    expect(tomorrow!.stops).toEqual(day({}, { startDate: '2026-06-02' }).stops);
  });

  it('has nothing left late at night', () => {
    expect(day({}, { notBefore: 1439 }).stops).toEqual([]);
  });
});

describe('a day whose clock changes', () => {
  it('ends before the clock jumps', () => {
    const lisbon = { timeZone: 'Europe/Lisbon', startDate: '2026-03-28' };
    expect(closes(day({ night_owl: 1 }, { ...lisbon, startDate: '2026-03-21' }))).toBe(25 * 60 + 30);
    expect(closes(day({ night_owl: 1 }, lisbon))).toBe(25 * 60);
  });

  it('ends before the clock goes back at midnight', () => {
    expect(closes(day({ night_owl: 1 }, { timeZone: 'America/Santiago', startDate: '2026-04-04' }))).toBe(1439);
  });
});

const anyDimensions = fc.record(
  Object.fromEntries(Object.keys(NEUTRAL_DIMENSIONS).map((name) => [name, fc.double({ min: 0, max: 1, noNaN: true })])),
) as fc.Arbitrary<Dimensions>;

describe('every frame', () => {
  const everyStop = (check: (stop: Stop, frame: DayFrame, timeZone: string) => void) =>
    fc.assert(
      fc.property(
        anyDimensions,
        fc.constantFrom(...CITIES),
        fc.constantFrom('Europe/Lisbon', 'America/Los_Angeles', 'America/Santiago', 'Asia/Tokyo'),
        fc.constantFrom(
          '2026-03-05',
          '2026-03-27',
          '2026-04-02',
          '2026-09-03',
          '2026-10-22',
          '2026-10-30',
          '2026-06-10',
        ),
        fc.integer({ min: 0, max: 1439 }),
        (dimensions, city, timeZone, startDate, notBefore) => {
          const request = { startDate, days: 5, timeZone, mealTimes: city.meal_times, dimensions, notBefore };
          for (const frame of frameDays(request)) for (const stop of frame.stops) check(stop, frame, timeZone);
        },
      ),
    );

  it('has room for a visit of half an hour at each stop', () => {
    everyStop((stop) => {
      expect(stop.earliest).toBeLessThanOrEqual(stop.latest);
      expect(stop.endBy - stop.latest).toBeGreaterThanOrEqual(30);
    });
  });

  it('counts real minutes: no stop reaches across a change of the offset', () => {
    everyStop((stop, frame, timeZone) => {
      const instant = (minutes: number) => Date.parse(wallClock(frame.date, minutes, timeZone)) / 60_000;
      expect(instant(stop.endBy) - instant(stop.earliest)).toBe(stop.endBy - stop.earliest);
    });
  });

  it('keeps its stops in the order of the day', () => {
    const order = ['morning', 'afternoon', 'evening'];
    fc.assert(
      fc.property(anyDimensions, (dimensions) => {
        const parts = day(dimensions).stops.map((stop) => order.indexOf(stop.dayPart));
        expect(parts).toEqual(parts.toSorted());
      }),
    );
  });
});
