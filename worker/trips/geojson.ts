/** A trip as GeoJSON (RFC 7946): a point a slot, a line a day. Positions are longitude first. */
import type { TripBody } from './trip-body.ts';

export function toGeoJson(trip: TripBody) {
  const features = trip.days.flatMap(({ day, date, slots }) => {
    const kept = slots.filter((slot) => slot.status !== 'skipped');
    const positions = kept.map(({ venue }) => [venue.location.lng, venue.location.lat]);
    const points = kept.map((slot, i) => ({
      type: 'Feature' as const,
      id: slot.id,
      geometry: { type: 'Point' as const, coordinates: positions[i]! },
      properties: {
        day,
        date,
        order: slot.order,
        role: slot.role,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        name: slot.venue.name,
        category: slot.venue.category,
        venue_id: slot.venue.id,
      },
    }));
    const line =
      positions.length > 1
        ? [
            {
              type: 'Feature' as const,
              geometry: { type: 'LineString' as const, coordinates: positions },
              properties: { day, date },
            },
          ]
        : [];
    return [...points, ...line];
  });
  return { type: 'FeatureCollection' as const, features };
}
