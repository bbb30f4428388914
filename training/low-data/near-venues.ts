/** Places that could stand for one another: the same kind of thing, as dear, in the same city. */
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { CATEGORIES } from '../../core/venue/vocabulary.ts';
import { seenVenue } from './decision-features.ts';

export const NEAR = {
  /** Cosine of what both offer, within a category and outside of it. */
  sameCategory: 0.5,
  otherCategory: 0.8,
  /** Levels; free stays free. */
  price: 1,
  /** Difference of tourist scores, where both are known. */
  tourist: 0.3,
  /** At most so many are drawn from, the nearest. */
  most: 8,
} as const;

export interface NearVenue {
  venue: Venue;
  similarity: number;
}

export class NearVenues {
  readonly #cities: ReadonlyMap<string, readonly Venue[]>;
  readonly #found = new Map<string, readonly NearVenue[]>();

  /** @param cities venues by slug */
  constructor(cities: ReadonlyMap<string, readonly Venue[]>) {
    this.#cities = cities;
  }

  /** Nearest first, at most `NEAR.most`; without the venue itself. */
  of(city: string, venue: Venue): readonly NearVenue[] {
    const key = `${city}/${venue.id}`;
    let near = this.#found.get(key);
    if (!near) {
      near = (this.#cities.get(city) ?? [])
        .filter((other) => other.id !== venue.id && standsFor(other, venue))
        .map((other) => ({ venue: other, similarity: similarityOf(other, venue) }))
        .filter(({ venue: other, similarity }) => {
          return similarity >= (other.category === venue.category ? NEAR.sameCategory : NEAR.otherCategory);
        })
        .sort((a, b) => b.similarity - a.similarity || (a.venue.id < b.venue.id ? -1 : 1))
        .slice(0, NEAR.most);
      this.#found.set(key, near);
    }
    return near;
  }
}

export const similarityOf = (a: Venue, b: Venue) => dot(seenVenue(a).vector, seenVenue(b).vector);

function standsFor(other: Venue, venue: Venue): boolean {
  if ((other.priceLevel === 0) !== (venue.priceLevel === 0)) return false;
  if (Math.abs(other.priceLevel - venue.priceLevel) > NEAR.price) return false;
  const [a, b] = [CATEGORIES[other.category], CATEGORIES[venue.category]];
  if (a.meal !== b.meal || a.nightlife !== b.nightlife) return false;
  const [one, two] = [other.touristScore, venue.touristScore];
  return one === null || two === null || Math.abs(one - two) <= NEAR.tourist;
}
