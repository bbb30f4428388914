/** Venue records that this isolate has read already: a catalogue's version names what its records say, so they keep. */
import type { Venue } from '../../core/venue/venue.ts';
import type { City } from './cities.ts';
import type { Queries } from './client.ts';
import { venuesById } from './venues.ts';

/** About a kilobyte each, of the isolate's 128 MB. */
const MOST_RECORDS = 20_000;

/** `<city>@<catalogue version>` to records by id; the catalogue used last comes last. */
const catalogues = new Map<string, Map<string, Venue>>();

function forgetOldest(): void {
  let records = 0;
  for (const known of catalogues.values()) records += known.size;
  for (const [catalogue, known] of catalogues) {
    if (records <= MOST_RECORDS || catalogues.size === 1) return;
    catalogues.delete(catalogue);
    records -= known.size;
  }
}

/** By id, from memory or from the database; ids that the city does not have are absent. */
export async function venueRecords(
  database: Queries,
  city: Pick<City, 'id' | 'slug' | 'catalogueVersion'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Venue>> {
  const catalogue = `${city.slug}@${city.catalogueVersion}`;
  const known = catalogues.get(catalogue) ?? new Map<string, Venue>();
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) {
    for (const [id, venue] of await venuesById(database, missing, city.id)) known.set(id, venue);
  }
  catalogues.delete(catalogue);
  catalogues.set(catalogue, known);
  forgetOldest();
  return known;
}
