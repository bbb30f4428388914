/** A venue turned out to be closed: another one takes its slot. */
import { withVenueClosed } from '../itinerary/closures.ts';
import type { Trip } from '../itinerary/trip.ts';
import { dateOfDay, type LocalNow } from '../itinerary/trip-changes.ts';
import { clock, placePhrase, wayPhrase } from './facts.ts';
import { findMoment, type Moment, wayTo } from './moment.ts';
import { type Drafts, MAX_PIVOT_OPTIONS, type PivotRequest } from './pivot.ts';
import { fittingAlternatives } from './stored-alternatives.ts';

/** From what the trip stores and nothing else: stored venues that fit into the slot as the day stands. */
export function closedVenueDrafts(trip: Trip, moment: Moment): Drafts {
  const { slot } = moment;
  if (slot.status === 'locked') return 'slot_locked';
  const closed = trip.venues[slot.venueId]!;
  const fitting = fittingAlternatives(trip, slot, moment, MAX_PIVOT_OPTIONS);
  if (fitting.length === 0) return 'no_alternative_fits';
  return fitting.map(({ venue, score, start, end }) => ({
    reason: {
      code: 'open_instead',
      text: `${closed.name} is closed; ${placePhrase(venue)}, is open at ${clock(start)}, ${wayPhrase(wayTo(moment, venue))} away.`,
    },
    changes: [{ slotId: slot.id, from: slot.venueId, to: venue.id, start, end, score }],
    venues: [],
    closedVenueId: closed.id,
  }));
}

/**
 * The trip that has heard what the request reports: a closed venue is closed until its slot's day is over, whatever comes
 * of the pivot. The same trip where the request reports nothing of the kind, or of a locked slot, which nothing replaces.
 */
export function withReport(trip: Trip, request: PivotRequest, now: LocalNow): Trip {
  if (request.trigger !== 'venue_closed') return trip;
  const moment = findMoment(trip, request, now);
  if (typeof moment === 'string' || moment.slot.status === 'locked') return trip;
  const { venueId, dayNumber } = moment.slot;
  // A slot of last night may still go on.
  const date = [dateOfDay(trip, dayNumber), now.date].sort().at(-1)!;
  return withVenueClosed(trip, venueId, date);
}
