/**
 * An independent check of a planned trip: every promise that a plan makes, from the body that a client gets, the
 * request, and the raw catalogue. It shares no code with what it checks.
 */
import { dateOf, dayNumber, readStamp } from './clock.ts';
import { checkDay } from './day-rules.ts';
import type { Catalogue, Place } from './raw-catalogue.ts';
import { checkSlot } from './slot-rules.ts';
import type { CheckedBody, CheckedRequest, CheckedSlot, ReadSlot, Report, Violation } from './trip-under-check.ts';

export interface CheckOptions {
  /** A trip that begins today: before this minute of its first day nothing may start. */
  notBefore?: number;
}

/** The record that a slot speaks of; null where there is none. Names may repeat in a city, names at one place do not. */
function placeOf({ venue }: CheckedSlot, { places }: Catalogue): Place | null {
  const { lat, lng } = venue.location;
  return places.find((place) => place.name === venue.name && place.lat === lat && place.lng === lng) ?? null;
}

function checkRecord({ venue }: CheckedSlot, place: Place, report: Report): void {
  const same =
    venue.category === place.category &&
    venue.neighbourhood === place.neighbourhood &&
    venue.price_level === place.price &&
    [...venue.vibe_tags].sort().join() === [...place.tags].sort().join();
  if (!same) report('record', 'differs from the catalogue');
}

function checkRequest(body: CheckedBody, request: CheckedRequest, catalogue: Catalogue, report: Report): void {
  if (body.city !== request.city || body.city !== catalogue.slug) report('request', `city ${body.city}`);
  const party = request.party ?? { size: 1, kind: 'solo' };
  if (body.party.size !== party.size || (party.kind && body.party.kind !== party.kind)) {
    report('request', `party ${body.party.kind} of ${body.party.size}`);
  }
  if (request.budget && body.budget !== request.budget) report('request', `budget ${body.budget}`);

  const first = dayNumber(request.start_date);
  const days = request.days ?? dayNumber(request.end_date ?? request.start_date) - first + 1;
  if (body.start_date !== request.start_date) report('days', `starts on ${body.start_date}`);
  if (body.end_date !== dateOf(first + days - 1)) report('days', `ends on ${body.end_date}`);
  if (body.days.length !== days) report('days', `${body.days.length} days instead of ${days}`);
  body.days.forEach(({ day, date }, i) => {
    if (day !== i + 1 || date !== dateOf(first + i)) report('days', `day ${day} on ${date} stands at place ${i + 1}`);
  });
}

/** Where days begin; a neighbourhood is where its places are on average. */
function startOf({ start_area: area }: CheckedRequest, { places }: Catalogue): { lat: number; lng: number } | null {
  if (typeof area !== 'string') return area ?? null;
  const there = places.filter((place) => place.neighbourhood.toLowerCase() === area.trim().toLowerCase());
  const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  return { lat: mean(there.map((place) => place.lat)), lng: mean(there.map((place) => place.lng)) };
}

/** Everything that the trip breaks; empty for a good one. Slots that the traveller skipped are left out. */
export function checkTrip(
  body: CheckedBody,
  request: CheckedRequest,
  catalogue: Catalogue,
  { notBefore = 0 }: CheckOptions = {},
): Violation[] {
  const violations: Violation[] = [];
  const reportAt =
    (at: string): Report =>
    (rule, message) =>
      violations.push({ rule, at, message });
  const nameOf = (day: number, { order, venue }: CheckedSlot) => `day ${day}, slot ${order} (${venue.name})`;

  checkRequest(body, request, catalogue, reportAt('trip'));
  const start = startOf(request, catalogue);
  const visited = new Map<string, string>();

  body.days.forEach((day, i) => {
    const firstMinute = i === 0 ? notBefore : 0;
    const midnight = dayNumber(day.date) * 24 * 60;
    const standing: ReadSlot[] = [];
    for (const slot of day.slots) {
      if (slot.status === 'skipped') continue;
      const at = nameOf(day.day, slot);
      const report = reportAt(at);
      const place = placeOf(slot, catalogue);
      const starts = readStamp(slot.starts_at, catalogue.timeZone);
      const ends = readStamp(slot.ends_at, catalogue.timeZone);
      if (!place) report('record', 'is not in the catalogue');
      if (!starts || !ends) report('offset', `${slot.starts_at} to ${slot.ends_at} cannot be read`);
      if (!place || !starts || !ends) continue;

      const intoDay = ({ date, minutes }: typeof starts) => dayNumber(date) * 24 * 60 + minutes - midnight;
      const read: ReadSlot = { slot, place, starts, ends, from: intoDay(starts), to: intoDay(ends) };
      standing.push(read);
      checkRecord(slot, place, report);
      checkSlot(read, day.date, firstMinute, body, catalogue, report);
      const names = [slot.venue.id, `${place.name} ${place.lat} ${place.lng}`];
      const earlier = names.map((name) => visited.get(name)).find((found) => found !== undefined);
      if (earlier) report('repeat', `stands at ${earlier} already`);
      for (const name of names) visited.set(name, at);
    }
    checkDay(
      day,
      standing,
      start,
      firstMinute,
      body.budget,
      catalogue,
      reportAt(`day ${day.day}`),
      (read, rule, message) => reportAt(nameOf(day.day, read.slot))(rule, message),
    );
  });
  return violations;
}
