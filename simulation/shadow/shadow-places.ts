/** Venues with what nobody knows of them, each drawn once. */
import type { Venue } from '../../core/venue/venue.ts';
import { type ShadowVenue, shadowVenue } from './choice-model.ts';

export class ShadowPlaces {
  readonly #seed: number;
  readonly #places = new WeakMap<Venue, ShadowVenue>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(venue: Venue): ShadowVenue {
    let place = this.#places.get(venue);
    if (!place) {
      place = shadowVenue(this.#seed, venue, 0);
      this.#places.set(venue, place);
    }
    return place;
  }
}
