/** Every change that a traveller may make to a trip, as a pure function of the trip. Untouched slots keep their identity. */
import type { Party } from '../ranking/party-fit.ts';
import { takesParty } from '../ranking/party-fit.ts';
import { narrate, OFFLINE_NARRATOR_VERSION } from '../venue/narrative.ts';
import type { Venue } from '../venue/venue.ts';
import { type Fit, type FitRequest, fitVenue, type Misfit } from './fit.ts';
import { addDays, daysBetween, weekdayOf } from './local-time.ts';
import { travelBetween } from './travel.ts';
import type { Trip, TripSlot, TripStatus } from './trip.ts';

export const SLOT_ACTIONS = ['accept', 'skip', 'swap', 'lock'] as const;
export type SlotAction = (typeof SLOT_ACTIONS)[number];

export type ChangeProblem =
  | { code: 'slot_not_found' }
  | { code: 'trip_ended'; status: TripStatus }
  | { code: 'slot_locked' }
  | { code: 'slot_skipped' }
  | { code: 'slot_started' }
  | { code: 'venue_already_in_trip' }
  | { code: 'venue_not_feasible'; why: Misfit }
  | { code: 'no_alternative' }
  | { code: 'status_not_allowed'; from: TripStatus; to: TripStatus }
  | { code: 'end_date_not_shorter' };

export type ChangeResult = { ok: true; trip: Trip } | { ok: false; problem: ChangeProblem };

/** Wall-clock "now" of the trip's city: its date, and the minutes since its midnight. */
export interface LocalNow {
  date: string;
  minutes: number;
}

const refuse = (problem: ChangeProblem): ChangeResult => ({ ok: false, problem });

export const ENDED: ReadonlySet<TripStatus> = new Set(['completed', 'shortened', 'cancelled']);

const TRANSITIONS: Record<TripStatus, readonly TripStatus[]> = {
  planning: ['active', 'cancelled'],
  active: ['completed', 'shortened', 'cancelled'],
  completed: [],
  shortened: [],
  cancelled: [],
};

export function dateOfDay(trip: Pick<Trip, 'startDate'>, dayNumber: number): string {
  return addDays(trip.startDate, dayNumber - 1);
}

/** Minutes of the slot's day that have passed already; 0 for a day to come, infinity for a day that is over. */
export function minutesPassed(trip: Pick<Trip, 'startDate'>, dayNumber: number, now: LocalNow): number {
  const days = daysBetween(dateOfDay(trip, dayNumber), now.date);
  return days < 0 ? 0 : days * 24 * 60 + now.minutes;
}

function next(trip: Trip, change: Partial<Trip>): ChangeResult {
  return { ok: true, trip: { ...trip, ...change, seq: trip.seq + 1 } };
}

/** The trip's slots of one day, in order, without those that the traveller skipped. */
export function daySlots(trip: Trip, dayNumber: number): TripSlot[] {
  return trip.slots.filter((slot) => slot.dayNumber === dayNumber && slot.status !== 'skipped');
}

/** The room that a slot leaves for another venue: what `fitVenue` needs to know but for the venue and the clock. */
export function roomOfSlot(trip: Trip, slot: TripSlot, party: Party = trip.party): FitRequest {
  const others = daySlots(trip, slot.dayNumber).filter((other) => other.id !== slot.id);
  const date = dateOfDay(trip, slot.dayNumber);
  return {
    date,
    weekday: weekdayOf(date),
    stop: slot.stop,
    others: others.map((other) => ({ ...other, venue: trip.venues[other.venueId]! })),
    before: others.filter((other) => other.order < slot.order).length,
    party,
    budgetBand: trip.budgetBand,
    dimensions: trip.dimensions,
    start: trip.startArea,
  };
}

function fitIntoSlot(trip: Trip, slot: TripSlot, venue: Venue, party: Party, notBefore: number): Fit {
  return fitVenue(venue, { ...roomOfSlot(trip, slot, party), notBefore });
}

