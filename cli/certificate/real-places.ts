/**
 * Real places as the simulator takes them, and their fame. Fame is what the other half of the tourists visited, so that
 * nothing that is told of a place comes from whom it is tested on.
 */
import { Random } from '../../core/experiment/random.ts';
import { unheardOfVenue } from '../../core/venue/unheard-of-venue.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { RealVisits } from './real-visits.ts';

export interface RealPlaces {
  /** By place, with its fame as the tourist score. */
  venues: readonly Venue[];
  /** The same of which no source speaks. */
  unheardOf: readonly Venue[];
  /** By place: distinct tourists who went there, of those that may be told of. */
  visitors: Float64Array;
}

/** For each tourist, the places as the other half of the tourists leaves them; two objects in all. */
export function placesByTourist(visits: RealVisits, seed: number): (tourist: number) => RealPlaces {
  const { places, tourists, trips } = visits;
  const order = Random.of(seed, 'certificate/halves').shuffle(Array.from({ length: tourists }, (_, i) => i));
  const half = new Uint8Array(tourists);
  for (const [i, tourist] of order.entries()) half[tourist] = i % 2;
  const seen = [new Set<string>(), new Set<string>()];
  const visitors = [new Float64Array(places.length), new Float64Array(places.length)];
  for (const { tourist, visits: visited } of trips) {
    const other = 1 - half[tourist]!;
    for (const place of visited) {
      const key = `${tourist}/${place}`;
      if (seen[other]!.has(key)) continue;
      seen[other]!.add(key);
      visitors[other]![place]! += 1;
    }
  }
  const made = visitors.map((counts) => realPlaces(places, counts));
  return (tourist) => made[half[tourist]!]!;
}

/** @param visitors by place */
export function realPlaces(places: RealVisits['places'], visitors: Float64Array): RealPlaces {
  const venues = places.map((place, i) => venueOf(place, fame(visitors, i)));
  return { visitors, venues, unheardOf: venues.map((venue) => ({ ...venue, touristScore: null })) };
}

/** Share of the other places that fewer went to, ties half. */
function fame(counts: Float64Array, place: number): number {
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (i !== place) below += count < counts[place]! ? 1 : count === counts[place]! ? 0.5 : 0;
  }
  return below / (counts.length - 1);
}

function venueOf({ id, category }: RealVisits['places'][number], touristScore: number): Venue {
  return unheardOfVenue({
    id: `real-${id}`,
    slug: `real-${id}`,
    name: `Place ${id}`,
    category,
    neighbourhood: '',
    location: { lat: 0, lng: 0 },
    hours: null,
    touristScore,
  });
}
