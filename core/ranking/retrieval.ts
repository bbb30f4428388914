/** From nearest neighbours to the candidates of a ranking. */
import { BUDGET_RULES } from '../itinerary/rules.ts';
import type { VectorHit } from '../venue/vector-index.ts';
import type { Venue } from '../venue/venue.ts';
import { type Party, takesParty } from './party-fit.ts';
import { type BudgetBand, MAX_CANDIDATES } from './ranker.ts';

/** More are searched than are kept, so that what the rules take out does not leave the list short. */
export const RETRIEVED = 400;

/** What an overrated place loses of its similarity: enough to fall behind, not to disappear. */
const OVERRATED_PENALTY = 0.25;

/**
 * The best 200 of what retrieval found, or all of it where there are fewer: places that take the party, that the
 * budget can hold and that are not closed on the first day of the trip, overrated ones pushed back; best first, ties by id.
 */
export function selectCandidates(
  hits: readonly VectorHit[],
  venues: ReadonlyMap<string, Venue>,
  party: Party,
  onDate: string,
  budgetBand: BudgetBand,
): Venue[] {
  const { highest } = BUDGET_RULES[budgetBand];
  return hits
    .flatMap(({ id, similarity }) => {
      const venue = venues.get(id);
      if (
        !venue ||
        !takesParty(venue, party) ||
        venue.priceLevel > highest ||
        (venue.closedAt !== null && venue.closedAt <= onDate)
      )
        return [];
      return [{ venue, relevance: similarity - (venue.overrated ? OVERRATED_PENALTY : 0) }];
    })
    .sort((a, b) => b.relevance - a.relevance || (a.venue.id < b.venue.id ? -1 : 1))
    .slice(0, MAX_CANDIDATES)
    .map(({ venue }) => venue);
}
