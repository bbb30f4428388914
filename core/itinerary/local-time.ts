/** Calendar days and wall-clock minutes of a city's time zone, across changes of its offset. */
import { Temporal } from 'temporal-polyfill';

const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * 60_000;

/** The date in the zone at an instant (milliseconds since the epoch), as `YYYY-MM-DD`. */
export function dateIn(timeZone: string, epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** The date in the zone at an instant, and the wall-clock minutes since its midnight. */
export function timeIn(timeZone: string, epochMs: number): { date: string; minutes: number } {
  const there = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone);
  return { date: there.toPlainDate().toString(), minutes: there.hour * 60 + there.minute };
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days from the first date to the second; negative where they are reversed. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** Monday 0 to Sunday 6. */
export function weekdayOf(date: string): number {
  return (new Date(date).getUTCDay() + 6) % 7;
}

function zoned(date: string, minutes: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.PlainDate.from(date).toPlainDateTime().add({ minutes }).toZonedDateTime(timeZone);
}

/** By zone and date, and no more of them than this. */
const offsets = new Map<string, string | null>();
const MOST_OFFSETS = 1_000;

/** The zone's offset (`-07:00`) throughout a day and the next one; null where it changes in between. */
function steadyOffset(date: string, timeZone: string): string | null {
  const key = `${timeZone} ${date}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const [start, end] = [zoned(date, 0, timeZone), zoned(date, 2 * DAY_MINUTES, timeZone)];
    const change = start.getTimeZoneTransition('next');
    const before = zoned(date, -1, timeZone);
    const steady = before.offset === start.offset && (!change || Temporal.ZonedDateTime.compare(change, end) > 0);
    offset = steady ? start.offset : null;
    if (offsets.size >= MOST_OFFSETS) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

/**
 * What the clock on the wall shows `minutes` after midnight of `date`, as ISO 8601 with the zone's offset
 * (`2026-03-08T10:00:00-07:00`). Past 1440 is the small hours of the next day.
 */
export function wallClock(date: string, minutes: number, timeZone: string): string {
  const offset = 0 <= minutes && minutes < 2 * DAY_MINUTES ? steadyOffset(date, timeZone) : null;
  if (offset === null) return zoned(date, minutes, timeZone).toString({ timeZoneName: 'never' });
  return new Date(Date.parse(date) + minutes * 60_000).toISOString().slice(0, 19) + offset;
}

/** Wall-clock minutes from midnight of `date` to an instant; the inverse of `wallClock`. */
export function minutesInto(date: string, timeZone: string, instant: string | number): number {
  const at =
    typeof instant === 'number'
      ? Temporal.Instant.fromEpochMilliseconds(instant)
      : Temporal.Instant.from(instant.replace(' ', 'T'));
  const local = at.toZonedDateTimeISO(timeZone).toPlainDateTime();
  return Temporal.PlainDate.from(date).toPlainDateTime().until(local, { largestUnit: 'minutes' }).minutes;
}

/**
 * The stretch of `[from, to]` (wall-clock minutes of `date`) in which the zone keeps one offset, from its start on: `to`
 * itself on almost every day, earlier where clocks change in between. A plan that ends by then counts real minutes.
 */
export function steadyUntil(date: string, timeZone: string, from: number, to: number): number {
  const start = zoned(date, from, timeZone);
  const change = start.getTimeZoneTransition('next');
  if (!change || Temporal.ZonedDateTime.compare(change, zoned(date, to, timeZone)) >= 0) return to;
  const last = from + start.until(change, { largestUnit: 'minutes' }).minutes;
  // Where the clock goes back, it shows that minute only after the hour that it repeats.
  const shownLater = Temporal.ZonedDateTime.compare(zoned(date, last, timeZone), change) > 0;
  return Math.min(to, shownLater ? last - 1 : last);
}

export { DAY_MINUTES };
