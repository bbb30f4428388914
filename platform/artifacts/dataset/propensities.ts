/** The probabilities of candidate sets, small enough to keep those of many: about 10 kB each. */
import type { FullCandidateSet } from '../../../core/ranking/candidate-log.ts';
import { loggedCandidates } from '../../../core/ranking/logged-candidates.ts';

/** The probability with which a ranking showed a venue; null where it did not offer it. */
export type Propensities = (rankingEventId: string, venueId: string) => number | null;

/** Numbers for venue ids, shared by all sets. */
export class PropensityReader {
  readonly #numbers = new Map<string, number>();

  #numberOf(venueId: string): number {
    let number = this.#numbers.get(venueId);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(venueId, number);
    }
    return number;
  }

  read(set: Omit<FullCandidateSet, 'scores'>): Propensities {
    const venues = Int32Array.from(set.venue_ids, (id) => this.#numberOf(id));
    const rankings = new Map(
      set.rankings.map(({ ranking_event_id: id }) => [
        id,
        Float32Array.from(loggedCandidates({ ...set, scores: [] }, id)!.propensities),
      ]),
    );
    return (rankingEventId, venueId) => {
      const at = venues.indexOf(this.#numbers.get(venueId) ?? -1);
      return (at < 0 ? undefined : rankings.get(rankingEventId)?.[at]) ?? null;
    };
  }
}
