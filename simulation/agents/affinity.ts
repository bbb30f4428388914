/** Archetype x venue: how often what was offered first was taken (seed 0, "Output 3"). A prior, which real behaviour updates. */
import { AFFINITY_PRIOR } from '../../core/ranking/archetype-affinity.ts';
import type { TripRecord } from './record.ts';

export interface AffinityRow {
  archetype: string;
  venue_id: string;
  city: string;
  category: string;
  name: string;
  /** As the predicted top choice. */
  offered: number;
  accepted: number;
  /** (accepted + 4 r) / (offered + 4), r the archetype's rate; in [0, 1]. */
  affinity: number;
}

interface Count {
  city: string;
  category: string;
  name: string;
  offered: number;
  accepted: number;
}

/**
 * By venue, in [0, 1]: (accepted + 4 r) / (offered + 4), r the rate over all of them, so that what was offered rarely stays
 * near it.
 */
export function affinities(venues: ReadonlyMap<string, { offered: number; accepted: number }>): Map<string, number> {
  let [offers, taken] = [0, 0];
  for (const { offered, accepted } of venues.values()) [offers, taken] = [offers + offered, taken + accepted];
  const rate = taken / offers;
  return new Map(
    [...venues].map(([id, { offered, accepted }]) => {
      const affinity = (accepted + AFFINITY_PRIOR * rate) / (offered + AFFINITY_PRIOR);
      return [id, Math.round(affinity * 1e4) / 1e4];
    }),
  );
}

/** As large as archetypes times venues, whatever the number of travellers. */
export class AffinityCounts {
  readonly #counts = new Map<string, Map<string, Count>>();
  readonly #citySlugs: readonly string[];

  constructor(citySlugs: readonly string[]) {
    this.#citySlugs = citySlugs;
  }

  add({ traveller, slots }: TripRecord): void {
    let venues = this.#counts.get(traveller.archetypeId);
    if (!venues) {
      venues = new Map();
      this.#counts.set(traveller.archetypeId, venues);
    }
    for (const { ranked, taken } of slots) {
      const { id, category, name } = ranked[0]!;
      let count = venues.get(id);
      if (!count) {
        count = { city: this.#citySlugs[traveller.trip.city]!, category, name, offered: 0, accepted: 0 };
        venues.set(id, count);
      }
      count.offered++;
      if (taken?.id === id) count.accepted++;
    }
  }

  /** In the order of archetypes, then of venue ids. */
  rows(): AffinityRow[] {
    const archetypes = [...this.#counts].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
    return archetypes.flatMap(([archetype, venues]) => {
      const affinity = affinities(venues);
      return [...venues]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([venue_id, count]) => ({ archetype, venue_id, ...count, affinity: affinity.get(venue_id)! }));
    });
  }
}
