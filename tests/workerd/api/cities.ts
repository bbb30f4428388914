/** Cities of a test's own, in the database that all tests share. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { database } from './client.ts';

export interface TestCity {
  id: string;
  slug: string;
}

const newCity = (): TestCity => {
  const id = uuidv7();
  return { id, slug: `copy-${id}` };
};

/** A city with the venues of another one, under ids of their own. */
export async function copyOfCity(from: string): Promise<TestCity> {
  const { id, slug } = newCity();
  await database.batch([
    database.execute(sql`
      insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times, venue_count, catalogue_version)
      select ${id}::uuid, ${slug}, name, country, time_zone, currency, centre, bounds, meal_times, venue_count, ${id}
      from cities where slug = ${from}`),
    database.execute(sql`
      insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, hours, meals,
        setting, visit_minutes, energy, vibe_tags, vibe_embedding, tourist_score, local_score, cross_ref_confidence,
        overrated_flag, source, source_tier, first_seen_at)
      select gen_random_uuid(), ${id}::uuid, n.slug, n.name, category, neighbourhood, lat, lng, price_level, hours, meals,
        setting, visit_minutes, energy, vibe_tags, vibe_embedding, tourist_score, local_score, cross_ref_confidence,
        overrated_flag, source, source_tier, first_seen_at
      from activity_nodes n join cities c on c.id = n.city_id where c.slug = ${from} and n.closed_at is null`),
  ]);
  return { id, slug };
}

/** A city that is known by name and has no venue: Lisbon's like. */
export async function unseededCity(): Promise<TestCity & { name: string }> {
  const { id, slug } = newCity();
  const name = `Town ${id}`;
  await database.execute(sql`
    insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
    select ${id}::uuid, ${slug}, ${name}, country, time_zone, currency, centre, bounds, meal_times
    from cities where slug = 'lisbon'`);
  return { id, slug, name };
}

/** As a new edition of the catalogue would. */
export async function raiseCatalogueVersion({ id }: TestCity): Promise<void> {
  await database.execute(sql`update cities set catalogue_version = ${uuidv7()} where id = ${id}`);
}
