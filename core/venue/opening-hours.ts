/** Opening hours as catalogues write them, and the question that assembly asks of them. */
import type { WeeklyHours } from './venue.ts';

const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY_MINUTES = 24 * 60;

export const ALWAYS_OPEN: WeeklyHours = Array.from({ length: 7 }, () => [[0, 2 * DAY_MINUTES] as const]);

/** `"09:30"` to minutes from midnight. Throws a `RangeError` on anything else. */
export function parseClock(clock: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(clock);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (!(minutes <= DAY_MINUTES)) throw new RangeError(`"${clock}" is no time of day, such as "09:30"`);
  return minutes;
}

function parseInterval(interval: string): [number, number] {
  const [from, to, ...rest] = interval.split('-');
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new RangeError(`"${interval}" is no interval, such as "09:00-17:30"`);
  }
  const open = parseClock(from.trim());
  const close = parseClock(to.trim());
  return [open, close <= open ? close + DAY_MINUTES : close];
}

/** `"daily"`, `"mon"`, `"mon-fri"`, `"mon,wed-fri"` to weekday numbers, Monday 0. Ranges may wrap (`"sat-mon"`). */
function parseDays(days: string): number[] {
  if (days === 'daily') return [0, 1, 2, 3, 4, 5, 6];
  return days.split(',').flatMap((part) => {
    const bounds = part.split('-').map((name) => DAY_NAMES.indexOf(name.trim() as (typeof DAY_NAMES)[number]));
    const [first, last = first] = bounds;
    if (first === undefined || last === undefined || bounds.length > 2 || bounds.includes(-1)) {
      throw new RangeError(`"${part}" is no weekday or range of weekdays, such as "mon" or "tue-sun"`);
    }
    const length = ((last - first + 7) % 7) + 1;
    return Array.from({ length }, (_, step) => (first + step) % 7);
  });
}

/**
 * The catalogue notation to intervals: `"always"`, or days to comma-separated intervals
 * (`{"mon-fri": "11:00-14:30, 17:00-22:00", "sat": "17:00-02:00"}`). Weekdays left out are closed.
 *
 * Throws a `RangeError` that names the part it cannot read.
 */
export function parseHours(notation: 'always' | Record<string, string>): WeeklyHours {
  if (notation === 'always') return ALWAYS_OPEN;
  const week: [number, number][][] = Array.from({ length: 7 }, () => []);
  for (const [days, intervals] of Object.entries(notation)) {
    const parsed = intervals.split(',').map(parseInterval);
    for (const day of parseDays(days)) week[day]?.push(...parsed);
  }
  return joinMidnights(week.map((day) => day.sort((a, b) => a[0] - b[0])));
}

/** A place that closes at midnight and opens at midnight does not close: its interval runs on into the next day's. */
export function joinMidnights(week: readonly (readonly (readonly [number, number])[])[]): WeeklyHours {
  return week.map((day, weekday) => {
    const tomorrow = week[(weekday + 1) % 7]?.find(([open]) => open === 0);
    return day.map(([open, close]) =>
      close === DAY_MINUTES && tomorrow ? [open, DAY_MINUTES + Math.min(tomorrow[1], DAY_MINUTES)] : [open, close],
    );
  });
}

/**
 * The first minute in `[earliest, latest]` from which a visit of `duration` minutes lies within one opening interval;
 * null if there is none. Minutes count from the local midnight that begins `weekday` (Monday 0) and run past 1440 into
 * the small hours after it; the night before may reach in.
 */
export function firstOpenStart(
  hours: WeeklyHours,
  weekday: number,
  earliest: number,
  latest: number,
  duration: number,
): number | null {
  let first: number | null = null;
  for (let offset = -1; offset <= 1; offset++) {
    const shift = offset * DAY_MINUTES;
    for (const [open, close] of hours[(weekday + offset + 7) % 7]!) {
      const start = Math.max(open + shift, earliest);
      if (start > latest || start + duration > close + shift) continue;
      if (first === null || start < first) first = start;
    }
  }
  return first;
}
