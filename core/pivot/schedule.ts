/** The rest of a day in its order, placed anew in time from a given minute and place. */

import { weekdayOf } from '../itinerary/local-time.ts';
import { BUDGET_RULES, withinDayBudget, withinDayVariety } from '../itinerary/rules.ts';
import { travelBetween } from '../itinerary/travel.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { dateOfDay, daySlots } from '../itinerary/trip-changes.ts';
import { shortestVisit, visitLength } from '../itinerary/visit-length.ts';
import { firstOpenStart } from '../venue/opening-hours.ts';
import type { Location, Venue } from '../venue/venue.ts';

const GRID_MINUTES = 5;
export const toGrid = (minutes: number) => Math.ceil(minutes / GRID_MINUTES) * GRID_MINUTES;

/** A visit as it could be: a slot, the venue in it, and how long one stays there. */
export interface Visit {
  slot: TripSlot;
  venue: Venue;
  length: number;
  /** As long as planned, or as long as is usual for this traveller. */
  usual: number;
  /** No shorter than this. */
  shortest: number;
  /** The earliest start that is wanted. */
  from: number;
}

/** A visit with its times; `free` is when the travellers can leave, and `before` what comes before it that day. */
export interface Placed {
  visit: Visit;
  start: number;
  end: number;
  free: number;
  before: Placed | null;
}

export interface Beginning {
  trip: Trip;
  weekday: number;
  /** The visits of the day that stay as they are, up to where the rest begins. */
  before: Placed | null;
  /** When and where the travellers take up the plan again; it is reached from `before`, too. */
  free: number;
  at: Location | null;
}

/** The visit as it is planned: its length, its venue, no earlier than its start. */
export function plannedVisit(trip: Trip, slot: TripSlot): Visit {
  const venue = trip.venues[slot.venueId]!;
  const length = slot.end - slot.start;
  return { slot, venue, length, usual: length, shortest: Math.min(length, shortestVisit(venue)), from: slot.start };
}

/** Another venue in the slot, for its usual time. */
export function visitTo(trip: Trip, slot: TripSlot, venue: Venue): Visit {
  const length = visitLength(venue, trip.dimensions);
  return { slot, venue, length, usual: length, shortest: Math.min(length, shortestVisit(venue)), from: slot.start };
}

/** The day up to a slot as it stands, and the travellers free at a minute and a place. */
export function beginningAt(trip: Trip, first: TripSlot, free: number, at: Location | null): Beginning {
  let before: Placed | null = null;
  for (const slot of daySlots(trip, first.dayNumber)) {
    if (slot.order >= first.order) break;
    before = { visit: plannedVisit(trip, slot), start: slot.start, end: slot.end, free: slot.end, before };
  }
  return { trip, weekday: weekdayOf(dateOfDay(trip, first.dayNumber)), before, free, at };
}

/** Whether the visit may follow on what the day holds already: its money and its variety. */
function suitsDay({ slot, venue }: Visit, before: Placed | null, { trip }: Beginning): boolean {
  const { highest } = BUDGET_RULES[trip.budgetBand];
  let atTop = 0;
  let sameCategory = 0;
  for (let other = before; other; other = other.before) {
    if (other.visit.venue.priceLevel === highest) atTop += 1;
    if (slot.stop.role !== 'activity' || other.visit.slot.stop.role !== 'activity') continue;
    if (other.visit.venue.category !== venue.category) continue;
    if (other === before) return false;
    sameCategory += 1;
  }
  if (!withinDayBudget(venue.priceLevel, atTop, trip.budgetBand)) return false;
  return slot.stop.role !== 'activity' || withinDayVariety(venue.category, sameCategory);
}

/** When one can be at the venue after `last`, or, where nothing is placed yet, from where the rest of the day begins. */
function arrivalAt(venue: Venue, last: Placed | null, { before, free, at }: Beginning): number {
  const after = (visit: Placed) => visit.free + travelBetween(visit.visit.venue.location, venue.location).minutes;
  if (last && last !== before) return after(last);
  const fromHere = free + (at ? travelBetween(at, venue.location).minutes : 0);
  return before ? Math.max(fromHere, after(before)) : fromHere;
}

/** Whether all that was placed since the beginning is locked. */
function onlyLocked(last: Placed | null, before: Placed | null): boolean {
  for (let placed = last; placed && placed !== before; placed = placed.before) {
    if (placed.visit.slot.status !== 'locked') return false;
  }
  return true;
}

/**
 * The visit placed after `last` (the beginning's `before` where nothing is placed yet), at the first minute that the
 * way, its stop and its opening hours allow; null where there is none. A locked visit keeps its times.
 */
export function placeAfter(last: Placed | null, visit: Visit, beginning: Beginning): Placed | null {
  if (!suitsDay(visit, last, beginning)) return null;
  const { slot, venue, length, from } = visit;
  const arrival = arrivalAt(venue, last, beginning);
  if (slot.status === 'locked') {
    // Where nothing could be left out to reach it in time, it stays as it is, and they come late.
    if (arrival > slot.start && !onlyLocked(last, beginning.before)) return null;
    return { visit, start: slot.start, end: slot.end, free: Math.max(slot.end, beginning.free), before: last };
  }
  if (!venue.hours) return null;
  const { stop } = slot;
  const earliest = toGrid(Math.max(arrival, stop.earliest, from));
  const latest = Math.min(stop.latest, stop.endBy - length);
  if (earliest > latest) return null;
  const start = firstOpenStart(venue.hours, beginning.weekday, earliest, latest, length);
  return start === null ? null : { visit, start, end: start + length, free: start + length, before: last };
}

/** All visits, in their order, each as early as it can be; null where one of them does not fit. */
export function placeAll(visits: readonly Visit[], beginning: Beginning): Placed[] | null {
  let last = beginning.before;
  const placed: Placed[] = [];
  for (const visit of visits) {
    last = placeAfter(last, visit, beginning);
    if (!last) return null;
    placed.push(last);
  }
  return placed;
}
