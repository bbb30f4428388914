/** A trip as clients see it: what the core makes of it, which the socket sends too. */
export { type SlotBody, type TripBody, toTripBody } from '../../core/live/trip-body.ts';
