import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  dateIn,
  daysBetween,
  minutesInto,
  steadyUntil,
  wallClock,
  weekdayOf,
} from '../../../core/itinerary/local-time.ts';

const ZONES = [
  'America/Los_Angeles',
  'America/New_York',
  'Europe/Lisbon',
  'Asia/Tokyo',
  'America/Mexico_City',
  'Asia/Kolkata',
  'America/Santiago',
  'Australia/Lord_Howe',
] as const;

const DAY_MS = 86_400_000;
const dateOf = (epochDay: number) => new Date(epochDay * DAY_MS).toISOString().slice(0, 10);

/** 2026 to 2030, with the days around the changes of the clock as likely as all the others together. */
const anyDate = fc.oneof(
  fc.integer({ min: 20_454, max: 22_279 }).map(dateOf),
  fc.constantFrom(
    ...['2026-03-07', '2026-03-08', '2026-03-28', '2026-03-29', '2026-04-04', '2026-04-05', '2026-09-05', '2026-10-04'],
    ...['2026-10-24', '2026-10-25', '2026-10-31', '2026-11-01', '2027-03-14', '2027-11-07'],
  ),
);
const anyZone = fc.constantFrom(...ZONES);
const anyMinutes = fc.integer({ min: 0, max: 1700 });

/** The minutes from midnight of `date` that an ISO string shows, read without a time zone. */
const shownMinutes = (date: string, iso: string) =>
  (Date.parse(`${iso.slice(0, 19)}Z`) - Date.parse(`${date}T00:00Z`)) / 60_000;

describe('the clock on the wall', () => {
  it('carries the offset that holds there and then', () => {
    expect(wallClock('2026-03-08', 600, 'America/Los_Angeles')).toBe('2026-03-08T10:00:00-07:00');
    expect(wallClock('2026-03-07', 600, 'America/Los_Angeles')).toBe('2026-03-07T10:00:00-08:00');
    expect(wallClock('2026-11-01', 600, 'America/New_York')).toBe('2026-11-01T10:00:00-05:00');
    expect(wallClock('2026-03-29', 30, 'Europe/Lisbon')).toBe('2026-03-29T00:30:00+00:00');
    expect(wallClock('2026-03-29', 600, 'Europe/Lisbon')).toBe('2026-03-29T10:00:00+01:00');
  });

  it('counts past midnight into the next day, also over a change of the clock', () => {
    expect(wallClock('2026-12-31', 1500, 'Asia/Tokyo')).toBe('2027-01-01T01:00:00+09:00');
    expect(wallClock('2026-03-07', 1440 + 240, 'America/New_York')).toBe('2026-03-08T04:00:00-04:00');
  });

  it('knows zones that do not change their clocks', () => {
    for (const date of ['2026-01-15', '2026-07-15']) {
      expect(wallClock(date, 720, 'Asia/Tokyo')).toBe(`${date}T12:00:00+09:00`);
      expect(wallClock(date, 720, 'America/Mexico_City')).toBe(`${date}T12:00:00-06:00`);
    }
  });

  it('moves a time that the clock skips to the one that it shows instead', () => {
    expect(wallClock('2026-03-08', 150, 'America/Los_Angeles')).toBe('2026-03-08T03:30:00-07:00');
    expect(wallClock('2026-03-29', 90, 'Europe/Lisbon')).toBe('2026-03-29T02:30:00+01:00');
  });

  it('takes the first of two equal times', () => {
    expect(wallClock('2026-11-01', 90, 'America/Los_Angeles')).toBe('2026-11-01T01:30:00-07:00');
  });

  it('shows the minutes that it is asked for, unless the clock skips them', () => {
    fc.assert(
      fc.property(anyZone, anyDate, anyMinutes, (zone, date, minutes) => {
        const late = shownMinutes(date, wallClock(date, minutes, zone)) - minutes;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(60);
        if (zone === 'Asia/Tokyo' || zone === 'Asia/Kolkata' || zone === 'America/Mexico_City') expect(late).toBe(0);
      }),
    );
  });
});

