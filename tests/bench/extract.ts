/** Extraction: 225,000 signals and the candidate sets behind them, from the embedded Postgres into a folder, and back. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { type Database, openDatabase } from '../../platform/database/client.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { openManifest } from '../../training/data/own/parquet-table.ts';
import { freePort } from '../stand-ins/free-port.ts';
import type { Row } from './measure.ts';

const CITY = '00000000-0000-4000-8000-000000000001';
const SIGNALS = 225_000;
const TRIPS = 2_800;
const RANKINGS_A_TRIP = 6;

/** Ids follow from numbers: the same rows refer to the same ids. */
const uuid = (kind: string, number: string) => sql.raw(`md5('${kind}' || (${number}))::uuid`);

/** `days`: over how many days of storage the trips spread. */
async function fill(database: Database, days: number): Promise<void> {
  await database.execute(sql`
    insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
    values (${CITY}, 'bench', 'Bench', 'US', 'UTC', 'USD', '{}', '{}', '{}')`);
  await database.execute(sql`
    insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, setting,
      visit_minutes, energy, vibe_tags, source, source_tier)
    select ${uuid('venue', 'i')}, ${CITY}, 'v' || i, 'Venue ' || i, 'park', 'n', 0, 0, 1, 'outdoor', 60, 0.5, '{}', 'catalogue', 1
    from generate_series(0, 599) i`);
  await database.execute(sql`
    insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
    select id, 1, to_jsonb(n) - 'vibe_embedding', 'v1', '2026-01-01' from activity_nodes n`);
  for (let from = 0; from < TRIPS; from += 100) {
    await database.execute(sql`
      with trip as (
        select t, timestamptz '2026-01-01' + ((t * 7919) % ${days}) * interval '1 day' as at
        from generate_series(${from}::int, ${Math.min(from + 100, TRIPS) - 1}::int) t
      ), sets as (
        insert into behavioral_signals (id, actor_key, signal_type, trip_id, context, weight, source, synthetic,
          model_version, occurred_at, created_at)
        select ${uuid('set', 't')}, ${uuid('actor', 't % 765')}, 'candidate_set_logged', ${uuid('trip', 't')},
          jsonb_build_object('full_candidate_set', jsonb_build_object('v', 1,
            'venue_ids', (select jsonb_agg(${uuid('venue', '(t * 7 + i * 2) % 600')}) from generate_series(0, 199) i),
            'rankings', (select jsonb_agg(jsonb_build_object('ranking_event_id', ${uuid('ranking', 't * 6 + r')},
              'day_number', 1 + r / 3, 'day_part', (array['morning', 'afternoon', 'evening'])[1 + r % 3], 'scores', r,
              'shown', jsonb_build_array(r * 3, r * 3 + 1, r * 3 + 2), 'propensity', '{"shown": 1, "other": 0}'::jsonb))
              from generate_series(0, ${RANKINGS_A_TRIP - 1}) r),
            'scores', (select jsonb_agg(list) from (
              select jsonb_agg(round(random()::numeric, 4)) as list from generate_series(0, ${RANKINGS_A_TRIP * 200 - 1}) i
              group by i / 200) lists))),
          0, 'synthetic_choice_model_v1', true, 'bench@1', at, at from trip
      )
      insert into ranking_events (id, actor_key, trip_id, city_id, kind, day_number, day_part, candidate_set_signal_id,
        source, model_version, cache, feature_snapshot, latency_ms, created_at)
      select ${uuid('ranking', 't * 6 + r')}, ${uuid('actor', 't % 765')}, ${uuid('trip', 't')}, ${CITY}, 'itinerary',
        1 + r / 3, (array['morning', 'afternoon', 'evening'])[1 + r % 3], ${uuid('set', 't')}, 'offline', 'bench@1', 'miss',
        '{"v": 1, "persona": {"dimensions": {"local_vs_tourist_bias": 0.5, "pace_preference": 0.5, "food_priority": 0.5,
          "food_adventurousness": 0.5, "social_energy": 0.5, "crowd_tolerance": 0.5, "culture": 0.5, "nature": 0.5,
          "adventure": 0.5, "cost_sensitivity": 0.5, "night_owl": 0.5, "family_focus": 0.5}, "interests": ["quiet"],
          "nearest_archetypes": [{"id": "A1", "distance": 0.1}, {"id": "A2", "distance": 0.2}]},
          "context": {"day_part": "morning", "trip_day": 1, "party_kind": "solo", "party_size": 1, "budget_band": "mid"},
          "catalogue": {"city": "bench", "version": "v1"}}'::jsonb, 10, at
      from trip, generate_series(0, ${RANKINGS_A_TRIP - 1}) r`);
  }
  const rest = SIGNALS - TRIPS;
  for (let from = 0; from < rest; from += 20_000) {
    await database.execute(sql`
      insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, trip_id, slot_id, context, weight, source,
        synthetic, model_version, occurred_at, created_at)
      select ${uuid('signal', 'i')}, ${uuid('actor', 't % 765')},
        (array['slot_view', 'slot_accept', 'slot_skip', 'slot_linger', 'thumbs_up'])[1 + i % 5],
        ${uuid('venue', '(t * 7 + (r * 3 + i % 3) * 2) % 600')}, ${uuid('trip', 't')}, ${uuid('slot', 't * 36 + i % 36')},
        jsonb_build_object('time_to_action_ms', i % 5000, 'weather', 'clear', 'day_of_trip', 1 + r / 3, 'day_part',
          (array['morning', 'afternoon', 'evening'])[1 + r % 3], 'group_size', 1, 'ranking_event_id', ${uuid('ranking', 't * 6 + r')}),
        1, 'synthetic_choice_model_v1', true, 'bench@1', at + (i % 80) * interval '1 minute', at
      from (
        select i, i * ${TRIPS} / ${rest} as t, i % ${RANKINGS_A_TRIP} as r,
          timestamptz '2026-01-01' + (((i * ${TRIPS} / ${rest}) * 7919) % ${days}) * interval '1 day' + interval '1 hour' as at
        from generate_series(${from}::bigint, ${Math.min(from + 20_000, rest) - 1}::bigint) i) rows`);
  }
}

