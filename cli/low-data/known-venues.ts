/** The venues of the project's catalogues, as signals name them. */
import type { Venue } from '../../core/venue/venue.ts';
import { catalogueCities } from '../../simulation/agents/catalogue-cities.ts';
import type { KnownVenue } from '../../training/low-data/signal-file.ts';

export interface KnownVenues {
  byId: ReadonlyMap<string, KnownVenue>;
  /** By slug. */
  byCity: ReadonlyMap<string, readonly Venue[]>;
}

export async function knownVenues(): Promise<KnownVenues> {
  const cities = await catalogueCities();
  return {
    byId: new Map(
      cities.flatMap(({ slug, venues }) => venues.map((venue) => [venue.id, { city: slug, venue }] as const)),
    ),
    byCity: new Map(cities.map(({ slug, venues }) => [slug, venues])),
  };
}
