import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALWAYS_OPEN,
  firstOpenStart,
  joinMidnights,
  parseClock,
  parseHours,
} from '../../../core/venue/opening-hours.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const NOON_TO_ONE = [[720, 780]];

/** Which weekdays a notation of days opens. */
const openOn = (days: string) =>
  parseHours({ [days]: '12:00-13:00' }).flatMap((day, i) => (day.length > 0 ? [DAYS[i]] : []));

describe('the notation of opening hours', () => {
  it('reads a time of day to minutes from midnight, to the end of the day', () => {
    expect(parseClock('00:00')).toBe(0);
    expect(parseClock('09:30')).toBe(570);
    expect(parseClock('24:00')).toBe(1440);
  });

  it.each(['9:30', '24:01', '25:00', '12:60', '12', '', '12:00 ', 'noon'])('refuses "%s" as a time of day', (clock) => {
    expect(() => parseClock(clock)).toThrow(new RangeError(`"${clock}" is no time of day, such as "09:30"`));
  });

  it('reads single days, ranges, lists and every day', () => {
    expect(openOn('wed')).toEqual(['wed']);
    expect(openOn('mon-fri')).toEqual(['mon', 'tue', 'wed', 'thu', 'fri']);
    expect(openOn('mon,wed-fri')).toEqual(['mon', 'wed', 'thu', 'fri']);
    expect(openOn('tue , thu')).toEqual(['tue', 'thu']);
    expect(openOn('daily')).toEqual([...DAYS]);
  });

  it('lets a range of days wrap around the week', () => {
    expect(openOn('sat-mon')).toEqual(['mon', 'sat', 'sun']);
    expect(openOn('fri-tue')).toEqual(['mon', 'tue', 'fri', 'sat', 'sun']);
  });

  it('closes the days that are left out', () => {
    expect(parseHours({ tue: '12:00-13:00' })).toEqual([[], NOON_TO_ONE, [], [], [], [], []]);
    expect(parseHours({})).toEqual([[], [], [], [], [], [], []]);
  });

  it('keeps several intervals of a day in the order of the clock, also from several entries', () => {
    const lunchAndDinner = [
      [690, 870],
      [1020, 1320],
    ];
    expect(parseHours({ mon: '17:00-22:00, 11:30-14:30' })[0]).toEqual(lunchAndDinner);
    expect(parseHours({ daily: '17:00-22:00', mon: '11:30-14:30' })[0]).toEqual(lunchAndDinner);
  });

  it('lets a closing time after midnight belong to the day that it opened on', () => {
    expect(parseHours({ sat: '17:00-02:00' })[5]).toEqual([[1020, 1560]]);
    expect(parseHours({ sat: '17:00-00:00' })[5]).toEqual([[1020, 1440]]);
    expect(parseHours({ sat: '17:00-24:00' })[5]).toEqual([[1020, 1440]]);
  });

  it('reads equal times as twenty-four hours', () => {
    expect(parseHours({ sat: '08:00-08:00' })[5]).toEqual([[480, 480 + 1440]]);
    expect(firstOpenStart(parseHours('always'), 3, 200, 200, 1200)).toBe(200);
  });

  it.each([
    [{ mon: '' }, '"" is no interval'],
    [{ mon: '09:00' }, '"09:00" is no interval'],
    [{ mon: '09:00-12:00-15:00' }, '"09:00-12:00-15:00" is no interval'],
    [{ mon: '09:00-12:00, 13.00-15:00' }, '"13.00" is no time of day'],
    [{ mon: '09:00-12:00', tues: '09:00-12:00' }, '"tues" is no weekday'],
    [{ Mon: '09:00-12:00' }, '"Mon" is no weekday'],
    [{ 'mon-': '09:00-12:00' }, '"mon-" is no weekday'],
    [{ 'mon-tue-wed': '09:00-12:00' }, '"mon-tue-wed" is no weekday'],
    [{ 'mon,holidays': '09:00-12:00' }, '"holidays" is no weekday'],
  ])('names the part of %j that it cannot read', (notation, message) => {
    expect(() => parseHours(notation as Record<string, string>)).toThrow(RangeError);
    expect(() => parseHours(notation as Record<string, string>)).toThrow(message);
  });
});

