/** Enough signals for the model to be asked, too few trips to be trusted. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

/**
 * Fewer trips before this one than `cold_trips`. Under 20 signals nothing is arbitrated: the ML ranker is not called
 * (invariant 8).
 */
export function coldTraveller(
  { user_trip_count }: Pick<KnownFacts, 'user_trip_count'>,
  config: Pick<ArbitrationConfig, 'cold_trips'>,
): boolean {
  return user_trip_count !== null && user_trip_count < config.cold_trips;
}
