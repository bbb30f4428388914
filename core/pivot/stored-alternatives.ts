/** The fallback graph: what a trip stores beside its plan, and what of it fits into a slot now. */
import { fitVenue } from '../itinerary/fit.ts';
import { OBJECTIVE } from '../itinerary/objective.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { roomOfSlot } from '../itinerary/trip-changes.ts';
import type { Venue } from '../venue/venue.ts';
import { type Moment, reachableFrom, wayTo } from './moment.ts';
import type { ScoredVenue } from './pivot.ts';

export interface FittingVenue extends ScoredVenue {
  start: number;
  end: number;
}

/** The venues that stand in no slot of the trip. */
function freeVenues(trip: Trip): (id: string) => Venue | null {
  const standing = new Set(trip.slots.filter((slot) => slot.status !== 'skipped').map((slot) => slot.venueId));
  return (id) => (standing.has(id) ? null : (trip.venues[id] ?? null));
}

/** The slot's own alternatives that stand nowhere in the trip, best first. */
export function ownAlternatives(trip: Trip, slot: TripSlot): ScoredVenue[] {
  const free = freeVenues(trip);
  return slot.alternatives.flatMap(({ venueId, score }) => {
    const venue = free(venueId);
    return venue ? [{ venue, score }] : [];
  });
}

/** Everything else that the trip stores and that stands nowhere in it, with the best score that it has anywhere. */
export function otherStored(trip: Trip, slot?: TripSlot): ScoredVenue[] {
  const free = freeVenues(trip);
  const own = new Set(slot?.alternatives.map(({ venueId }) => venueId));
  const best = new Map<string, number>();
  for (const { alternatives } of trip.slots) {
    for (const { venueId, score } of alternatives) best.set(venueId, Math.max(score, best.get(venueId) ?? 0));
  }
  return Object.keys(trip.venues).flatMap((id) => {
    const venue = own.has(id) ? null : free(id);
    return venue ? [{ venue, score: best.get(id) ?? 0 }] : [];
  });
}

/**
 * Tells when a venue could take the slot while everything else in the day stays: at the slot's own time rather than
 * before it, where `when` says so; null where it could not.
 */
export function timesIn(trip: Trip, slot: TripSlot, moment: Moment, when: 'planned' | 'soon') {
  const room = roomOfSlot(trip, slot);
  return ({ venue, score }: ScoredVenue): FittingVenue | null => {
    const soonest = reachableFrom(moment, venue);
    const planned = Math.max(soonest, slot.start);
    let fit = fitVenue(venue, { ...room, notBefore: when === 'planned' ? planned : soonest });
    if (!fit.fits && when === 'planned' && planned > soonest) fit = fitVenue(venue, { ...room, notBefore: soonest });
    return fit.fits ? { venue, score, start: fit.start, end: fit.end } : null;
  };
}

/** By score less what the way there costs, as when the trip was planned. */
function bestFirst(moment: Moment, venues: readonly ScoredVenue[]): ScoredVenue[] {
  return venues
    .map((scored) => ({ scored, value: scored.score - OBJECTIVE.travelMinute * wayTo(moment, scored.venue).minutes }))
    .sort((a, b) => b.value - a.value || (a.scored.venue.id < b.scored.venue.id ? -1 : 1))
    .map(({ scored }) => scored);
}

/** The best `atMost` stored venues that fit: the slot's own alternatives first, then what the trip keeps for others. */
export function fittingAlternatives(
  trip: Trip,
  slot: TripSlot,
  moment: Moment,
  atMost: number,
  wanted: (venue: Venue) => boolean = () => true,
): FittingVenue[] {
  const timesOf = timesIn(trip, slot, moment, 'planned');
  const found: FittingVenue[] = [];
  for (const source of [ownAlternatives, otherStored]) {
    if (found.length >= atMost) break;
    for (const scored of bestFirst(moment, source(trip, slot))) {
      const fitting = wanted(scored.venue) ? timesOf(scored) : null;
      if (fitting) found.push(fitting);
      if (found.length >= atMost) break;
    }
  }
  return found;
}
