/** A trip with the changes of an option, and whether they keep the rules. */
import { withVenueClosed } from '../itinerary/closures.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { dateOfDay, type LocalNow, minutesPassed, slotWith, withTravel } from '../itinerary/trip-changes.ts';
import type { Venue } from '../venue/venue.ts';
import { brokenRules } from './day-rules.ts';
import type { PivotChange, PivotDraft, PivotOption } from './pivot.ts';

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

/** Whether it is too late for the changes: a visit that they bring would have begun before `now`. */
export function hasBegun(trip: Trip, { changes }: Pick<PivotDraft, 'changes'>, now: LocalNow): boolean {
  return changes.some(({ slotId, start }) => {
    const slot = trip.slots.find(({ id }) => id === slotId);
    return slot !== undefined && minutesPassed(trip, slot.dayNumber, now) > start;
  });
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
  const concerned = changed.slots.filter(({ id }) => option.changes.some(({ slotId }) => slotId === id));
  const slots = changed.slots.map((slot) =>
    concerned.includes(slot)
      ? { ...slot, alternatives: slot.alternatives.filter(({ venueId }) => venueId !== closed) }
      : slot,
  );
  const date = dateOfDay(trip, concerned[0]!.dayNumber);
  return { ...withVenueClosed({ ...changed, slots }, closed, date), seq: trip.seq + 1 };
}
