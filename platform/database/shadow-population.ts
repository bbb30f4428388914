/** The shadow population in the database: its run, its travellers, what they left behind, and the sums over all of it. */
import { type SQL, sql } from 'drizzle-orm';
import { SHADOW_SUBJECT_PREFIX } from '../../core/persona/shadow-subject.ts';
import type { Database, Queries } from './client.ts';
import { simulationRuns } from './schema/index.ts';
import { SHADOW_TABLES, type ShadowTable } from './shadow-rows.ts';
import { insertedColumns, insertRows, type ShadowStatement } from './shadow-tables.ts';

/** What `simulation_runs.config` says of the run of a population, before its settings. */
const KIND = 'shadow-population';

const IS_SHADOW = sql.raw(`subject like '${SHADOW_SUBJECT_PREFIX}%'`);

export interface ShadowRun {
  id: string;
  settings: Record<string, unknown>;
  status: 'running' | 'done';
  metrics: Record<string, unknown> | null;
}

/** There is one population at most; null where there is none. */
export async function findShadowRun(database: Queries): Promise<ShadowRun | null> {
  const [run] = await database
    .select()
    .from(simulationRuns)
    .where(sql`${simulationRuns.config} ->> 'kind' = ${KIND}`)
    .limit(1);
  if (!run) return null;
  const { settings } = run.config as Pick<ShadowRun, 'settings'>;
  return {
    id: run.id,
    settings,
    status: run.status as ShadowRun['status'],
    metrics: run.metrics as ShadowRun['metrics'],
  };
}

export interface NewShadowRun {
  id: string;
  seed: number;
  settings: Record<string, unknown>;
  lineage: string;
  codeRevision: string;
  now: Date;
}

/**
 * Enters the run, unless there is one already: one population at most, whoever comes second. Answers the one that is
 * there now.
 */
