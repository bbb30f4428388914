/** How long a visit lasts. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { Venue } from '../venue/venue.ts';
import { SHORTEST_SHARE } from './rules.ts';

/** The usual length stretched by a slow pace and cut by a fast one (plus or minus 15%), to five minutes. */
export function visitLength(venue: Venue, dimensions: Dimensions): number {
  const stretch = 1 + 0.3 * (0.5 - dimensions.pace_preference);
  return Math.max(15, Math.round((venue.visitMinutes * stretch) / 5) * 5);
}

/** The shortest visit that is still one, to five minutes. */
export function shortestVisit(venue: Venue): number {
  return Math.max(15, Math.ceil((venue.visitMinutes * SHORTEST_SHARE) / 5) * 5);
}