/** Travel times of a day as they follow from its slots' order; slots whose way stays the same keep their identity. */
export function withTravel(trip: Trip, slots: TripSlot[], dayNumber: number): TripSlot[] {
  let from = trip.startArea;
  return slots.map((slot) => {
    if (slot.dayNumber !== dayNumber || slot.status === 'skipped') return slot;
    const to = trip.venues[slot.venueId]!.location;
    const travel = from ? travelBetween(from, to) : null;
    from = to;
    const same = travel?.minutes === slot.travel?.minutes && travel?.metres === slot.travel?.metres;
    return same ? slot : { ...slot, travel };
  });
}

/**
 * The slot with another venue in it; what stood there can stand there again. Whom it serves how well was said of the venue
 * that is gone.
 */
export function slotWith(
  slot: TripSlot,
  venue: Venue,
  times: Pick<TripSlot, 'start' | 'end' | 'travel'>,
  status: TripSlot['status'],
): TripSlot {
  const known = [slot, ...slot.alternatives].find((scored) => scored.venueId === venue.id);
  const { start, end, travel } = times;
  return {
    ...slot,
    venueId: venue.id,
    start,
    end,
    travel,
    score: known?.score ?? 0,
    narrative: narrate(venue, { dayPart: slot.stop.dayPart, role: slot.stop.role, variant: slot.order }),
    narratorVersion: OFFLINE_NARRATOR_VERSION,
    status,
    alternatives: [{ venueId: slot.venueId, score: slot.score }, ...slot.alternatives]
      .filter((alternative) => alternative.venueId !== venue.id)
      .sort((a, b) => b.score - a.score),
    ...(slot.served && venue.id !== slot.venueId ? { served: null } : {}),
  };
}

/** Puts a venue into a slot at the times that it fits. The venue must be among `trip.venues`. */
function place(
  trip: Trip,
  slot: TripSlot,
  venue: Venue,
  fit: Extract<Fit, { fits: true }>,
  status: TripSlot['status'],
) {
  const placed = slotWith(slot, venue, fit, status);
  return withTravel(
    trip,
    trip.slots.map((other) => (other.id === slot.id ? placed : other)),
    slot.dayNumber,
  );
}

/** The slot's best alternative that is in no slot of the trip and still fits; null where there is none. */
function bestAlternative(trip: Trip, slot: TripSlot, party: Party, notBefore: number) {
  for (const { venueId } of slot.alternatives) {
    const venue = trip.venues[venueId];
    if (!venue || inTrip(trip, venueId)) continue;
    const fit = fitIntoSlot(trip, slot, venue, party, notBefore);
    if (fit.fits) return { venue, fit };
  }
  return null;
}

/** `wanted`: the venue to swap to; the best feasible alternative where it is left out. Only read for `swap`. */
export function actOnSlot(trip: Trip, slotId: string, action: SlotAction, now: LocalNow, wanted?: Venue): ChangeResult {
  if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
  const slot = trip.slots.find((candidate) => candidate.id === slotId);
  if (!slot) return refuse({ code: 'slot_not_found' });
  if (slot.status === 'locked' && (action === 'skip' || action === 'swap')) return refuse({ code: 'slot_locked' });

  const with_ = (status: TripSlot['status']) =>
    trip.slots.map((other) => (other.id === slotId ? { ...other, status } : other));
  switch (action) {
    case 'accept':
      return slot.status === 'skipped' ? restore(trip, slot, now) : next(trip, { slots: with_('accepted') });
    case 'lock':
      return slot.status === 'skipped' ? refuse({ code: 'slot_skipped' }) : next(trip, { slots: with_('locked') });
    case 'skip':
      return next(trip, { slots: withTravel(trip, with_('skipped'), slot.dayNumber) });
    case 'swap':
      return swap(trip, slot, now, wanted);
  }
}

/** Whether the venue stands in some slot of the trip. */
export const inTrip = (trip: Trip, venueId: string, except?: TripSlot) =>
  trip.slots.some((slot) => slot !== except && slot.venueId === venueId && slot.status !== 'skipped');

