/** A trip with the changes of an option, and whether they keep the rules. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { type LocalNow, minutesPassed, slotWith, withTravel } from '../itinerary/trip-changes.ts';
import type { Venue } from '../venue/venue.ts';
import { brokenRules } from './day-rules.ts';
import type { PivotChange, PivotDraft, PivotOption } from './pivot.ts';

/**
 * The trip in which a venue is known to be closed: its hours no longer hold, so that no rule lets it in again. A slot
 * in which it stands keeps it until it is changed.
 */
export function withVenueClosed(trip: Trip, venueId: string): Trip {
  const venue = trip.venues[venueId];
  if (!venue || venue.hours === null) return trip;
  return { ...trip, venues: { ...trip.venues, [venueId]: { ...venue, hours: null } } };
}

function changedSlot(slot: TripSlot, change: PivotChange, venues: Readonly<Record<string, Venue>>): TripSlot {
  const { to, start, end, stop = slot.stop, score } = change;
  if (slot.venueId !== change.from) throw new RangeError(`${change.from} does not stand in slot ${slot.id}`);
  if (to === null) return { ...slot, status: 'skipped' };
  if (to === slot.venueId) return { ...slot, start, end };
  const placed = slotWith({ ...slot, stop }, venues[to]!, { start, end, travel: slot.travel }, 'swapped');
  return score === undefined ? placed : { ...placed, score };
}

/** Slots that the changes do not concern stay the same objects, but for those whose way there is another one now. */
export function changedTrip(trip: Trip, { changes, venues }: Pick<PivotDraft, 'changes' | 'venues'>): Trip {
  const [first] = changes;
  if (!first) return trip;
  const known = { ...trip.venues, ...Object.fromEntries(venues.map((venue) => [venue.id, venue])) };
  const bySlot = new Map(changes.map((change) => [change.slotId, change]));
  const slots = trip.slots.map((slot) => {
    const change = bySlot.get(slot.id);
    return change ? changedSlot(slot, change, known) : slot;
  });
  const { dayNumber } = slots.find((slot) => slot.id === first.slotId)!;
  const changed = { ...trip, venues: known, slots };
  return { ...changed, slots: withTravel(changed, slots, dayNumber) };
}

/**
 * Whether a trip, as it is now, can take the changes: they concern standing, unlocked slots of one day that still hold
 * what they held; a new venue breaks no rule, and nothing else in what is left of the day one that is not broken
 * already. `now` is the time for which the option was made: visits that began before are not judged.
 */
export function holds(trip: Trip, draft: PivotDraft, now: LocalNow): boolean {
  const slots = draft.changes.map(({ slotId }) => trip.slots.find((slot) => slot.id === slotId));
  const [first] = slots;
  if (!first) return false;
  const { dayNumber } = first;
  const changeable = draft.changes.every((change, i) => {
    const slot = slots[i];
    return (
      slot?.dayNumber === dayNumber &&
      slot.venueId === change.from &&
      slot.status !== 'locked' &&
      slot.status !== 'skipped'
    );
  });
  if (!changeable) return false;
  const from = minutesPassed(trip, dayNumber, now);
  const key = ({ slotId, rule }: { slotId: string; rule: string }) => `${slotId} ${rule}`;
  const before = new Set(brokenRules(trip, dayNumber, from).map(key));
  const replaced = new Set(draft.changes.flatMap(({ slotId, from, to }) => (to === from ? [] : [slotId])));
  return brokenRules(changedTrip(trip, draft), dayNumber, from).every(
    (broken) => !replaced.has(broken.slotId) && before.has(key(broken)),
  );
}

/**
 * The trip with an option taken: new venues are narrated, ways are measured anew, replaced slots are `swapped` and those
 * left out `skipped`; `seq` rises by one.
 *
 * Throws a `RangeError` where a slot no longer holds what the option replaces; ask `holds` first.
 */
export function applyPivot(trip: Trip, option: PivotOption): Trip {
  const changed = changedTrip(trip, option);
  const { closedVenueId: closed } = option;
  if (closed === null) return { ...changed, seq: trip.seq + 1 };
  const concerned = new Set(option.changes.map(({ slotId }) => slotId));
  const slots = changed.slots.map((slot) =>
    concerned.has(slot.id)
      ? { ...slot, alternatives: slot.alternatives.filter(({ venueId }) => venueId !== closed) }
      : slot,
  );
  return { ...withVenueClosed({ ...changed, slots }, closed), seq: trip.seq + 1 };
}
