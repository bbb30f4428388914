/** What a hungry traveller's slot becomes: a meal where one is served at this time, else a bite between meals. */
import type { Stop } from '../itinerary/itinerary.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots } from '../itinerary/trip-changes.ts';
import type { DayPart } from '../ranking/ranker.ts';
import { MEALS, type Meal, type Venue } from '../venue/venue.ts';
import type { Moment } from './moment.ts';
import { isBite } from './moods.ts';

/** Used for a meal of which the trip has no slot: its slots know the city's meal times. */
const USUAL_WINDOWS: Record<Meal, readonly [from: number, to: number]> = {
  breakfast: [7.5 * 60, 10.5 * 60],
  lunch: [11.5 * 60, 14 * 60],
  dinner: [17.5 * 60, 20.5 * 60],
};
const DAY_PART_OF: Record<Meal, DayPart> = { breakfast: 'morning', lunch: 'afternoon', dinner: 'evening' };

/** Who is hungry waits this long for the kitchen to open, and looks no further ahead than this for a table. */
const WAITS_MINUTES = 45;
const SEATED_WITHIN_MINUTES = 90;
/** Another meal makes sense from this long after the end of one. */
const BETWEEN_MEALS_MINUTES = 150;

export interface Serving {
  /** The slot as it is filled: the same object where it stays what it is for. */
  slot: TripSlot;
  /** Slots that make no sense any more once one has eaten here until `end`. */
  displaced: (end: number) => TripSlot[];
  accepts: (venue: Venue) => boolean;
}

function mealWindow(trip: Trip, meal: Meal): readonly [from: number, to: number] {
  const stops = trip.slots.filter((slot) => slot.stop.role === meal).map((slot) => slot.stop);
  if (stops.length === 0) return USUAL_WINDOWS[meal];
  return [Math.min(...stops.map((stop) => stop.earliest)), Math.max(...stops.map((stop) => stop.latest))];
}

/**
 * A meal takes the place of an activity; a later meal of that kind, or one too soon after it, then goes. Where that
 * meal was had already, is locked, or is not served now, it is a bite instead.
 */
export function servingIn(trip: Trip, slot: TripSlot, { notBefore }: Moment): Serving {
  const { stop } = slot;
  if (stop.role !== 'activity') return { slot, displaced: () => [], accepts: () => true };

  const others = daySlots(trip, slot.dayNumber).filter((other) => other.id !== slot.id);
  const now = notBefore || slot.start;
  const meal = MEALS.find((role) => {
    const [from, to] = mealWindow(trip, role);
    return now >= from - WAITS_MINUTES && now <= to;
  });
  const had = others.some((other) => other.stop.role === meal && other.order < slot.order);
  const meals = others.filter((other) => other.stop.role !== 'activity' && other.order > slot.order);
  const displaced = (end: number) =>
    meals.filter((other) => other.stop.role === meal || other.start < end + BETWEEN_MEALS_MINUTES);
  if (!meal || had || displaced(now).some((other) => other.status === 'locked')) {
    return { slot, displaced: () => [], accepts: isBite };
  }
  const [from, to] = mealWindow(trip, meal);
  const asMeal: Stop = {
    ...stop,
    role: meal,
    dayPart: DAY_PART_OF[meal],
    earliest: Math.max(from, Math.min(now, to)),
    latest: Math.min(to, now + SEATED_WITHIN_MINUTES),
  };
  return { slot: { ...slot, stop: asMeal }, displaced, accepts: () => true };
}
