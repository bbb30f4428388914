/** Venues that the travellers found closed: for their trip they are, until the day is over for which they said so. */
import type { Trip } from './trip.ts';

/**
 * The trip in which a venue is known to be closed up to the end of `date`: its hours do not hold, so that no rule lets it
 * in again. A slot in which it stands keeps it until it is changed.
 */
export function withVenueClosed(trip: Trip, venueId: string, date: string): Trip {
  const { closures = [] } = trip;
  const known = closures.find((closure) => closure.venueId === venueId);
  const hours = known ? known.hours : trip.venues[venueId]?.hours;
  if (!hours || (known && known.date >= date)) return trip;
  return {
    ...trip,
    closures: [...closures.filter((closure) => closure !== known), { venueId, date, hours }],
    venues: { ...trip.venues, [venueId]: { ...trip.venues[venueId]!, hours: null } },
  };
}

/** The trip with the venues open again whose day is over; the same trip where there are none. `date`: today's. */
export function withVenuesReopened(trip: Trip, date: string): Trip {
  const over = (trip.closures ?? []).filter((closure) => closure.date < date);
  if (over.length === 0) return trip;
  const venues = { ...trip.venues };
  for (const { venueId, hours } of over) venues[venueId] = { ...venues[venueId]!, hours };
  return { ...trip, venues, closures: trip.closures!.filter((closure) => closure.date >= date) };
}
