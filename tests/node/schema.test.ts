import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { uniqueViolation } from '../../platform/database/client.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { modelRegistry } from '../../platform/database/schema/index.ts';
import { database, databaseUrl } from './own-database.ts';

/** Table to column to type, `?` where it may be null. Changes only together with a migration: `vitest -u` writes it. */
const COMMITTED: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('../schema.json', import.meta.url), 'utf8'),
);

async function migratedSchema(): Promise<typeof COMMITTED> {
  const { rows } = await database.execute<{ table: string; column: string; type: string; nullable: boolean }>(sql`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
    order by 1, 2`);
  const tables: typeof COMMITTED = {};
  for (const { table, column, type, nullable } of rows) {
    tables[table] ??= {};
    tables[table][column] = nullable ? `${type}?` : type;
  }
  return tables;
}

describe('the migrated database', () => {
  it('has exactly the committed tables and columns', async () => {
    const schema = JSON.stringify(await migratedSchema(), null, 2);
    await expect(`${schema}\n`).toMatchFileSnapshot('../schema.json');
  });

  it('stays as it is when the migrations are applied again', async () => {
    const before = await migratedSchema();
    await applyMigrations(databaseUrl);
    expect(await migratedSchema()).toEqual(before);
  });
});

/** The data model of the ML implementation plan (seed 1) and the arbitration log of the ML architecture (seed 2). */
const SEEDS: Record<string, string[]> = {
  users: ['id', 'persona_embedding', 'onboarding_tags', 'created_at'],
  activity_nodes: [
    ...['id', 'city_id', 'name', 'vibe_embedding', 'vibe_tags', 'quality_signals', 'cross_ref_confidence'],
    ...['overrated_flag', 'source_tier'],
  ],
  trips: ['id', 'user_id', 'city_id', 'start_date', 'end_date', 'status'],
  itinerary_slots: [
    ...['id', 'trip_id', 'day_number', 'slot_order', 'activity_node_id', 'generated_narrative', 'model_version'],
  ],
  behavioral_signals: [
    'id',
    'user_id',
    'signal_type',
    'activity_node_id',
    'trip_id',
    'context',
    'weight',
    'created_at',
  ],
  model_registry: [
    ...['id', 'model_name', 'version', 'artifact_path', 'training_date', 'metrics', 'status', 'promoted_at'],
  ],
  scraped_posts: [
    ...['id', 'source', 'city_id', 'raw_text', 'activity_node_id', 'local_score', 'tourist_flag', 'processed_at'],
  ],
  places_api_cache: ['place_id', 'raw_response', 'refresh_due_at'],
  arbitration_events: [
    ...['id', 'user_id', 'trip_id', 'slot_id', 'ml_top3', 'llm_top3', 'arbitration_rule', 'served_activity'],
    ...['accepted', 'agreement_score', 'context_snapshot', 'occurred_at'],
  ],
};
/** Signals and arbitration carry an actor key: nothing in them leads back to the person (DESIGN.md, "Actor key"). */
const ANONYMOUS = ['behavioral_signals', 'arbitration_events'];

describe('the committed schema', () => {
  it.each(Object.entries(SEEDS))('has what the source documents ask of %s', (table, columns) => {
    const wanted = ANONYMOUS.includes(table)
      ? columns.map((name) => (name === 'user_id' ? 'actor_key' : name))
      : columns;
    expect(Object.keys(COMMITTED[table] ?? {})).toEqual(expect.arrayContaining(wanted));
  });

  it('has the types that they give', () => {
    expect(COMMITTED.users!.persona_embedding).toBe('vector(128)?');
    expect(COMMITTED.activity_nodes!.vibe_embedding).toBe('vector(64)?');
    expect(COMMITTED.activity_nodes!.vibe_tags).toBe('text[]');
    expect(COMMITTED.activity_nodes!.quality_signals).toBe('jsonb');
    expect(COMMITTED.arbitration_events!.ml_top3).toBe('uuid[]');
    expect(COMMITTED.arbitration_events!.llm_top3).toBe('uuid[]');
    expect(COMMITTED.arbitration_events!.arbitration_rule).toBe('character varying(50)');
  });

  it('leads from signals to people through the actor keys alone', () => {
    const tables = ['behavioral_signals', 'ranking_events', 'pivot_events', 'arbitration_events', 'intention_signals'];
    for (const table of [...tables, 'experiment_assignments']) {
      expect(Object.keys(COMMITTED[table]!), table).not.toContain('user_id');
    }
    expect(Object.keys(COMMITTED.actor_keys!).sort()).toEqual(['actor_key', 'created_at', 'user_id']);
  });

  it('has the tables that the design adds', () => {
    expect(Object.keys(COMMITTED)).toEqual(
      expect.arrayContaining([
        ...['cities', 'trip_members', 'ranking_events', 'pivot_events', 'intention_signals', 'persona_dimensions'],
        ...['quality_signals', 'training_jobs', 'simulation_runs', 'archetype_affinities', 'llm_usage', 'experiments'],
        ...['actor_keys', 'activity_node_versions', 'idempotency_keys'],
      ]),
    );
  });
});

describe('the model registry', () => {
  const version = (modelName: string, name: string, status: string) =>
    database.insert(modelRegistry).values({ id: uuidv7(), modelName, version: name, status });
  const refusal = (insert: PromiseLike<unknown>) =>
    Promise.resolve(insert).then(
      () => null,
      (error) => uniqueViolation(error)?.constraint,
    );

  it('takes one production version of a model, and refuses a second', async () => {
    await version('sasrec', '1', 'production');
    expect(await refusal(version('sasrec', '2', 'production'))).toBe('model_registry_one_production');
    await version('two-tower', '1', 'production');
  });

  it('takes any number of canary, shadow and retired versions beside it', async () => {
    await version('bpr', '1', 'production');
    for (const [i, status] of ['canary', 'canary', 'shadow', 'shadow', 'registered', 'retired', 'retired'].entries()) {
      await version('bpr', `beside-${i}`, status);
    }
  });

  it('refuses to make a canary the second production version, until the first has gone', async () => {
    await version('dlrm', '1', 'production');
    await version('dlrm', '2', 'canary');
    const turn = (name: string, status: string) =>
      database.execute(
        sql`update model_registry set status = ${status} where model_name = 'dlrm' and version = ${name}`,
      );
    expect(await refusal(turn('2', 'production'))).toBe('model_registry_one_production');
    await turn('1', 'retired');
    await turn('2', 'production');
  });

  it('has each version of a model once', async () => {
    await version('encoder', '1', 'shadow');
    expect(await refusal(version('encoder', '1', 'canary'))).toBe('model_registry_name_version');
  });
});
