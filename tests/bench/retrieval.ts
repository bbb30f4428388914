/** Retrieval alone: the 200 nearest of a city, from Node over the embedded database's HTTP. */
import { sql } from 'drizzle-orm';
import { startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { openDatabase } from '../../platform/database/client.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { openPgvectorIndex } from '../../platform/vectors/pgvector.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { ms, percentiles, type Row, timeEach } from './measure.ts';

const DIMENSIONS = 64;

async function fill(url: string, city: number, venues: number): Promise<string> {
  const database = openDatabase(url);
  const id = `00000000-0000-4000-8000-00000000000${city}`;
  await database.execute(sql`
    insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
    values (${id}, ${`bench-${city}`}, 'Bench', 'US', 'UTC', 'USD', '{}', '{}', '{}')`);
  await database.execute(sql`
    insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, setting,
      visit_minutes, energy, vibe_tags, vibe_embedding, source, source_tier)
    select gen_random_uuid(), ${id}, 'v' || i, 'Venue ' || i, 'park', 'n', 0, 0, 1, 'outdoor', 60, 0.5, '{}',
      (select array_agg(random() - 0.5) from generate_series(1, ${DIMENSIONS}) where i > 0)::vector(64), 'catalogue', 1
    from generate_series(1, ${venues}) i`);
  return id;
}

async function measure(cities: number, each: number, hnsw: boolean): Promise<string> {
  const postgres = await startEmbeddedPostgres({ port: await freePort() });
  try {
    await applyMigrations(postgres.url);
    const database = openDatabase(postgres.url);
    const ids: string[] = [];
    for (let city = 0; city < cities; city++) ids.push(await fill(postgres.url, city, each));
    const index = openPgvectorIndex(database, { hnsw });
    await index.prepare();
    await database.execute(sql`vacuum analyze activity_nodes`);
    const samples = await timeEach(60, 15, (run) => {
      const vector = Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(i * 7.3 + run));
      return index.search('activity_nodes', { vector, limit: 200, cityId: ids[Math.abs(run) % cities]! });
    });
    const { p50, p95 } = percentiles(samples);
    return `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms`;
  } finally {
    await postgres.close();
  }
}

export async function benchRetrieval(): Promise<Row[]> {
  const row = async (what: string, cities: number, each: number, target: string, hnsw = false): Promise<Row> => {
    const measured = await measure(cities, each, hnsw);
    const p95 = Number(/p95 ([\d.]+)/.exec(measured)?.[1]);
    return { what, target, measured, reached: target ? p95 < 10 : null };
  };
  return [
    await row('200 of 500 venues, exact', 1, 500, ''),
    await row('200 of 5,000 venues, exact', 1, 5_000, ''),
    await row('200 of 50,000 venues in five cities, exact', 5, 10_000, 'p95 < 10 ms'),
    await row('200 of 50,000 venues in one city, exact', 1, 50_000, 'p95 < 10 ms'),
  ];
}
