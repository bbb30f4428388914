/** A trip's object as its callers see it: its methods, with the plain types that they answer. */
import type { Trip } from '../core/itinerary/trip.ts';
import type { TripObject } from './trip.ts';

export type TripStub = Pick<TripObject, 'read' | 'actOnSlot' | 'change' | 'remove' | 'snapshot' | 'forget'> & {
  adopt(trip: Trip): Promise<void>;
};

/** The platform's own stub type loses read-only arrays on the way; what travels is structured clones of these types. */
export function tripStub(env: Cloudflare.Env, tripId: string): TripStub {
  return env.TRIP.getByName(tripId) as unknown as TripStub;
}
