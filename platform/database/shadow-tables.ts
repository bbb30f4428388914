/** How the rows of a shadow population go into their tables: the columns that rows bring, and what all rows share. */
import { type SQL, sql } from 'drizzle-orm';
import { SHADOW_TABLES, type ShadowRows, type ShadowTable } from './shadow-rows.ts';

interface TableShape<Table extends ShadowTable> {
  /** Column to its type, as rows bring them. */
  columns: Record<keyof ShadowRows[Table][number], string>;
  /** Column to an SQL expression, which may speak of `r`, the row, and of `lineage`. */
  shared: Readonly<Record<string, string>>;
}

const SHAPES: { [Table in ShadowTable]: TableShape<Table> } = {
  users: {
    columns: {
      id: 'uuid',
      subject: 'text',
      onboarding_tags: 'jsonb',
      persona_embedding: 'vector',
      persona_description: 'text',
      persona_version: 'text',
      created_at: 'timestamptz',
    },
    // Invariant 8: synthetic signals never count.
    shared: { counting_signals: '0', updated_at: 'r.created_at' },
  },
  actor_keys: { columns: { user_id: 'uuid', actor_key: 'uuid', created_at: 'timestamptz' }, shared: {} },
  persona_dimensions: {
    columns: { user_id: 'uuid', dimension: 'text', value: 'double precision', updated_at: 'timestamptz' },
    shared: { source: 'lineage' },
  },
  trips: {
    columns: {
      id: 'uuid',
      user_id: 'uuid',
      city_id: 'uuid',
      start_date: 'date',
      end_date: 'date',
      status: 'text',
      party_size: 'smallint',
      party_kind: 'text',
      budget_band: 'text',
      dimensions: 'jsonb',
      ranking: 'jsonb',
      created_at: 'timestamptz',
    },
    shared: { seq: '1', updated_at: 'r.created_at' },
  },
  trip_members: {
    columns: { trip_id: 'uuid', user_id: 'uuid', joined_at: 'timestamptz' },
    shared: { role: "'organiser'" },
  },
  behavioral_signals: {
    columns: {
      id: 'uuid',
      actor_key: 'uuid',
      signal_type: 'text',
      activity_node_id: 'uuid',
      trip_id: 'uuid',
      slot_id: 'uuid',
      context: 'jsonb',
      weight: 'real',
      model_version: 'text',
      occurred_at: 'timestamptz',
    },
    shared: { source: 'lineage', synthetic: 'true', counts: 'false', created_at: 'r.occurred_at' },
  },
  ranking_events: {
    columns: {
      id: 'uuid',
      actor_key: 'uuid',
      trip_id: 'uuid',
      city_id: 'uuid',
      kind: 'text',
      day_number: 'smallint',
      day_part: 'text',
      candidate_set_signal_id: 'uuid',
      model_version: 'text',
      feature_snapshot: 'jsonb',
      created_at: 'timestamptz',
    },
    shared: { source: 'lineage', cache: "'miss'", latency_ms: '0' },
  },
  itinerary_slots: {
    columns: {
      id: 'uuid',
      trip_id: 'uuid',
      day_number: 'smallint',
      slot_order: 'smallint',
      day_part: 'text',
      role: 'text',
      time_window: 'jsonb',
      score: 'real',
      activity_node_id: 'uuid',
      starts_at: 'timestamptz',
      ends_at: 'timestamptz',
      model_version: 'text',
      status: 'text',
      alternatives: 'jsonb',
      ranking_event_id: 'uuid',
      updated_at: 'timestamptz',
    },
    shared: { generated_narrative: "''", narrator_version: "'none'" },
  },
  pivot_events: {
    columns: {
      id: 'uuid',
      trip_id: 'uuid',
      slot_id: 'uuid',
      actor_key: 'uuid',
      trigger: 'text',
      mood: 'text',
      options: 'jsonb',
      response: 'text',
      option_id: 'uuid',
      created_at: 'timestamptz',
      expires_at: 'timestamptz',
      responded_at: 'timestamptz',
    },
    shared: { source: 'lineage', latency_ms: '0' },
  },
  intention_signals: {
    columns: {
      id: 'uuid',
      behavioral_signal_id: 'uuid',
      intention: 'text',
      confidence: 'real',
      created_at: 'timestamptz',
    },
    shared: { source: 'lineage' },
  },
};

/** Rows of one table, as JSON. */
export interface ShadowStatement {
  table: ShadowTable;
  rows: string;
}

/** Rows of one statement: its JSON stays well under what a request may hold. */
const ROWS_A_STATEMENT = 2500;

/** In the order in which they are to be inserted. */
export function statementsOf(rows: ShadowRows): ShadowStatement[] {
  return SHADOW_TABLES.flatMap((table) =>
    Array.from({ length: Math.ceil(rows[table].length / ROWS_A_STATEMENT) }, (_, page) => ({
      table,
      rows: JSON.stringify(rows[table].slice(page * ROWS_A_STATEMENT, (page + 1) * ROWS_A_STATEMENT)),
    })),
  );
}

/** `rows`: JSON, an array of the table's rows. Ids that are there already are a unique violation. */
export function insertRows({ table, rows }: ShadowStatement, lineage: string): SQL {
  const { columns, shared } = SHAPES[table];
  const names = Object.keys(columns);
  const record = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type}`);
  return sql.join([
    sql.raw(`insert into ${table} (${insertedColumns(table).map(quoted).join(', ')})
      select ${[...names.map((name) => `r.${quoted(name)}`), ...Object.values(shared)].join(', ')}
      from jsonb_to_recordset(`),
    sql`${rows}::jsonb) as r `,
    sql.raw(`(${record.join(', ')}), (select `),
    sql`${lineage}::text as lineage) l`,
  ]);
}

export function insertedColumns(table: ShadowTable): string[] {
  const { columns, shared } = SHAPES[table];
  return [...Object.keys(columns), ...Object.keys(shared)];
}

/** Postgres has words of its own among them (`trigger`, `value`). */
const quoted = (name: string) => `"${name}"`;
