/** Requests against the local stack: planning and reading trips. */
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../platform/database/client.ts';
import { call, newGuests, plan, warmGuests } from './api-client.ts';
import type { LocalStack } from './local-stack.ts';
import { ms, percentiles, type Row, timeConcurrently, timeEach } from './measure.ts';

export async function benchHttp(stack: LocalStack): Promise<Row[]> {
  const people = await newGuests(stack);
  const person = (run: number) => people[Math.abs(run) % people.length]!;

  const alone = percentiles(await timeEach(120, 30, (run) => plan(stack, person(run))));
  const crowd = await timeConcurrently(50, 300, (run) => plan(stack, person(run)));
  const crowded = percentiles(crowd.samples);

  const experienced = await warmGuests(stack);
  const warm = percentiles(
    await timeEach(120, 30, (run) => plan(stack, experienced[Math.abs(run) % experienced.length]!)),
  );

  const { id } = await plan(stack, people[0]!);
  const reads = percentiles(await timeEach(300, 50, () => call(stack, 'GET', `/trips/${id}`, people[0]!.token)));
  return [
    {
      what: '`POST /trips`, 3 days, 1 client',
      target: 'p95 < 80 ms',
      measured: `p50 ${ms(alone.p50)} ms, p95 ${ms(alone.p95)} ms`,
      reached: alone.p95 < 80,
    },
    {
      what: '`POST /trips`, 3 days, 1 client, a warm traveller',
      target: 'p95 < 100 ms',
      measured: `p50 ${ms(warm.p50)} ms, p95 ${ms(warm.p95)} ms`,
      reached: warm.p95 < 100,
    },
    {
      what: '`POST /trips`, 3 days, 50 clients',
      target: 'no error',
      measured: `p50 ${ms(crowded.p50)} ms, p95 ${ms(crowded.p95)} ms, ${(300 / crowd.seconds).toFixed(0)} trips/s, ${crowd.errors} errors`,
      reached: crowd.errors === 0,
    },
    {
      what: '`GET /trips/:id`, 1 client',
      target: 'p95 < 10 ms',
      measured: `p50 ${ms(reads.p50)} ms, p95 ${ms(reads.p95)} ms`,
      reached: reads.p95 < 10,
    },
  ];
}

/** The city's venues and slightly varied copies of them, `factor` times as many in all. */
async function growSeattle(databaseUrl: string, factor: number): Promise<number> {
  const database = openDatabase(databaseUrl);
  await database.execute(sql`
    insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, hours, meals,
      setting, visit_minutes, energy, vibe_tags, vibe_embedding, tourist_score, local_score, cross_ref_confidence, source,
      source_tier)
    select gen_random_uuid(), n.city_id, n.slug || '-' || ${factor}::int || '-' || i, n.name || ' ' || i, category,
      neighbourhood, lat + (random() - 0.5) * 0.01, lng + (random() - 0.5) * 0.01, price_level, hours, meals, setting,
      visit_minutes, energy, vibe_tags,
      (select array_agg(x + (random() - 0.5) * 0.05) from unnest(n.vibe_embedding::real[]) x)::vector(64),
      tourist_score, local_score, cross_ref_confidence, n.source, source_tier
    from activity_nodes n join cities c on c.id = n.city_id
    cross join generate_series(1, ${factor} - 1) i
    where c.slug = 'seattle' and n.slug !~ '-[0-9]+-[0-9]+$'`);
  await database.execute(sql`vacuum analyze activity_nodes`);
  const grown = await database.execute<{ n: number }>(sql`
    with counted as (select count(*)::int n from activity_nodes n join cities c on c.id = n.city_id where c.slug = 'seattle')
    update cities set venue_count = counted.n, catalogue_version = 'bench-' || counted.n from counted
    where slug = 'seattle' returning counted.n`);
  return grown.rows[0]?.n ?? 0;
}

/** The same request with 1, 10 and 100 times the city's venues. The stack's data is no longer the catalogue's after it. */
export async function benchGrowth(stack: LocalStack): Promise<Row[]> {
  const people = await newGuests(stack);
  const rows: Row[] = [];
  for (const factor of [1, 10, 100]) {
    const venues = factor === 1 ? null : await growSeattle(stack.databaseUrl, factor);
    const times = percentiles(await timeEach(60, 20, (run) => plan(stack, people[Math.abs(run) % people.length]!)));
    rows.push({
      what: `\`POST /trips\`, 3 days, 1 client, ${factor}x venues${venues ? ` (${venues} in the city)` : ''}`,
      target: '',
      measured: `p50 ${ms(times.p50)} ms, p95 ${ms(times.p95)} ms`,
      reached: null,
    });
  }
  return rows;
}
