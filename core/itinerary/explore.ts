/** Slots by lot: some of a plan's slots show one of what would fit there, so that what was never shown can be learned of. */
import type { Random } from '../experiment/random.ts';
import { fitVenue } from './fit.ts';
import type { Trip, TripSlot } from './trip.ts';
import { roomOfSlot, slotWith, withTravel } from './trip-changes.ts';

/** What a slot could have shown, with the probability of each: they sum to 1. */
export interface SlotChances {
  slotId: string;
  /** By venue id. */
  propensities: Map<string, number>;
}

export interface ExploredTrip {
  trip: Trip;
  /** Of every slot that is not locked, in order. */
  chances: SlotChances[];
  /** The slots that show something else than was planned. */
  explored: string[];
}

/**
 * Each slot that is not locked is drawn with probability `rate`, and then shows the planned venue or one of its
 * alternatives that fit and stand in no other slot, each as likely as the others. Slots are taken in their order: what one
 * shows is given when the next is drawn.
 * @param rate in [0, 1]
 */
export function exploreSlots(trip: Trip, rate: number, random: Random): ExploredTrip {
  const explored: string[] = [];
  const chances: SlotChances[] = [];
  if (rate === 0) return { trip, chances, explored };
  let now = trip;
  for (const { id } of trip.slots) {
    const slot = now.slots.find((one) => one.id === id)!;
    if (slot.status === 'locked') continue;
    const open = openTo(now, slot);
    const each = rate / (open.length + 1);
    const propensities = new Map(open.map(({ venueId }) => [venueId, each]));
    propensities.set(slot.venueId, 1 - rate + each);
    chances.push({ slotId: id, propensities });
    // Both are drawn in any case: what one slot needs leaves the next ones' numbers as they were.
    const [drawn, choice] = [random.uniform() < rate, random.uniform()];
    const other = drawn ? open[Math.floor(choice * (open.length + 1))] : undefined;
    if (!other) continue;
    explored.push(id);
    const { venue, fit } = other;
    const placed = slotWith(slot, venue, fit, slot.status);
    const slots = now.slots.map((one) => (one.id === id ? placed : one));
    now = { ...now, slots: withTravel(now, slots, slot.dayNumber) };
  }
  return { trip: now, chances, explored };
}

function openTo(trip: Trip, slot: TripSlot) {
  const shown = new Set(trip.slots.map(({ venueId }) => venueId));
  const room = roomOfSlot(trip, slot);
  return slot.alternatives.flatMap(({ venueId }) => {
    const venue = trip.venues[venueId];
    if (!venue || shown.has(venueId)) return [];
    const fit = fitVenue(venue, room);
    return fit.fits ? [{ venueId, venue, fit }] : [];
  });
}
