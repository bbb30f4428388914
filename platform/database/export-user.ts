/** All that Postgres holds on a person, but for the key that leads to their signals: it is of use to nobody else. */
import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';

type Row = Record<string, unknown>;

/** Tables whose rows bear the actor key. */
export const ACTOR_TABLES = [
  'behavioral_signals',
  'behavioral_sequences',
  'ranking_events',
  'pivot_events',
  'arbitration_events',
  'experiment_assignments',
  'experiment_exposures',
  'shadow_rankings',
] as const;
/** Tables whose rows bear the user's id. */
const OF_USER = ['persona_dimensions', 'trips', 'trip_members', 'idempotency_keys', 'dead_letters'] as const;

export interface UserExport {
  /** The row, with `persona_embedding` and `persona_embedding_before` as lists. */
  user: Row;
  /** By table: its rows, as they are. */
  tables: Record<(typeof ACTOR_TABLES)[number] | (typeof OF_USER)[number] | 'intention_signals', Row[]>;
}

/** One transaction, so that its parts agree. Null where the account was deleted. */
export async function exportUser(database: Database, userId: string): Promise<UserExport | null> {
  const actor = sql`(select actor_key from actor_keys where user_id = ${userId})`;
  const rowsOf = (table: string, where: ReturnType<typeof sql>) =>
    database.execute<{ rows: Row[] }>(sql`
      select coalesce(jsonb_agg(to_jsonb(r) - 'actor_key' - 'user_id'), '[]') as rows
      from ${sql.raw(table)} r where ${where}`);
  const [user, ...found] = await database.batch([
    database.execute<{ row: Row }>(sql`
      select to_jsonb(u) || jsonb_build_object('persona_embedding', u.persona_embedding::text::jsonb,
        'persona_embedding_before', u.persona_embedding_before::text::jsonb) as row
      from users u where id = ${userId} and deleted_at is null`),
    ...ACTOR_TABLES.map((table) => rowsOf(table, sql`r.actor_key = ${actor}`)),
    ...OF_USER.map((table) => rowsOf(table, sql`r.user_id = ${userId}`)),
    rowsOf(
      'intention_signals',
      sql`r.behavioral_signal_id in (select id from behavioral_signals where actor_key = ${actor})`,
    ),
  ]);
  const row = (user as unknown as { rows: { row: Row }[] }).rows[0]?.row;
  if (!row) return null;
  const names = [...ACTOR_TABLES, ...OF_USER, 'intention_signals'] as const;
  const tables = names.map((name, i) => [name, (found[i] as unknown as { rows: { rows: Row[] }[] }).rows[0]!.rows]);
  return { user: row, tables: Object.fromEntries(tables) };
}
