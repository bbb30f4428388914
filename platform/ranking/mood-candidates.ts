/** What a mood is answered from: the city's venues that are nearest to the travellers' taste, with scores. */
import type { Trip } from '../../core/itinerary/trip.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { ScoredVenue } from '../../core/pivot/pivot.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import { findCity } from '../database/cities.ts';
import { venueRecords } from '../database/venue-records.ts';
import type { Retrieval } from './retrieve.ts';

/** Best first, at most 200; scores in [0, 1]. `date`: the day that they are for. */
export async function moodCandidates(
  { database, vectors }: Retrieval,
  { city: { id, slug }, dimensions, party, budgetBand }: Pick<Trip, 'city' | 'dimensions' | 'party' | 'budgetBand'>,
  date: string,
): Promise<ScoredVenue[]> {
  const [city, hits] = await Promise.all([
    findCity(database, slug),
    vectors.search('activity_nodes', { vector: makePersona(dimensions, []).retrieval, limit: RETRIEVED, cityId: id }),
  ]);
  if (!city) return [];
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
