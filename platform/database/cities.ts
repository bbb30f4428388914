/** The cities that can be planned, or are known by name. */
import { asc, eq } from 'drizzle-orm';
import type { Queries } from './client.ts';
import { cities } from './schema/index.ts';

export type City = typeof cities.$inferSelect;

export async function findCity(database: Queries, slug: string): Promise<City | null> {
  const [city] = await database.select().from(cities).where(eq(cities.slug, slug));
  return city ?? null;
}

/** In the order of their names. */
export function listCities(database: Queries): Promise<City[]> {
  return database.select().from(cities).orderBy(asc(cities.name));
}