/** A skipped slot comes back as it was, or where its venue still fits between what is there now. */
function restore(trip: Trip, slot: TripSlot, now: LocalNow): ChangeResult {
  if (inTrip(trip, slot.venueId, slot)) return refuse({ code: 'venue_already_in_trip' });
  const venue = trip.venues[slot.venueId]!;
  const { start, end } = slot;
  const asBefore = { ...slot, stop: { ...slot.stop, earliest: start, latest: start, endBy: end } };
  let fit = fitIntoSlot(trip, asBefore, venue, trip.party, 0);
  if (!fit.fits) fit = fitIntoSlot(trip, slot, venue, trip.party, minutesPassed(trip, slot.dayNumber, now));
  if (!fit.fits) return refuse({ code: 'venue_not_feasible', why: fit.why });
  const restored: TripSlot = { ...slot, start: fit.start, end: fit.end, status: 'accepted' };
  const slots = trip.slots.map((other) => (other === slot ? restored : other));
  return next(trip, { slots: withTravel(trip, slots, slot.dayNumber) });
}

function swap(trip: Trip, slot: TripSlot, now: LocalNow, wanted?: Venue): ChangeResult {
  const passed = minutesPassed(trip, slot.dayNumber, now);
  if (passed > slot.start) return refuse({ code: 'slot_started' });
  if (!wanted) {
    const best = bestAlternative(trip, slot, trip.party, passed);
    if (!best) return refuse({ code: 'no_alternative' });
    return next(trip, { slots: place(trip, slot, best.venue, best.fit, 'swapped') });
  }
  if (inTrip(trip, wanted.id)) return refuse({ code: 'venue_already_in_trip' });
  const fit = fitIntoSlot(trip, slot, wanted, trip.party, passed);
  if (!fit.fits) return refuse({ code: 'venue_not_feasible', why: fit.why });
  const known = { ...trip, venues: { ...trip.venues, [wanted.id]: wanted } };
  return next(known, { slots: place(known, slot, wanted, fit, 'swapped') });
}

export interface TripChange {
  /** An earlier last day. */
  endDate?: string | undefined;
  party?: Party | undefined;
  status?: TripStatus | undefined;
}

/**
 * All of it or nothing. A place that does not take the new party gives way to its best alternative, or to nothing; what
 * is locked or has begun stays.
 */
export function changeTrip(trip: Trip, change: TripChange, now: LocalNow): ChangeResult {
  if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
  const { status = trip.status, party = trip.party } = change;
  if (status !== trip.status && !TRANSITIONS[trip.status].includes(status)) {
    return refuse({ code: 'status_not_allowed', from: trip.status, to: status });
  }
  // Who ends a trip early without saying when ends it today.
  const today = [now.date, trip.startDate].sort().at(-1)!;
  const endDate = change.endDate ?? (status === 'shortened' && today < trip.endDate ? today : trip.endDate);
  if (endDate < trip.startDate || endDate > trip.endDate) return refuse({ code: 'end_date_not_shorter' });

  const days = daysBetween(trip.startDate, endDate) + 1;
  let changed: Trip = {
    ...trip,
    status,
    party,
    endDate,
    slots: trip.slots.filter((slot) => slot.dayNumber <= days),
    dayNotes: Object.fromEntries(Object.entries(trip.dayNotes).filter(([day]) => Number(day) <= days)),
  };
  for (const slot of changed.slots) {
    const passed = minutesPassed(trip, slot.dayNumber, now);
    if (slot.status === 'skipped' || slot.status === 'locked' || passed > slot.start) continue;
    if (takesParty(changed.venues[slot.venueId]!, party)) continue;
    const best = bestAlternative(changed, slot, party, passed);
    changed = best
      ? { ...changed, slots: place(changed, slot, best.venue, best.fit, 'swapped') }
      : without(changed, slot);
  }
  return next(changed, {});
}

/** The day without the slot, and a note that says so. */
function without(trip: Trip, slot: TripSlot): Trip {
  const { dayNumber, stop } = slot;
  const note = `no_feasible_${stop.role === 'activity' ? stop.dayPart : stop.role}` as const;
  const notes = trip.dayNotes[dayNumber] ?? [];
  return {
    ...trip,
    slots: withTravel(
      trip,
      trip.slots.filter((other) => other.id !== slot.id),
      dayNumber,
    ),
    dayNotes: { ...trip.dayNotes, [dayNumber]: notes.includes(note) ? notes : [...notes, note] },
  };
}
