/** The cities that can be planned, or are known by name. */
import { asc, eq } from 'drizzle-orm';
import type { Queries } from './client.ts';
import { cities } from './schema/index.ts';

export type City = typeof cities.$inferSelect;

/** With the version of what can be planned from: of the places provider's venues where there is no catalogue. */
export async function findCity(database: Queries, slug: string): Promise<City | null> {
  const [city] = await database.select().from(cities).where(eq(cities.slug, slug));
  if (!city) return null;
  const places = city.venueCount === 0 && city.placesFetchedAt;
  return places ? { ...city, catalogueVersion: placesVersion(places) } : city;
}

/** What stands for the catalogue's version where there is none. */
export function placesVersion(fetchedAt: Date): string {
  return `places-${fetchedAt.toISOString()}`;
}

/** In the order of their names. */
export function listCities(database: Queries): Promise<City[]> {
  return database.select().from(cities).orderBy(asc(cities.name));
}
