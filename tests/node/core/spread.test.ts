import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stop } from '../../../core/itinerary/itinerary.ts';
import { spreadDay } from '../../../core/itinerary/spread.ts';
import { parseHours } from '../../../core/venue/opening-hours.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { someVenue } from './fixtures/venues.ts';

const stop = (fields: Partial<Stop> = {}): Stop => ({
  dayPart: 'afternoon',
  role: 'activity',
  earliest: 540,
  latest: 1020,
  endBy: 1140,
  required: true,
  ...fields,
});

/** Spreads a Wednesday of visits, ten minutes from each to the next; the starts that come out. */
function spread(visits: { start: number; end: number; stop?: Partial<Stop>; venue?: Partial<Venue> }[]) {
  const day = visits.map((visit) => ({ ...visit, stop: stop(visit.stop) }));
  spreadDay(
    day,
    (visit) => someVenue(visit.venue),
    visits.map(() => 10),
    2,
  );
  return day.map(({ start }) => start);
}
const DINNER = { start: 1080, end: 1170, stop: { role: 'dinner' as const } };

describe('a day that breathes', () => {
  it('moves an activity before a long wait to the middle of its gap', () => {
    // 720 to 780, ten minutes to walk, dinner at 1080: 290 minutes to spare, half of them in steps of 15.
    expect(spread([{ start: 720, end: 780 }, DINNER])).toEqual([720 + 135, 1080]);
  });

  it('leaves a wait of half an hour alone', () => {
    expect(spread([{ start: 980, end: 1040 }, DINNER])).toEqual([980, 1080]);
    expect(spread([{ start: 975, end: 1035 }, DINNER])[0]).toBe(975 + 15);
  });

  it('leaves meals and the last visit where they are', () => {
    expect(spread([{ start: 720, end: 780, stop: { role: 'lunch' } }, DINNER])).toEqual([720, 1080]);
    expect(spread([{ start: 720, end: 780 }])).toEqual([720]);
  });

  it('stays within the stop', () => {
    expect(spread([{ start: 720, end: 780, stop: { latest: 760 } }, DINNER])[0]).toBe(750);
    expect(spread([{ start: 720, end: 780, stop: { endBy: 820 } }, DINNER])[0]).toBe(750);
  });

  it('stays within the opening hours', () => {
    expect(spread([{ start: 720, end: 780, venue: { hours: parseHours({ wed: '09:00-13:30' }) } }, DINNER])[0]).toBe(
      750,
    );
    expect(spread([{ start: 720, end: 780, venue: { hours: null } }, DINNER])[0]).toBe(720);
  });

  it('gives the room that a later visit frees to the one before it', () => {
    const [first, second] = spread([{ start: 540, end: 600 }, { start: 610, end: 670 }, DINNER]);
    expect(second).toBe(610 + 195);
    expect(first).toBeGreaterThan(540);
  });

  it('never makes visits overlap, come late or change their length', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 3, max: 24 })), { maxLength: 6 });
    fc.assert(
      fc.property(gaps, (parts) => {
        let at = 540;
        const visits = parts.map(([gap, length]) => {
          const start = at + gap * 5;
          at = start + length * 5 + 10;
          return { start, end: start + length * 5, stop: stop({ latest: start + 90, endBy: start + length * 5 + 90 }) };
        });
        const before = visits.map((visit) => ({ ...visit }));
        spreadDay(
          visits,
          () => someVenue(),
          visits.map(() => 10),
          2,
        );
        visits.forEach((visit, i) => {
          const next = visits[i + 1];
          expect(visit.end - visit.start).toBe(before[i]!.end - before[i]!.start);
          expect(visit.start).toBeGreaterThanOrEqual(before[i]!.start);
          expect(visit.start).toBeLessThanOrEqual(visit.stop.latest);
          expect(visit.end).toBeLessThanOrEqual(visit.stop.endBy);
          if (next) expect(visit.end + 10).toBeLessThanOrEqual(next.start);
        });
      }),
    );
  });
});
