/** What the extraction reads of the log of behaviour: by `position`, a day (UTC, of storage) at a time, in pages. */
import { type SQL, sql } from 'drizzle-orm';
import { WARM_SIGNALS } from '../../core/persona/persona.ts';
import type { FullCandidateSet } from '../../core/ranking/candidate-log.ts';
import type { Database } from './client.ts';

/** How long writers may be held up, waiting for those before them. */
const LOCK_TIMEOUT = '5s';

/**
 * The highest position below which nothing can appear any more. Positions are taken before their transactions commit, so
 * all that write signals are waited for, and those that come wait for the length of one query.
 */
export async function settledPosition(database: Database): Promise<number> {
  const [, , read] = await database.batch([
    database.execute(sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`),
    database.execute(sql`lock table behavioral_signals in share mode`),
    database.execute<{ position: string }>(sql`select coalesce(max(position), 0) as position from behavioral_signals`),
  ]);
  return Number(read.rows[0]!.position);
}

export interface StoredDay {
  /** YYYY-MM-DD */
  day: string;
  signals: number;
  candidateSets: number;
  /** Its positions lie so thick that reading by position wastes little. */
  dense: boolean;
}

/** The days with rows after `from` and up to `to`, in order. */
export async function storedDays(database: Database, from: number, to: number): Promise<StoredDay[]> {
  const { rows } = await database.execute<{ day: string; n: number; sets: number; first: string; last: string }>(sql`
    select to_char((created_at at time zone 'UTC')::date, 'YYYY-MM-DD') as day, count(*)::int as n, count(*) filter (where signal_type = 'candidate_set_logged')::int as sets,
      min(position) as first, max(position) as last
    from behavioral_signals where position > ${from} and position <= ${to} group by (created_at at time zone 'UTC')::date order by 1`);
  return rows.map(({ day, n, sets, first, last }) => ({
    day,
    signals: n - sets,
    candidateSets: sets,
    dense: n * 10 > Number(last) - Number(first),
  }));
}

export interface PageOf {
  day: Pick<StoredDay, 'day' | 'dense'>;
  /** Positions after this one, up to `to`. */
  after: number;
  to: number;
  limit: number;
}

/**
 * Rows of a page, in the order of positions. Bulk loads come without statistics, so the planner is told which index serves:
 * that of positions where the day's rows lie thick, that of the times of storage where they are scattered.
 */
async function readPage<T>(database: Database, { day: { dense } }: PageOf, query: SQL): Promise<T[]> {
  if (!dense) return (await database.execute(query)).rows as T[];
  const [, { rows }] = await database.batch([
    database.execute(sql`select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`),
    database.execute(query),
  ]);
  return rows as T[];
}

function within({ day: { day, dense }, after, to }: PageOf): SQL {
  const position = dense ? sql`s.position` : sql`s.position + 0`;
  return sql`${position} > ${after} and ${position} <= ${to} and s.created_at >= ${day}::timestamp at time zone 'UTC'
    and s.created_at < (${day}::date + 1)::timestamp at time zone 'UTC'`;
}

export interface StoredSignal {
  position: string;
  id: string;
  actor_key: string;
  venue_id: string | null;
  signal_type: string;
  weight: number;
  source: string;
  synthetic: boolean;
  counts: boolean;
  model_version: string;
  /** Milliseconds since the epoch. */
  occurred: number;
  stored: number;
  trip_id: string | null;
  slot_id: string | null;
  context: Record<string, unknown>;
  /** The ranking that showed the venue: known before it happened, null where none was logged. */
  ranking_event_id: string | null;
  candidate_set_id: string | null;
  /** Of ranking or trip. */
  city_id: string | null;
}

const IS_UUID = sql.raw(`'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`);

/**
 * In the order of positions, without candidate sets. The ranking is the one that the signal names (its actor's own, or its
 * trip's), or that of its slot; of a slot that is gone, the last one of its trip, day and day part before it.
 */
export async function signalPage(database: Database, page: PageOf): Promise<StoredSignal[]> {
  const signals = await readPage<StoredSignal & { lost: boolean }>(
    database,
    page,
    sql`
    with page as materialized (
      select s.*, case when s.context ->> 'ranking_event_id' ~ ${IS_UUID}
        then (s.context ->> 'ranking_event_id')::uuid end as named
      from behavioral_signals s
      where ${within(page)} and s.signal_type <> 'candidate_set_logged'
      order by s.position limit ${page.limit}
    )
    select p.position, p.id, p.actor_key, p.activity_node_id as venue_id, p.signal_type, p.weight, p.source, p.synthetic,
      p.counts, p.model_version, date_part('epoch', p.occurred_at) * 1000 as occurred,
      date_part('epoch', p.created_at) * 1000 as stored, p.trip_id, p.slot_id, p.context, r.id as ranking_event_id,
      r.candidate_set_signal_id as candidate_set_id, coalesce(r.city_id, t.city_id) as city_id,
      p.slot_id is not null and p.trip_id is not null and r.id is null and i.id is null as lost
    from page p
    left join itinerary_slots i on i.id = p.slot_id
    left join ranking_events r on r.id = coalesce(p.named, i.ranking_event_id) and r.created_at <= p.occurred_at
      and (p.named is null or r.actor_key = p.actor_key or r.trip_id = p.trip_id)
    left join trips t on t.id = case when p.activity_node_id is null then p.trip_id end
    order by p.position`,
  );
  const lost = signals.filter((signal) => signal.lost);
  const found = await rankingsOfLostSlots(
    database,
    lost.map(({ id }) => id),
  );
  for (const signal of lost) Object.assign(signal, found.get(signal.id));
  return signals;
}

type RankingOfSignal = Pick<StoredSignal, 'ranking_event_id' | 'candidate_set_id' | 'city_id'>;

async function rankingsOfLostSlots(database: Database, ids: readonly string[]): Promise<Map<string, RankingOfSignal>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.execute<{ id: string } & Record<keyof RankingOfSignal, string | null>>(sql`
    select distinct on (s.id) s.id, r.id as ranking_event_id, r.candidate_set_signal_id as candidate_set_id, r.city_id
    from behavioral_signals s join ranking_events r on r.trip_id = s.trip_id
      and r.day_number = (s.context ->> 'day_of_trip')::numeric and r.day_part = s.context ->> 'day_part'
      and r.created_at <= s.occurred_at
    where s.id = any(${sql.param(ids)}::uuid[])
    order by s.id, r.created_at desc, r.id desc`);
  return new Map(rows.map(({ id, ...ranking }) => [id, ranking]));
}

export interface StoredRanking {
  id: string;
  actor: string;
  city: string;
  kind: string;
  day: number | null;
  part: string | null;
  version: string;
  source: string;
  /** Milliseconds since the epoch. */
  at: number;
  snapshot: Record<string, unknown>;
}

export interface StoredCandidateSet {
  position: string;
  id: string;
  trip_id: string | null;
  source: string;
  synthetic: boolean;
  set: FullCandidateSet;
  rankings: StoredRanking[];
}

/** In the order of positions, with the rankings that refer to them. */
export async function candidateSetPage(database: Database, page: PageOf): Promise<StoredCandidateSet[]> {
  return readPage<StoredCandidateSet>(
    database,
    page,
    sql`
    with page as (
      select s.position, s.id from behavioral_signals s
      where ${within(page)} and s.signal_type = 'candidate_set_logged'
      order by s.position limit ${page.limit}
    )
    select p.position, p.id, s.trip_id, s.source, s.synthetic, s.context -> 'full_candidate_set' as set,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', r.id, 'actor', r.actor_key, 'city', r.city_id, 'kind', r.kind,
          'day', r.day_number, 'part', r.day_part, 'version', r.model_version, 'source', r.source,
          'at', date_part('epoch', r.created_at) * 1000, 'snapshot', r.feature_snapshot) order by r.day_number, r.created_at, r.id)
        from ranking_events r where r.candidate_set_signal_id = p.id), '[]') as rankings
    from page p join behavioral_signals s on s.id = p.id
    order by p.position`,
  );
}

/** By id, without their scores, which are most of them; those that are not there are absent. */
export async function candidateSetsById(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, Omit<FullCandidateSet, 'scores'>>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.execute<{ id: string; set: Omit<FullCandidateSet, 'scores'> }>(sql`
    select id, (context -> 'full_candidate_set') - 'scores' as set from behavioral_signals
    where id = any(${sql.param(ids)}::uuid[]) and signal_type = 'candidate_set_logged'`);
  return new Map(rows.map(({ id, set }) => [id, set]));
}

/** The position of the signal that made each actor warm (invariant 8); those who are not warm are absent. */
export async function warmPositions(database: Database, actors: readonly string[]): Promise<Map<string, number>> {
  if (actors.length === 0) return new Map();
  const { rows } = await database.execute<{ actor_key: string; position: string | null }>(sql`
    select actor_key, (array_agg(position order by position))[${sql.raw(String(WARM_SIGNALS))}] as position
    from behavioral_signals where counts and actor_key = any(${sql.param(actors)}::uuid[]) group by actor_key`);
  return new Map(
    rows.flatMap((row) => (row.position === null ? [] : [[row.actor_key, Number(row.position)] as const])),
  );
}

/** City ids to slugs, venue ids to their cities' slugs. */
export async function placesOfAll(
  database: Database,
): Promise<{ cities: Map<string, string>; venues: Map<string, string> }> {
  const [cities, venues] = await database.batch([
    database.execute<{ id: string; slug: string }>(sql`select id, slug from cities`),
    database.execute<{ id: string; city_id: string }>(sql`select id, city_id from activity_nodes`),
  ]);
  const slugs = new Map(cities.rows.map(({ id, slug }) => [id, slug]));
  return { cities: slugs, venues: new Map(venues.rows.map((row) => [row.id, slugs.get(row.city_id)!])) };
}
