/** A trip as an iCalendar file (RFC 5545): an event a slot, in UTC, which every calendar shows in its own zone. */
import ical, { ICalEventStatus } from 'ical-generator';
import type { TripBody } from './trip-body.ts';

export function toCalendar(trip: TripBody, cityName: string, timeZone: string): string {
  const calendar = ical({
    name: `${cityName}, ${trip.start_date} to ${trip.end_date}`,
    prodId: { company: 'Overplanned', product: 'Trip', language: 'EN' },
  });
  calendar.x('X-WR-TIMEZONE', timeZone);
  for (const { slots } of trip.days) {
    for (const slot of slots) {
      if (slot.status === 'skipped') continue;
      const { venue } = slot;
      calendar.createEvent({
        id: `${slot.id}@overplanned`,
        start: new Date(slot.starts_at),
        end: new Date(slot.ends_at),
        sequence: trip.seq,
        summary: venue.name,
        description: slot.narrative,
        location: {
          title: `${venue.name}, ${venue.neighbourhood}, ${cityName}`,
          geo: { lat: venue.location.lat, lon: venue.location.lng },
        },
        status: trip.status === 'cancelled' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      });
    }
  }
  // The generator ends the last line with nothing.
  return `${calendar.toString()}\r\n`;
}
