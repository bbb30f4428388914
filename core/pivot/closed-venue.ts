/** A venue turned out to be closed: another one takes its slot. */
import type { Trip } from '../itinerary/trip.ts';
import { clock, placePhrase, wayPhrase } from './facts.ts';
import { type Moment, wayTo } from './moment.ts';
import { type Drafts, MAX_PIVOT_OPTIONS } from './pivot.ts';
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
