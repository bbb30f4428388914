/** Every hard rule of a day, checked on the day as it stands. */
import type { FitRequest } from '../itinerary/fit.ts';
import { weekdayOf } from '../itinerary/local-time.ts';
import { allowedInTrip, BUDGET_RULES, suitsStop, withinDayVariety } from '../itinerary/rules.ts';
import { travelBetween } from '../itinerary/travel.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { dateOfDay, daySlots } from '../itinerary/trip-changes.ts';
import { shortestVisit, visitLength } from '../itinerary/visit-length.ts';
import { firstOpenStart } from '../venue/opening-hours.ts';
import type { Venue } from '../venue/venue.ts';

export type DayRule =
  | 'venue_unknown'
  | 'venue_twice'
  | 'not_allowed'
  | 'wrong_role'
  | 'outside_its_time'
  | 'closed'
  | 'too_short'
  | 'no_time_to_get_there'
  | 'over_budget'
  | 'same_category';

export interface BrokenRule {
  slotId: string;
  rule: DayRule;
}

type Day = Pick<FitRequest, 'date' | 'weekday'>;

function brokenByItself(trip: Trip, slot: TripSlot, venue: Venue, { date, weekday }: Day): DayRule[] {
  const { stop, start, end } = slot;
  const broken: DayRule[] = [];
  if (!allowedInTrip(venue, trip.party, trip.budgetBand, date)) broken.push('not_allowed');
  if (!suitsStop(venue, stop)) broken.push('wrong_role');
  if (start < stop.earliest || start > stop.latest || end > stop.endBy) broken.push('outside_its_time');
  if (!venue.hours || firstOpenStart(venue.hours, weekday, start, start, end - start) === null) broken.push('closed');
  if (end - start < Math.min(shortestVisit(venue), visitLength(venue, trip.dimensions))) broken.push('too_short');
  return broken;
}

/**
 * What the day breaks in its visits that begin at minute `from` or later; those before it are facts, and count only for
 * what they leave to the others. Skipped slots count for nothing.
 */
export function brokenRules(trip: Trip, dayNumber: number, from = 0): BrokenRule[] {
  const date = dateOfDay(trip, dayNumber);
  const day = { date, weekday: weekdayOf(date) };
  const slots = daySlots(trip, dayNumber);
  const standing = new Map<string, number>();
  for (const slot of trip.slots) {
    if (slot.status !== 'skipped') standing.set(slot.venueId, (standing.get(slot.venueId) ?? 0) + 1);
  }
  const { highest, aDay } = BUDGET_RULES[trip.budgetBand];
  const activities = new Map<string, number>();
  let atTop = 0;
  let before: { slot: TripSlot; venue: Venue } | null = null;
  const broken: BrokenRule[] = [];
  for (const slot of slots) {
    const venue = trip.venues[slot.venueId];
    const report = (rule: DayRule) => {
      if (slot.start >= from) broken.push({ slotId: slot.id, rule });
    };
    if (!venue) {
      report('venue_unknown');
      continue;
    }
    if (slot.start >= from) for (const rule of brokenByItself(trip, slot, venue, day)) report(rule);
    if (standing.get(slot.venueId)! > 1) report('venue_twice');
    if (before && slot.start < before.slot.end + travelBetween(before.venue.location, venue.location).minutes) {
      report('no_time_to_get_there');
    }
    if (venue.priceLevel === highest) {
      atTop += 1;
      if (atTop > aDay) report('over_budget');
    }
    if (slot.stop.role === 'activity') {
      const already = activities.get(venue.category) ?? 0;
      const inARow = before?.slot.stop.role === 'activity' && before.venue.category === venue.category;
      if (inARow || !withinDayVariety(venue.category, already)) report('same_category');
      activities.set(venue.category, already + 1);
    }
    before = { slot, venue };
  }
  return broken;
}

export function isDayFeasible(trip: Trip, dayNumber: number): boolean {
  return brokenRules(trip, dayNumber).length === 0;
}