interface Measured {
  extractMs: number;
  againMs: number;
  readMs: number;
  files: number;
  /** Of the extracting process. */
  cpuMs: number;
  rssMb: { before: number; peak: number };
}

/** Runs in a process of its own, so that its memory is not the database's. */
async function extractIn(url: string, folder: string): Promise<Measured> {
  const script = fileURLToPath(new URL('./extract-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, url, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  for await (const chunk of child.stdout) out += chunk;
  return JSON.parse(out) as Measured;
}

async function measure(days: number): Promise<Measured & { megabytes: number }> {
  const postgres = await startEmbeddedPostgres({ port: await freePort() });
  const folder = await mkdtemp(join(tmpdir(), 'overplanned-extract-'));
  try {
    await applyMigrations(postgres.url);
    await fill(openDatabase(postgres.url), days);
    const measured = await extractIn(postgres.url, folder);
    const { manifest } = await openManifest(folder);
    return { ...measured, megabytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0) / 1e6 };
  } finally {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchExtract(): Promise<Row[]> {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const rows: Row[] = [];
  for (const [days, what] of [
    [1, 'stored on one day'],
    [365, 'stored over a year'],
  ] as const) {
    const { extractMs, againMs, readMs, files, rssMb, megabytes } = await measure(days);
    rows.push(
      {
        what: `Extraction of 225,000 signals and ${TRIPS * RANKINGS_A_TRIP} rankings of 200 venues, ${what}`,
        target: '< 10 s',
        measured: `${seconds(extractMs)}, ${files} files, ${megabytes.toFixed(1)} MB; resident ${rssMb.before} MB before, ${rssMb.peak} MB at most`,
        reached: extractMs < 10_000,
      },
      { what: 'The same again, nothing new', target: '', measured: seconds(againMs), reached: null },
      { what: 'Reading it, checked', target: '', measured: seconds(readMs), reached: null },
    );
  }
  return rows;
}
