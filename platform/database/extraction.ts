/** What the extraction reads of the log of behaviour: by day (UTC, of storage) and `position`, in pages. */
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
  /** The days from the first to the last, both included. */
  from: string;
  until: string;
  /** Of one day alone. */
  dense: boolean;
  /** Positions after this one, up to `to`. */
  after: number;
  to: number;
  limit: number;
}

/**
 * Rows of a page, by day and position. Bulk loads come without statistics, so the planner is told which index serves: that
 * of positions where a day's rows lie thick, that of the times of storage where they are scattered.
 */
async function readPage<T>(database: Database, { dense }: PageOf, query: SQL): Promise<T[]> {
  if (!dense) return (await database.execute(query)).rows as T[];
  const [, { rows }] = await database.batch([
    database.execute(sql`select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`),
    database.execute(query),
  ]);
  return rows as T[];
}

function within({ from, until, dense, after, to }: PageOf): SQL {
  const position = dense ? sql`s.position` : sql`s.position + 0`;
  return sql`${position} > ${after} and ${position} <= ${to} and s.created_at >= ${from}::timestamp at time zone 'UTC'
    and s.created_at < (${until}::date + 1)::timestamp at time zone 'UTC'`;
}

const ordered = ({ dense }: PageOf, row: 's' | 'p') =>
  dense ? sql.raw(`${row}.position`) : sql.raw(`(${row}.created_at at time zone 'UTC')::date, ${row}.position`);

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
  /** Of its trip, where it names no venue. */
  city_id: string | null;
}

const text = (value: string) => value;
const orNull = (value: string) => value || null;
const yes = (value: string) => value === 'true';

/** How each column is written as text, and read from it; where it is null, the text is empty. */
const SIGNAL_COLUMNS = {
  position: ['p.position', text],
  id: ['p.id', text],
  actor_key: ['p.actor_key', text],
  venue_id: ['p.activity_node_id', orNull],
  signal_type: ['p.signal_type', text],
  weight: ['p.weight', Number],
  source: ['p.source', text],
  synthetic: ['p.synthetic', yes],
  counts: ['p.counts', yes],
  model_version: ['p.model_version', text],
  occurred: [`date_part('epoch', p.occurred_at) * 1000`, Number],
  stored: [`date_part('epoch', p.created_at) * 1000`, Number],
  trip_id: ['p.trip_id', orNull],
  slot_id: ['p.slot_id', orNull],
  context: ['p.context', JSON.parse],
  city_id: ['t.city_id', orNull],
} as const satisfies Record<keyof StoredSignal, readonly [string, (value: string) => unknown]>;

const COLUMN_NAMES = Object.keys(SIGNAL_COLUMNS) as (keyof typeof SIGNAL_COLUMNS)[];
/** In no text of these columns: JSON escapes it, and the others are words. */
const SEPARATOR = '\u001f';
const AS_TEXTS = sql.raw(
  COLUMN_NAMES.map((name) => {
    const [column] = SIGNAL_COLUMNS[name];
    return `string_agg(coalesce((${column})::text, ''), E'\\x1f') as ${name}`;
  }).join(', '),
);

/**
 * Without candidate sets. A page comes as one row, a text a column: of thousands of rows, the values one by one cost more
 * than the query.
 */
export async function signalPage(database: Database, page: PageOf): Promise<StoredSignal[]> {
  const [columns] = await readPage<Record<keyof StoredSignal, string | null>>(
    database,
    page,
    sql`
    with page as (
      select * from behavioral_signals s
      where ${within(page)} and s.signal_type <> 'candidate_set_logged'
      order by ${ordered(page, 's')} limit ${page.limit}
    )
    select ${AS_TEXTS}
    from page p left join trips t on t.id = case when p.activity_node_id is null then p.trip_id end`,
  );
  if (!columns || columns.position === null) return [];
  const texts = COLUMN_NAMES.map((name) => columns[name]!.split(SEPARATOR));
  const signals = texts[0]!.map((_, i) => {
    const signal: Record<string, unknown> = {};
    for (let c = 0; c < COLUMN_NAMES.length; c++) {
      const name = COLUMN_NAMES[c]!;
      signal[name] = SIGNAL_COLUMNS[name][1](texts[c]![i]!);
    }
    return signal as unknown as StoredSignal;
  });
  // An aggregate takes rows as they come from the join.
  return signals.sort((a, b) => dayNumber(a) - dayNumber(b) || Number(a.position) - Number(b.position));
}

const dayNumber = ({ stored }: { stored: number }) => Math.floor(stored / 86_400_000);

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
  /** Milliseconds since the epoch. */
  stored: number;
  trip_id: string | null;
  source: string;
  synthetic: boolean;
  set: FullCandidateSet;
  rankings: StoredRanking[];
}

/** A row that says nothing of candidates had none: one damaged row is not to stop every night's extraction. */
const setOf = (context: SQL) =>
  sql`coalesce(${context} -> 'full_candidate_set', '{"v": 1, "venue_ids": [], "rankings": [], "scores": []}')`;

/** With the rankings that refer to them. */
export async function candidateSetPage(database: Database, page: PageOf): Promise<StoredCandidateSet[]> {
  return readPage<StoredCandidateSet>(
    database,
    page,
    sql`
    with page as (
      select s.position, s.id, s.created_at from behavioral_signals s
      where ${within(page)} and s.signal_type = 'candidate_set_logged'
      order by ${ordered(page, 's')} limit ${page.limit}
    )
    select p.position, p.id, date_part('epoch', p.created_at) * 1000 as stored, s.trip_id, s.source, s.synthetic, ${setOf(sql`s.context`)} as set,
      coalesce((
        select json_agg(json_build_object('id', r.id, 'actor', r.actor_key, 'city', r.city_id, 'kind', r.kind,
          'day', r.day_number, 'part', r.day_part, 'version', r.model_version, 'source', r.source,
          'at', date_part('epoch', r.created_at) * 1000, 'snapshot', r.feature_snapshot) order by r.day_number, r.created_at, r.id)
        from ranking_events r where r.candidate_set_signal_id = p.id), '[]') as rankings
    from page p join behavioral_signals s on s.id = p.id
    order by ${ordered(page, 'p')}`,
  );
}

/** By id, without their scores, which are most of them; those that are not there are absent. */
export async function candidateSetsById(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, Omit<FullCandidateSet, 'scores'>>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.execute<{ id: string; set: Omit<FullCandidateSet, 'scores'> }>(sql`
    select id, ${setOf(sql`context`)} - 'scores' as set from behavioral_signals
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
