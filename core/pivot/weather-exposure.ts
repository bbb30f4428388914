/** Which visits rain would spoil, and which places keep one dry. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots } from '../itinerary/trip-changes.ts';
import type { Venue } from '../venue/venue.ts';

export type Exposure = 'none' | 'partly' | 'fully';

/** A place that is partly outdoors counts as dry only where its record says that it is good in rain. */
export function exposureOf({ setting, vibeTags }: Venue): Exposure {
  if (setting === 'outdoor') return 'fully';
  return setting === 'mixed' && !vibeTags.includes('rainy-day') ? 'partly' : 'none';
}

export interface ExposedSlot {
  slot: TripSlot;
  exposure: Exclude<Exposure, 'none'>;
}

/**
 * The standing slots of a day that end after minute `from` and are exposed to rain, locked ones among them: those fully
 * outdoors first, each kind in the order of the day.
 */
export function exposedSlots(trip: Trip, dayNumber: number, from = 0): ExposedSlot[] {
  const exposed = daySlots(trip, dayNumber).flatMap((slot): ExposedSlot[] => {
    const venue = trip.venues[slot.venueId];
    const exposure = venue && slot.end > from ? exposureOf(venue) : 'none';
    return exposure === 'none' ? [] : [{ slot, exposure }];
  });
  return [...exposed.filter((e) => e.exposure === 'fully'), ...exposed.filter((e) => e.exposure === 'partly')];
}
