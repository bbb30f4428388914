/** What a mood is answered from: the city's venues that are nearest to the travellers' taste, with scores. */
import type { Trip } from '../../core/itinerary/trip.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { ScoredVenue } from '../../core/pivot/pivot.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import { findCity } from '../database/cities.ts';
import type { Database } from '../database/client.ts';
import { findTraveller } from '../database/users.ts';
import { venueRecords } from '../database/venue-records.ts';

/**
 * Best first, at most 200; scores in [0, 1]. The taste is the trip's, with what the asker is interested in: it is their
 * mood. `date`: the day that they are for.
 */
export async function moodCandidates(
  { database, vectors }: { database: Database; vectors: VectorIndex },
  { city: { id, slug }, dimensions, party, budgetBand }: Pick<Trip, 'city' | 'dimensions' | 'party' | 'budgetBand'>,
  askerId: string,
  date: string,
): Promise<ScoredVenue[]> {
  const [city, asker] = await Promise.all([findCity(database, slug), findTraveller(database, askerId)]);
  if (!city) return [];
  const vector = makePersona(dimensions, asker?.persona.interests ?? []).retrieval;
  const hits = await vectors.search('activity_nodes', { vector, limit: RETRIEVED, cityId: id });
  const venues = await venueRecords(
    database,
    city,
    hits.map((hit) => hit.id),
  );
  const similarity = new Map(hits.map((hit) => [hit.id, hit.similarity]));
  return selectCandidates(hits, venues, party, date, budgetBand).map((venue) => ({
    venue,
    score: ((similarity.get(venue.id) ?? -1) + 1) / 2,
  }));
}