export async function startShadowRun(database: Database, run: NewShadowRun): Promise<ShadowRun> {
  const { id, seed, settings, lineage, codeRevision, now } = run;
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${KIND}))`);
    const found = await findShadowRun(tx);
    if (found) return found;
    await tx.execute(sql`
      insert into simulation_runs (id, config, seed, code_revision, lineage, status, started_at)
      values (${id}, ${JSON.stringify({ kind: KIND, settings })}::jsonb, ${seed}, ${codeRevision}, ${lineage}, 'running',
        ${now.toISOString()})`);
    return { id, settings, status: 'running', metrics: null };
  });
}

export async function finishShadowRun(
  database: Queries,
  id: string,
  metrics: Record<string, unknown>,
  now: Date,
): Promise<void> {
  await database.execute(sql`
    update simulation_runs set status = 'done', metrics = ${JSON.stringify(metrics)}::jsonb, finished_at = ${now.toISOString()}
    where id = ${id}`);
}

/** Which of these travellers are there: each came with all that is theirs, in one transaction. */
export async function storedTravellers(database: Database, userIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await database.execute<{ id: string }>(sql`
    select id from users where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(userIds)}::jsonb))`);
  return new Set(rows.map(({ id }) => id));
}

/**
 * All of some travellers, in one transaction. Throws a unique violation where any of them is there: nothing is looked up
 * row by row, which would take a third longer.
 */
export async function storeShadowRows(
  database: Database,
  statements: readonly ShadowStatement[],
  lineage: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    for (const statement of statements) await tx.execute(insertRows(statement, lineage));
  });
}

const SHADOW_USERS = sql`select id from users where ${IS_SHADOW}`;
const SHADOW_ACTORS = sql`select actor_key from actor_keys where user_id in (${SHADOW_USERS})`;
const SHADOW_TRIPS = sql`select id from trips where user_id in (${SHADOW_USERS})`;

/** The rows of each table that are the population's, by their place in `t`. */
const OWN_ROWS: Record<ShadowTable, SQL> = {
  users: sql`t.id in (${SHADOW_USERS})`,
  actor_keys: sql`t.user_id in (${SHADOW_USERS})`,
  persona_dimensions: sql`t.user_id in (${SHADOW_USERS})`,
  trips: sql`t.user_id in (${SHADOW_USERS})`,
  trip_members: sql`t.user_id in (${SHADOW_USERS})`,
  behavioral_signals: sql`t.actor_key in (${SHADOW_ACTORS})`,
  ranking_events: sql`t.actor_key in (${SHADOW_ACTORS})`,
  itinerary_slots: sql`t.trip_id in (${SHADOW_TRIPS})`,
  pivot_events: sql`t.actor_key in (${SHADOW_ACTORS})`,
  intention_signals: sql`t.behavioral_signal_id in (
    select id from behavioral_signals where actor_key in (${SHADOW_ACTORS}))`,
};

/** What identifies a row, and orders a table. */
const KEYS: Partial<Record<ShadowTable, string>> = {
  actor_keys: 't.user_id',
  persona_dimensions: 't.user_id, t.dimension',
  trip_members: 't.trip_id, t.user_id',
};

/** Rows of the whole population, table by table. */
export async function countShadowRows(database: Database): Promise<Record<ShadowTable, number>> {
  const counts = {} as Record<ShadowTable, number>;
  for (const table of SHADOW_TABLES) {
    const { rows } = await database.execute<{ n: number }>(
      sql`select count(*)::int as n from ${sql.raw(table)} t where ${OWN_ROWS[table]}`,
    );
    counts[table] = rows[0]!.n;
  }
  return counts;
}

// A type, for rows are records.
export type TableSum = {
  rows: number;
  /** SHA-256 over the rows in the order of their keys, of all columns but those that tell when a row came; hexadecimal. */
  sha256: string;
};

/** Counts and content of the whole population, table by table. */
export async function sumShadowTables(database: Database): Promise<Record<ShadowTable, TableSum>> {
  const sums = {} as Record<ShadowTable, TableSum>;
  for (const table of SHADOW_TABLES) {
    // `position` goes by when a row was inserted.
    const { rows } = await database.execute<TableSum>(sql`
      select count(*)::int as rows, encode(sha256(coalesce(string_agg(
        sha256(convert_to((to_jsonb(t) - 'position')::text, 'UTF8')), ''::bytea
        order by ${sql.raw(KEYS[table] ?? 't.id')}), ''::bytea)), 'hex') as sha256
      from ${sql.raw(table)} t where ${OWN_ROWS[table]}`);
    sums[table] = rows[0]!;
  }
  return sums;
}

/** Takes the next travellers of a population out, each with all that is theirs; answers how many are left. */
export async function deleteShadowTravellers(database: Database, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ user_id: string; actor_key: string }>(sql`
      select u.id as user_id, k.actor_key from users u left join actor_keys k on k.user_id = u.id
      where ${sql.raw(`u.subject like '${SHADOW_SUBJECT_PREFIX}%'`)} order by u.id limit ${limit}`);
    if (rows.length === 0) return 0;
    const actors = anyOf(rows.flatMap(({ actor_key }) => actor_key ?? []));
    const people = anyOf(rows.map(({ user_id }) => user_id));
    await tx.execute(sql`
      delete from intention_signals i using behavioral_signals s
      where s.id = i.behavioral_signal_id and s.actor_key = ${actors}`);
    for (const table of ['ranking_events', 'behavioral_signals', 'pivot_events', 'behavioral_sequences']) {
      await tx.execute(sql`delete from ${sql.raw(table)} where actor_key = ${actors}`);
    }
    // Slots, members, dimensions and keys go with them.
    await tx.execute(sql`delete from trips where user_id = ${people}`);
    await tx.execute(sql`delete from users where id = ${people}`);
    const { rows: left } = await tx.execute<{ n: number }>(
      sql`select count(*)::int as n from users where ${IS_SHADOW}`,
    );
    return left[0]!.n;
  });
}

const anyOf = (ids: readonly string[]) =>
  sql`any(array(select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)))`;

/** After the last of its travellers. */
export async function deleteShadowRun(database: Queries): Promise<void> {
  await database.execute(sql`delete from simulation_runs where config ->> 'kind' = ${KIND}`);
}

/** Wide columns that no query searches by: to sample them takes longer than all the others together. */
const NOT_ANALYZED: ReadonlySet<string> = new Set(['context', 'feature_snapshot', 'persona_embedding', 'alternatives']);

/** So that queries know what has come: the embedded database does not look by itself. */
export async function analyzeShadowTables(database: Queries): Promise<void> {
  const tables = SHADOW_TABLES.map((table) => {
    const columns = insertedColumns(table).filter((name) => !NOT_ANALYZED.has(name));
    return `${table} (${columns.map((name) => `"${name}"`).join(', ')})`;
  });
  await database.execute(sql.raw(`analyze ${tables.join(', ')}`));
}
