/** How an archetype takes to what is offered to it first, from rows: as `affinity.jsonl` has it of all decisions. */
import { affinities } from '../affinity.ts';
import type { ArmRow } from './arm-rows.ts';

export interface VenueAffinity {
  archetype: string;
  venueId: string;
  /** In [0, 1], drawn toward the archetype's rate where few decided. */
  affinity: number;
  /** As the predicted top choice. */
  offered: number;
  accepted: number;
}

/** As large as archetypes times venues, whatever the number of travellers. */
export class OfferCounts {
  readonly #counts = new Map<string, Map<string, { offered: number; accepted: number }>>();

  add(rows: readonly ArmRow[]): void {
    for (const { signal_type, context } of rows) {
      // Who lingers has a row for having accepted, too.
      if (signal_type === 'slot_linger') continue;
      const { archetype, predicted_top, rank } = context;
      const venues = this.#counts.get(archetype) ?? new Map<string, { offered: number; accepted: number }>();
      this.#counts.set(archetype, venues);
      const count = venues.get(predicted_top) ?? { offered: 0, accepted: 0 };
      venues.set(predicted_top, count);
      count.offered++;
      if (rank === 1) count.accepted++;
    }
  }

  /** In the order of archetypes, then of venue ids. */
  affinities(): VenueAffinity[] {
    const archetypes = [...this.#counts].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
    return archetypes.flatMap(([archetype, venues]) => {
      const affinity = affinities(venues);
      return [...venues]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([venueId, counts]) => ({ archetype, venueId, affinity: affinity.get(venueId)!, ...counts }));
    });
  }
}
