/** A venue of which no source but a list of places speaks: what is stated of it, and the defaults of its category. */
import { categoryDefaults } from './category-defaults.ts';
import type { Venue } from './venue.ts';

type Stated = Pick<Venue, 'id' | 'slug' | 'name' | 'category' | 'neighbourhood' | 'location' | 'hours'>;

/** Scores and confidence are null, the source is `places`; what is stated stands over the defaults. */
export function unheardOfVenue(stated: Stated & Partial<Venue>): Venue {
  return {
    ...categoryDefaults(stated.category),
    vibeTags: [],
    touristScore: null,
    localScore: null,
    crossRefConfidence: null,
    overrated: false,
    source: 'places',
    firstSeenAt: null,
    closedAt: null,
    version: 1,
    ...stated,
  };
}
