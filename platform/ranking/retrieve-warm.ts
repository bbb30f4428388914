/** Retrieval for travellers with a past: the venues that the trained towers put nearest to them. */
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import type { Space } from '../../core/venue/vector-index.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { City } from '../database/cities.ts';
import { venueRecords } from '../database/venue-records.ts';
import type { Retrieval } from './retrieve.ts';

/** Of what a search could find in the city, the share that must have vectors: fewer are no fair choice. */
const LEAST_COVERED = 0.5;

/**
 * At most 200 candidates, best first, by the rules of `retrieveCandidates`.
 * @param userVector [64], of the user tower of the same version
 * @param space `name@version` of the towers
 * @returns null where the city's venues have no vectors in the space, or fewer than half of them do: a city that was
 *   seeded after the last nightly indexing, say. Its caller then retrieves without a model.
 */
export async function retrieveForWarm(
  { database, vectors }: Retrieval,
  city: Pick<City, 'id' | 'slug' | 'catalogueVersion' | 'venueCount'>,
  userVector: Float32Array,
  space: string,
  party: Party,
  onDate: string,
  budgetBand: BudgetBand,
): Promise<Venue[] | null> {
  const hits = await vectors.search(space as Space, { vector: userVector, limit: RETRIEVED, cityId: city.id });
  if (hits.length === 0 || hits.length < LEAST_COVERED * Math.min(RETRIEVED, city.venueCount)) return null;
  const venues = await venueRecords(
    database,
    city,
    hits.map((hit) => hit.id),
  );
  return selectCandidates(hits, venues, party, onDate, budgetBand);
}
