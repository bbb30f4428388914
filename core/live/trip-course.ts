/** When a trip begins and ends by the calendar of its city. */
import { addDays, wallClock } from '../itinerary/local-time.ts';
import type { Trip, TripStatus } from '../itinerary/trip.ts';

type Course = Pick<Trip, 'startDate' | 'endDate' | 'city'>;

const midnight = (date: string, timeZone: string) => Date.parse(wallClock(date, 0, timeZone));

/** The start of the first day, milliseconds since the epoch. */
export const startOfTrip = ({ startDate, city }: Course) => midnight(startDate, city.timeZone);

/** The end of the last day, milliseconds since the epoch. */
export const endOfTrip = ({ endDate, city }: Course) => midnight(addDays(endDate, 1), city.timeZone);

/** What the calendar makes of the trip next, and when; null where nothing more comes of itself. */
export function nextStatus(trip: Trip): { status: TripStatus; due: number } | null {
  if (trip.status === 'planning') return { status: 'active', due: startOfTrip(trip) };
  if (trip.status === 'active') return { status: 'completed', due: endOfTrip(trip) };
  return null;
}
