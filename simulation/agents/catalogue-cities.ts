/** The project's own catalogues as a simulation needs them, without a database. */
import { readCatalogues } from '../../platform/database/city-catalogues.ts';
import { cityId, venueRows } from '../../platform/database/seed-cities.ts';
import type { ShadowCity } from '../shadow/settings.ts';

/** Every city with the venues that are still open, in the order of their names. */
export async function catalogueCities(): Promise<ShadowCity[]> {
  return (await readCatalogues()).map((catalogue) => ({
    id: cityId(catalogue.city.slug),
    slug: catalogue.city.slug,
    timeZone: catalogue.city.time_zone,
    catalogueVersion: catalogue.version,
    venues: venueRows(catalogue)
      .filter(({ closedAt }) => closedAt === null)
      .map(({ cityId: _, lat, lng, overratedFlag, ...row }) => ({
        ...row,
        location: { lat, lng },
        overrated: overratedFlag,
        version: 1,
      })),
  }));
}
