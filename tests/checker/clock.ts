/** Dates, weekdays and local times, by `Date` and `Intl` alone. */

const DAY_MS = 24 * 3600 * 1000;

/** Days since 1970-01-01. */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

export function dateOf(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** Monday 0; 1970-01-01 was a Thursday. */
export function weekday(date: string): number {
  return (dayNumber(date) + 3) % 7;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock in the zone shows at an instant: `2026-12-05 09:00:00`. */
function shownIn(timeZone: string, epochMs: number): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return format.format(epochMs);
}

export interface Stamp {
  epochMinutes: number;
  date: string;
  /** From midnight of `date`, as the text has them. */
  minutes: number;
  /** Whether a clock in the zone shows these very digits at that instant. */
  rightOffset: boolean;
}

/** Null unless the text is ISO 8601 to the second with a numeric offset. */
export function readStamp(text: string, timeZone: string): Stamp | null {
  const match = /^(\d{4}-\d{2}-\d{2})T((\d{2}):(\d{2}):(\d{2}))[+-]\d{2}:\d{2}$/.exec(text);
  const epochMs = Date.parse(text);
  if (!match || Number.isNaN(epochMs)) return null;
  const [, date, time, hours, minutes] = match;
  return {
    epochMinutes: epochMs / 60_000,
    date: date!,
    minutes: Number(hours) * 60 + Number(minutes),
    rightOffset: shownIn(timeZone, epochMs) === `${date} ${time}`,
  };
}