describe('midnight', () => {
  const week = (days: Record<number, [number, number][]>) => Array.from({ length: 7 }, (_, day) => days[day] ?? []);

  it('does not close a place that opens again at that minute', () => {
    expect(joinMidnights(week({ 0: [[1020, 1440]], 1: [[0, 120]] }))[0]).toEqual([[1020, 1560]]);
    expect(joinMidnights(week({ 6: [[1020, 1440]], 0: [[0, 120]] }))[6]).toEqual([[1020, 1560]]);
  });

  it('closes a place that opens later the next day, or not at all', () => {
    expect(joinMidnights(week({ 0: [[1020, 1440]], 1: [[1, 120]] }))[0]).toEqual([[1020, 1440]]);
    expect(joinMidnights(week({ 0: [[1020, 1440]] }))[0]).toEqual([[1020, 1440]]);
  });

  it('leaves alone what closes before it or runs past it already', () => {
    expect(joinMidnights(week({ 0: [[1020, 1439]], 1: [[0, 120]] }))[0]).toEqual([[1020, 1439]]);
    expect(joinMidnights(week({ 0: [[1020, 1500]], 1: [[60, 120]] }))[0]).toEqual([[1020, 1500]]);
  });
});

describe('the first open start', () => {
  const bar = parseHours({ 'fri-sat': '17:00-02:00' });

  it('waits for the door to open, and gives up where it opens too late', () => {
    expect(firstOpenStart(bar, 4, 900, 1100, 60)).toBe(1020);
    expect(firstOpenStart(bar, 4, 900, 1019, 60)).toBeNull();
  });

  it('ends the visit by closing time, not a minute after', () => {
    expect(firstOpenStart(bar, 4, 1500, 1500, 60)).toBe(1500);
    expect(firstOpenStart(bar, 4, 1501, 1530, 60)).toBeNull();
  });

  it('knows that the night before reaches into the morning', () => {
    expect(firstOpenStart(bar, 5, 0, 60, 60)).toBe(0);
    expect(firstOpenStart(bar, 6, 0, 60, 60)).toBe(0);
    expect(firstOpenStart(bar, 0, 0, 60, 60)).toBeNull();
  });

  it('knows that minutes past midnight are the next day', () => {
    const brunch = parseHours({ sun: '00:30-04:00' });
    expect(firstOpenStart(brunch, 5, 1400, 1600, 60)).toBe(1470);
    expect(firstOpenStart(ALWAYS_OPEN, 5, 1600, 1600, 300)).toBe(1600);
  });
});

const WEEK_MINUTES = 7 * 1440;
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/**
 * A week as alternating closed and open stretches, and the same week in the notation: each open stretch stands on the
 * day that it begins on; what lasts longer than a day is cut at its midnights, as catalogues write it.
 */
const anyWeek = fc
  .record({
    offset: fc.integer({ min: 0, max: WEEK_MINUTES - 1 }),
    stretches: fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 2000 })), {
      maxLength: 14,
    }),
  })
  .map(({ offset, stretches }) => {
    const open = new Uint8Array(WEEK_MINUTES);
    const notation: Record<string, string[]> = {};
    const write = (day: number, interval: string) => {
      const name = DAYS[day % 7]!;
      notation[name] = [...(notation[name] ?? []), interval];
    };
    let at = 0;
    for (const [closedFor, openFor] of stretches) {
      if (at + closedFor + openFor >= WEEK_MINUTES) break;
      const from = offset + at + closedFor;
      const to = from + openFor;
      for (let minute = from; minute < to; minute++) open[minute % WEEK_MINUTES] = 1;
      if (openFor <= 1440) write(Math.floor(from / 1440), `${clock(from % 1440)}-${clock(to % 1440)}`);
      else {
        for (let start = from; start < to; ) {
          const midnight = (Math.floor(start / 1440) + 1) * 1440;
          const end = Math.min(midnight, to);
          write(Math.floor(start / 1440), `${clock(start % 1440)}-${end === midnight ? '24:00' : clock(end % 1440)}`);
          start = end;
        }
      }
      at += closedFor + openFor;
    }
    const hours = parseHours(Object.fromEntries(Object.entries(notation).map(([day, list]) => [day, list.join(', ')])));
    return { open, hours, notation };
  });

describe('against a calendar of every minute of the week', () => {
  it('finds exactly the first minute from which the whole visit is open', () => {
    fc.assert(
      fc.property(
        anyWeek,
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 1600 }),
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 15, max: 300 }),
        ({ open, hours }, weekday, earliest, window, duration) => {
          const allOpen = (start: number) => {
            for (let minute = start; minute < start + duration; minute++) {
              if (!open[(weekday * 1440 + minute) % WEEK_MINUTES]) return false;
            }
            return true;
          };
          let expected: number | null = null;
          for (let start = earliest; start <= earliest + window && expected === null; start++) {
            if (allOpen(start)) expected = start;
          }
          expect(firstOpenStart(hours, weekday, earliest, earliest + window, duration)).toBe(expected);
        },
      ),
      { numRuns: 400 },
    );
  });
});
