/** Tables that are extracted whole, a month (UTC) at a time: it is read again when its rows are no longer the same. */
import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';

export const DATED_TABLES = ['venues', 'pivots', 'arbitration'] as const;
export type DatedTable = (typeof DATED_TABLES)[number];

const utc = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM')`;
const epoch = (column: string) => `date_part('epoch', ${column}) * 1000`;

interface Definition {
  from: string;
  /** The month of a row, UTC: YYYY-MM. */
  month: string;
  /** Unique; text, so that pages of all tables are cut alike. */
  key: string;
  columns: string;
}

const TABLES: Record<DatedTable, Definition> = {
  venues: {
    from: 'activity_node_versions v join activity_nodes n on n.id = v.activity_node_id join cities c on c.id = n.city_id',
    month: utc('v.recorded_at'),
    key: `v.activity_node_id || '/' || lpad(v.version::text, 10, '0')`,
    columns: `v.activity_node_id as venue_id, v.version, c.slug as city, v.catalogue_version,
      ${epoch('v.recorded_at')} as valid_from, v.record::text as record`,
  },
  pivots: {
    from: 'pivot_events v',
    month: utc('v.created_at'),
    key: 'v.id::text',
    columns: `v.id as pivot_id, v.trip_id, v.slot_id, v.actor_key, v.trigger, v.mood, v.source, v.options::text as options,
      v.response, v.option_id, v.latency_ms, ${epoch('v.created_at')} as created_at, ${epoch('v.expires_at')} as expires_at,
      ${epoch('v.responded_at')} as responded_at`,
  },
  arbitration: {
    from: 'arbitration_events v',
    month: utc('v.occurred_at'),
    key: 'v.id::text',
    columns: `v.id as arbitration_id, v.actor_key, v.trip_id, v.slot_id, to_jsonb(v.ml_top3)::text as ml_top3,
      to_jsonb(v.llm_top3)::text as llm_top3, v.arbitration_rule, v.served_activity, v.accepted, v.agreement_score,
      v.context_snapshot::text as context_snapshot, ${epoch('v.occurred_at')} as occurred_at`,
  },
};

/** Each month with what tells whether any of its rows has changed. */
export async function tableMonths(
  database: Database,
  table: DatedTable,
): Promise<{ month: string; fingerprint: string }[]> {
  const { from, month } = TABLES[table];
  const { rows } = await database.execute<{ month: string; fingerprint: string }>(
    sql.raw(`select ${month} as month, count(*) || '/' || sum(hashtextextended(v::text, 0)) as fingerprint
      from ${from} group by 1 order by 1`),
  );
  return rows;
}

/** Rows of a month after the key `after`, in the order of their keys, each with its `key`. */
export async function tablePage(
  database: Database,
  table: DatedTable,
  month: string,
  after: string,
  limit: number,
): Promise<(Record<string, unknown> & { key: string })[]> {
  const of = TABLES[table];
  const { rows } = await database.execute<Record<string, unknown> & { key: string }>(sql`
    select ${sql.raw(of.key)} as key, ${sql.raw(of.columns)} from ${sql.raw(of.from)}
    where ${sql.raw(of.month)} = ${month} and ${sql.raw(of.key)} > ${after} order by 1 limit ${limit}`);
  return rows;
}
