/** How an archetype takes to single venues, as far as anybody has seen it: a small lift for travellers nearest to it. */

/** Decisions on one venue by travellers of the archetype, of one source. */
export interface AffinityCounts {
  venueId: string;
  observations: number;
  accepted: number;
  /** What one of these decisions counts, from 0 to 1 for what real travellers did. */
  weight: number;
  /** What the decisions come from, such as the first digits of a run: part of the version. */
  origin: string;
}

export interface ArchetypeAffinity {
  /** `archetype-affinity@<origins>` */
  version: string;
  /** In log odds, in [-1, 1]; 0 for a venue of which nothing is known. */
  liftOf(venueId: string): number;
}

/** In an affinity that is stored, or shown, so many decisions at the archetype's own rate stand before the counted ones. */
export const AFFINITY_PRIOR = 4;

/** In a lift: so many at the archetype's own rate stand beside those on a venue: 10 real decisions, or 33 simulated ones, go half the way. */
const PRIOR_DECISIONS = 10;

/**
 * That of a feature of middling weight in the offline ranker. What an archetype with a rate of a half always takes gains at
 * most an eighth by it, where the whole length of the archetype's list is worth a fifth: it orders places that suit the
 * traveller alike, and puts none above their own taste.
 */
const AFFINITY_WEIGHT = 1;

/**
 * With weighted counts n and a of a venue, N and A of all, and the archetype's rate r = A / N: the lift is
 * `weight * ((a + k * r) / (n + k) - r)`. Null where nothing counts.
 */
export function archetypeAffinity(counts: readonly AffinityCounts[]): ArchetypeAffinity | null {
  const venues = new Map<string, { n: number; a: number }>();
  const origins = new Set<string>();
  let [decided, taken] = [0, 0];
  for (const { venueId, observations, accepted, weight, origin } of counts) {
    if (weight * observations === 0) continue;
    const venue = venues.get(venueId) ?? { n: 0, a: 0 };
    venues.set(venueId, { n: venue.n + weight * observations, a: venue.a + weight * accepted });
    decided += weight * observations;
    taken += weight * accepted;
    origins.add(origin);
  }
  if (decided === 0) return null;
  const rate = taken / decided;
  return {
    version: `archetype-affinity@${[...origins].sort().join('.')}`,
    liftOf(venueId) {
      const venue = venues.get(venueId);
      if (!venue) return 0;
      return AFFINITY_WEIGHT * ((venue.a + PRIOR_DECISIONS * rate) / (venue.n + PRIOR_DECISIONS) - rate);
    },
  };
}

/** A score in (0, 1), moved by a lift in log odds: it stays there, and nothing is moved by more than a quarter of the lift. */
export function lifted(score: number, lift: number): number {
  return lift === 0 ? score : 1 / (1 + (1 / score - 1) * Math.exp(-lift));
}