describe('minutes into a day', () => {
  it('are the inverse of the clock on the wall', () => {
    fc.assert(
      fc.property(anyZone, anyDate, anyMinutes, (zone, date, minutes) => {
        const iso = wallClock(date, minutes, zone);
        expect(minutesInto(date, zone, iso)).toBe(shownMinutes(date, iso));
        expect(minutesInto(date, zone, Date.parse(iso))).toBe(shownMinutes(date, iso));
      }),
    );
  });

  it('bring back every instant, but for the second of two equal times', () => {
    fc.assert(
      fc.property(anyZone, anyDate, fc.integer({ min: 0, max: 1439 }), (zone, date, minute) => {
        const instant = Date.parse(`${date}T00:00Z`) + minute * 60_000;
        const there = dateIn(zone, instant);
        const back = Date.parse(wallClock(there, minutesInto(there, zone, instant), zone));
        expect([0, 30 * 60_000, 60 * 60_000]).toContain(instant - back);
        if (zone === 'Asia/Tokyo') expect(back).toBe(instant);
      }),
    );
  });

  it('reads instants as Postgres writes them', () => {
    expect(minutesInto('2026-03-08', 'America/Los_Angeles', '2026-03-08 17:00:00+00')).toBe(600);
  });

  it('are negative before the day and run past its end', () => {
    expect(minutesInto('2026-03-08', 'Asia/Tokyo', '2026-03-07T23:00:00+09:00')).toBe(-60);
    expect(minutesInto('2026-03-08', 'Asia/Tokyo', '2026-03-10T00:10:00+09:00')).toBe(2890);
  });
});

describe('the steady stretch of a day', () => {
  it.each([
    ['2026-03-08', 'America/Los_Angeles', 0, 600, 120],
    ['2026-03-08', 'America/New_York', 0, 600, 120],
    ['2026-03-07', 'America/New_York', 480, 1440 + 300, 1440 + 120],
    ['2026-03-29', 'Europe/Lisbon', 0, 600, 60],
    ['2026-03-28', 'Europe/Lisbon', 480, 1530, 1500],
  ])('of %s in %s ends where the clock jumps forward', (date, zone, from, to, until) => {
    expect(steadyUntil(date, zone, from, to)).toBe(until);
  });

  it('ends before the clock shows again what it showed', () => {
    expect(steadyUntil('2026-11-01', 'America/Los_Angeles', 0, 600)).toBe(119);
    // Chile turns its clocks back at midnight: 24:00 is an hour after 23:59.
    expect(steadyUntil('2026-04-04', 'America/Santiago', 600, 1530)).toBe(1439);
  });

  it('is all of a day without a change, and of one whose change comes before or after', () => {
    expect(steadyUntil('2026-03-08', 'Asia/Tokyo', 0, 1530)).toBe(1530);
    expect(steadyUntil('2026-03-08', 'America/Mexico_City', 0, 1530)).toBe(1530);
    expect(steadyUntil('2026-03-08', 'America/Los_Angeles', 480, 1530)).toBe(1530);
    expect(steadyUntil('2026-03-07', 'America/Los_Angeles', 480, 1530)).toBe(1530);
    expect(steadyUntil('2026-03-08', 'America/Los_Angeles', 0, 120)).toBe(120);
  });

  it('counts real minutes, and is as long as it can be', () => {
    const instant = (date: string, minutes: number, zone: string) =>
      Date.parse(wallClock(date, minutes, zone)) / 60_000;
    fc.assert(
      fc.property(
        anyZone,
        anyDate,
        fc.integer({ min: 0, max: 1200 }),
        fc.integer({ min: 0, max: 900 }),
        (zone, date, from, more) => {
          fc.pre(shownMinutes(date, wallClock(date, from, zone)) === from);
          const to = from + more;
          const until = steadyUntil(date, zone, from, to);
          expect(until).toBeGreaterThanOrEqual(from);
          expect(until).toBeLessThanOrEqual(to);
          const real = (minutes: number) => instant(date, minutes, zone) - instant(date, from, zone);
          for (let minutes = from; minutes <= until; minutes += 7) expect(real(minutes)).toBe(minutes - from);
          expect(real(until)).toBe(until - from);
          if (until === to) return;
          const shown = shownMinutes(date, wallClock(date, until + 1, zone));
          expect(real(until + 1) !== until + 1 - from || shown !== until + 1).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('dates', () => {
  it('are those of the zone, not of UTC', () => {
    const instant = Date.parse('2026-03-08T03:00:00Z');
    expect(dateIn('America/Los_Angeles', instant)).toBe('2026-03-07');
    expect(dateIn('Asia/Tokyo', instant)).toBe('2026-03-08');
  });

  it('are added and counted over months, leap days and changes of the clock', () => {
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
    expect(daysBetween('2026-03-07', '2026-03-09')).toBe(2);
    expect(daysBetween('2026-03-09', '2026-03-07')).toBe(-2);
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -800, max: 800 }), (date, days) => {
        expect(daysBetween(date, addDays(date, days))).toBe(days);
      }),
    );
  });

  it('begin the week on Monday', () => {
    expect(['2026-11-23', '2026-11-24', '2026-11-29'].map(weekdayOf)).toEqual([0, 1, 6]);
  });
});
