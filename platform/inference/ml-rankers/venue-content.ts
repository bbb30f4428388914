/** What a venue offers, as the models read it: of the records that this isolate holds, each worked out once. */
import type { Venue } from '../../../core/venue/venue.ts';
import { venueFeatures } from '../../../core/venue/venue-features.ts';

// A record never changes: a new version of the venue is another object.
const content = new WeakMap<Venue, Float32Array>();

/** [VENUE_FEATURES]; not to be changed. */
export function contentOf(venue: Venue): Float32Array {
  let known = content.get(venue);
  if (!known) {
    known = venueFeatures(venue);
    content.set(venue, known);
  }
  return known;
}
