/** Retrieval: a persona's nearest venues of a city, with their records. */
import type { Persona } from '../../core/persona/persona.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { City } from '../database/cities.ts';
import type { Queries } from '../database/client.ts';
import { venueRecords } from '../database/venue-records.ts';

export interface Retrieval {
  database: Queries;
  vectors: VectorIndex;
}

/** At most 200 candidates, best first. */
export async function retrieveCandidates(
  { database, vectors }: Retrieval,
  city: Pick<City, 'id' | 'slug' | 'catalogueVersion'>,
  persona: Persona,
  party: Party,
  onDate: string,
  budgetBand: BudgetBand,
): Promise<Venue[]> {
  const hits = await vectors.search('activity_nodes', { vector: persona.retrieval, limit: RETRIEVED, cityId: city.id });
  const venues = await venueRecords(
    database,
    city,
    hits.map((hit) => hit.id),
  );
  return selectCandidates(hits, venues, party, onDate, budgetBand);
}
