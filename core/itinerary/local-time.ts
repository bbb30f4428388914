/** Calendar days and wall-clock minutes of a city's time zone, across changes of its offset. */
import { Temporal } from 'temporal-polyfill';

const DAY_MINUTES = 24 * 60;

/** The date in the zone at an instant (milliseconds since the epoch), as `YYYY-MM-DD`. */
export function dateIn(timeZone: string, epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Days from the first date to the second; negative where they are reversed. */
export function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'days' }).days;
}

/** Monday 0 to Sunday 6. */
export function weekdayOf(date: string): number {
  return Temporal.PlainDate.from(date).dayOfWeek - 1;
}

function zoned(date: string, minutes: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.PlainDate.from(date).toPlainDateTime().add({ minutes }).toZonedDateTime(timeZone);
}

/**
 * What the clock on the wall shows `minutes` after midnight of `date`, as ISO 8601 with the zone's offset
 * (`2026-03-08T10:00:00-07:00`). Past 1440 is the small hours of the next day.
 */
export function wallClock(date: string, minutes: number, timeZone: string): string {
  return zoned(date, minutes, timeZone).toString({ timeZoneName: 'never' });
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
