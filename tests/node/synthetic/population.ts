/** Travellers by the hundred, in a database of one's own: real ones, shadow ones, and those of stored simulations. */
import { sql } from 'drizzle-orm';
import { archetype } from '../../../core/persona/archetypes.ts';
import type { Database } from '../../../platform/database/client.ts';

const CITY = '00000000-0000-4000-8000-00000000c177';
export const venue = (n: number) => `00000000-0000-4000-8001-${String(n).padStart(12, '0')}`;

export async function emptyWorld(database: Database, venues = 60): Promise<void> {
  await database.execute(sql`
    truncate users, trips, behavioral_signals, behavioral_sequences, cities, alerts, synthetic_reviews, correction_signals,
      archetype_affinities restart identity cascade`);
  await database.execute(sql`
    insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
    values (${CITY}, 'testville', 'Testville', 'US', 'UTC', 'USD', '{}', '{}', '{}')`);
  await database.execute(sql`
    insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, setting,
      visit_minutes, energy, vibe_tags, source, source_tier)
    select ('00000000-0000-4000-8001-' || lpad(i::text, 12, '0'))::uuid, ${CITY}, 'v' || i, 'Venue ' || i, 'park', 'n', 0, 0, 1,
      'outdoor', 60, 0.5, '{quiet}', 'catalogue', 1
    from generate_series(1, ${venues}::int) i`);
  await database.execute(sql`
    insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
    select id, version, to_jsonb(n) - 'vibe_embedding', 'v1', '2026-01-01' from activity_nodes n`);
}

export interface Users {
  /** Of their subjects: `<label>|<n>`. */
  label: string;
  n: number;
  /** Each with one decision of theirs. Default 3. */
  trips?: number;
  /** Of the trips. Default `planned`. */
  status?: string;
  /** Of the decisions. Default `user_behavioral`, which counts. */
  source?: string;
  /** Default `slot_accept`; `slot_view` decides nothing, and does not count. */
  type?: string;
}

/** People with an account, and trips on which they decided. */
export async function addUsers(database: Database, users: Users): Promise<void> {
  const { label, n, trips = 3, status = 'planned', source = 'user_behavioral', type = 'slot_accept' } = users;
  const theirs = sql`u.subject like ${`${label}|%`}`;
  await database.batch([
    database.execute(sql`
      insert into users (id, subject) select gen_random_uuid(), ${label}::text || '|' || i from generate_series(1, ${n}::int) i`),
    database.execute(sql`
      insert into actor_keys (user_id, actor_key) select u.id, gen_random_uuid() from users u where ${theirs}`),
    database.execute(sql`
      insert into trips (id, user_id, city_id, start_date, end_date, status, party_size, party_kind, budget_band, dimensions, ranking)
      select gen_random_uuid(), u.id, ${CITY}, '2026-05-01', '2026-05-02', ${status}, 1, 'solo', 'mid', '{}', '{}'
      from users u, generate_series(1, ${trips}::int) where ${theirs}`),
    database.execute(sql`
      insert into trip_members (trip_id, user_id, role)
      select t.id, u.id, 'organiser' from trips t join users u on u.id = t.user_id where ${theirs}`),
    database.execute(sql`
      insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, trip_id, weight, source, synthetic,
        model_version, counts, occurred_at)
      select gen_random_uuid(), k.actor_key, ${type},
        case when row_number() over () % 2 = 0 then ${venue(1)}::uuid else ${venue(2)}::uuid end, t.id, 1, ${source}, ${source !== 'user_behavioral'},
        'none', ${source === 'user_behavioral' && type !== 'slot_view'}, now()
      from trips t join users u on u.id = t.user_id join actor_keys k on k.user_id = u.id where ${theirs}`),
  ]);
}

export interface Deciding {
  label: string;
  n: number;
  archetype: string;
  source: string;
  /** Each decides on the venues from 1 to this one, and takes those from 1 to `takes`. */
  decides: number;
  takes: number;
  /** As a stored simulation has them: no account, the archetype in the context. */
  stored?: boolean;
}

/** Travellers of the archetype's own dimensions. */
export async function addDeciding(database: Database, deciding: Deciding): Promise<void> {
  const { label, n, source, decides, takes, stored = false } = deciding;
  const real = source === 'user_behavioral';
  const dimensions = JSON.stringify(archetype(deciding.archetype).dimensions);
  const actors = sql`(
    select md5(${label}::text || i)::uuid as id from generate_series(1, ${n}::int) i) a`;
  if (!stored) {
    await database.batch([
      database.execute(sql`insert into users (id, subject) select a.id, ${label}::text || '|' || a.id from ${actors}`),
      database.execute(sql`insert into actor_keys (user_id, actor_key) select a.id, a.id from ${actors}`),
      database.execute(sql`
        insert into persona_dimensions (user_id, dimension, value, source)
        select a.id, d.key, d.value::float8, 'onboarding' from ${actors}, jsonb_each_text(${dimensions}::jsonb) d`),
    ]);
  }
  const context = JSON.stringify(stored ? { archetype: deciding.archetype } : {});
  await database.execute(sql`
    insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, context, weight, source, synthetic,
      model_version, counts, occurred_at)
    select gen_random_uuid(), a.id, case when v <= ${takes}::int then 'slot_accept' else 'slot_skip' end,
      ('00000000-0000-4000-8001-' || lpad(v::text, 12, '0'))::uuid, ${context}::jsonb, 1, ${source}, ${!real}, 'none', ${real}, now()
    from ${actors}, generate_series(1, ${decides}::int) v`);
}
