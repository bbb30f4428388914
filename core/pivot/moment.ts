/** Which slot a pivot concerns, and from when and where the travellers can act on it. */
import type { Leg } from '../itinerary/travel.ts';
import { travelBetween } from '../itinerary/travel.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots, type LocalNow, minutesPassed } from '../itinerary/trip-changes.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { NoPivot, PivotRequest } from './pivot.ts';

export interface Moment {
  slot: TripSlot;
  /** Minutes of the slot's day that have really passed; 0 while that day is still to come. */
  passed: number;
  /** Nothing that a pivot offers starts before this minute of the slot's day. */
  notBefore: number;
  /** Where they are: at the visit that began last today, or where the day begins. Null while the day is to come. */
  at: Location | null;
  /** Where they are when the slot comes: at its venue if it goes on, else at what comes before. A search looks around it. */
  around: Location;
}

const isOver = (trip: Trip, slot: TripSlot, now: LocalNow) => minutesPassed(trip, slot.dayNumber, now) >= slot.end;

/** The standing slot that goes on now, or the next to come. */
function currentSlot(trip: Trip, now: LocalNow): TripSlot | null {
  return trip.slots.find((slot) => slot.status !== 'skipped' && !isOver(trip, slot, now)) ?? null;
}

function slotConcerned(trip: Trip, slotId: string | undefined, now: LocalNow): TripSlot | NoPivot {
  if (slotId === undefined) return currentSlot(trip, now) ?? 'nothing_left';
  const slot = trip.slots.find(({ id }) => id === slotId);
  if (!slot) return 'slot_not_found';
  if (slot.status === 'skipped') return 'slot_skipped';
  return isOver(trip, slot, now) ? 'slot_past' : slot;
}

/** The visit of the day that began last. */
export function lastBegun(
  trip: Trip,
  { slot: { dayNumber }, passed }: Pick<Moment, 'slot' | 'passed'>,
): TripSlot | null {
  return passed > 0 ? (daySlots(trip, dayNumber).findLast((slot) => slot.start <= passed) ?? null) : null;
}

/** Where they come from to a slot, or are if it goes on. */
function placeBefore(trip: Trip, slot: TripSlot, goesOn: boolean): Location {
  const before = daySlots(trip, slot.dayNumber).findLast((other) => other.order < slot.order);
  const there = trip.venues[slot.venueId]!.location;
  return goesOn ? there : ((before && trip.venues[before.venueId]?.location) ?? trip.startArea ?? there);
}

/** The moment of a slot; for a trip that is only planned, "now" is the slot's start. */
export function momentOf(trip: Trip, slot: TripSlot, now: LocalNow): Moment {
  const passed = minutesPassed(trip, slot.dayNumber, now);
  const begun = lastBegun(trip, { slot, passed });
  const here = (begun && trip.venues[begun.venueId]?.location) ?? trip.startArea;
  return {
    slot,
    passed,
    notBefore: trip.status === 'planning' ? Math.max(passed, slot.start) : passed,
    at: passed > 0 ? here : null,
    around: placeBefore(trip, slot, begun === slot),
  };
}

/** The same moment, seen from another slot of its day. */
export function momentAt(trip: Trip, moment: Moment, slot: TripSlot): Moment {
  if (slot.id === moment.slot.id) return moment;
  return { ...moment, slot, around: placeBefore(trip, slot, false) };
}

export function findMoment(trip: Trip, request: Pick<PivotRequest, 'slotId'>, now: LocalNow): Moment | NoPivot {
  const slot = slotConcerned(trip, request.slotId, now);
  return typeof slot === 'string' ? slot : momentOf(trip, slot, now);
}

/** The first minute at which they can be at the venue, for all that is known of where they are. */
export function reachableFrom({ at, notBefore }: Moment, venue: Venue): number {
  return notBefore + (at ? travelBetween(at, venue.location).minutes : 0);
}

/** The way to the venue from where they are when the slot comes. */
export function wayTo({ around }: Moment, venue: Venue): Leg {
  return travelBetween(around, venue.location);
}
