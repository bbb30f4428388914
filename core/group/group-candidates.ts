/** One list of candidates for a group, from what retrieval found for each member. */
import { MAX_CANDIDATES } from '../ranking/ranker.ts';
import type { Venue } from '../venue/venue.ts';

/**
 * At most 200 venues of the members' lists (each best first): by the best place that a venue has in any list, then by the
 * sum of its places, then by id. So every member's first choices are in it, whoever asked for the trip, and identical
 * lists give that list.
 */
export function groupCandidates(lists: readonly (readonly Venue[])[]): Venue[] {
  const found = new Map<string, { venue: Venue; best: number; sum: number }>();
  for (const list of lists) {
    list.forEach((venue, place) => {
      // Absent from a list counts as its end; `sum` is kept relative to that.
      const fromEnd = place - MAX_CANDIDATES;
      const known = found.get(venue.id);
      if (known) {
        known.best = Math.min(known.best, place);
        known.sum += fromEnd;
      } else found.set(venue.id, { venue, best: place, sum: fromEnd });
    });
  }
  return [...found.values()]
    .sort((a, b) => a.best - b.best || a.sum - b.sum || (a.venue.id < b.venue.id ? -1 : 1))
    .slice(0, MAX_CANDIDATES)
    .map(({ venue }) => venue);
}
