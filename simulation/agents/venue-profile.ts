/** What a venue offers to each dimension, made once: venue records never change. */
import type { Venue } from '../../core/venue/venue.ts';
import { dimensionProfile } from '../../core/venue/venue-vector.ts';

const profiles = new WeakMap<Venue, Float64Array>();

/** In [-1, 1], in the order of `DIMENSION_NAMES`. */
export function profileOf(venue: Venue): Float64Array {
  let profile = profiles.get(venue);
  if (!profile) {
    profile = dimensionProfile(venue);
    profiles.set(venue, profile);
  }
  return profile;
}
