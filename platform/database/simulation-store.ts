/** A calibrated run of the agent simulation in the database: all of it or nothing, and once. */
import { type SQL, sql } from 'drizzle-orm';
import type { Calibration } from '../../core/arbitration/calibration.ts';
import type { SignalType } from '../../core/signal/signal.ts';
import type { Database, Transaction } from './client.ts';

/** What `simulation_runs.config` says of such a run, before the rest. */
const KIND = 'agent-simulation';

export interface SimulatedSignal {
  id: string;
  actor_key: string;
  signal_type: SignalType;
  activity_node_id: string;
  trip_id: string;
  /** With archetype, persona snapshot and run id: there is no user to look these up by. */
  context: Record<string, unknown>;
  weight: number;
  source: string;
  model_version: string;
  /** ISO 8601. */
  occurred_at: string;
}

export interface StoredAffinity {
  archetype_id: string;
  activity_node_id: string;
  affinity: number;
  observations: number;
  accepted: number;
}

export interface StoredPrior {
  archetype_id: string;
  dimension: string;
  value: number;
  deviation: number;
  travellers: number;
}

export interface SimulationToStore {
  /** Names the content: a run that is there is left as it is. */
  id: string;
  config: Record<string, unknown>;
  metrics: Record<string, unknown>;
  seed: number;
  codeRevision: string;
  /** Of the decisions that priors and affinities were learned from. */
  lineage: string;
  /** ISO 8601. */
  startedAt: string;
  finishedAt: string;
  /** Those of which it has something to say: what the same source said of them before is replaced. */
  archetypes: readonly string[];
  /** In batches. */
  signals: AsyncIterable<readonly SimulatedSignal[]>;
  affinities: readonly StoredAffinity[];
  priors: readonly StoredPrior[];
  /** Null where no archetype has a threshold. */
  calibration: Calibration | null;
}

/** Rows written, table by table; null where the run was there already. */
export async function storeSimulation(
  database: Database,
  run: SimulationToStore,
  now: Date,
): Promise<Record<string, number> | null> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${KIND}))`);
    const { rows: entered } = await tx.execute(sql`
      insert into simulation_runs (id, config, seed, code_revision, lineage, status, metrics, started_at, finished_at)
      values (${run.id}, ${JSON.stringify({ kind: KIND, ...run.config })}::jsonb, ${run.seed}, ${run.codeRevision}, ${run.lineage},
        'done', ${JSON.stringify(run.metrics)}::jsonb, ${run.startedAt}, ${run.finishedAt})
      on conflict (id) do nothing returning id`);
    if (entered.length === 0) return null;
    let signals = 0;
    for await (const batch of run.signals) {
      await insertSignals(tx, batch, now);
      signals += batch.length;
    }
    await replaceLearned(tx, run, now);
    if (run.calibration) {
      const { lineage } = run.calibration;
      await tx.execute(sql`
        insert into arbitration_calibrations (id, run_id, lineage, calibration, created_at)
        values (${run.id}, ${run.id}, ${sql.param(lineage)}::text[], ${JSON.stringify(run.calibration)}::jsonb, ${now.toISOString()})`);
    }
    return {
      simulation_runs: 1,
      behavioral_signals: signals,
      archetype_affinities: run.affinities.length,
      persona_priors: run.priors.length,
      arbitration_calibrations: run.calibration ? 1 : 0,
    };
  });
}

/** Invariant 8: they never count. */
function insertSignals(tx: Transaction, batch: readonly SimulatedSignal[], now: Date): Promise<unknown> {
  return tx.execute(sql`
    insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, trip_id, context, weight, source, synthetic,
      model_version, counts, occurred_at, created_at)
    select id, actor_key, signal_type, activity_node_id, trip_id, context, weight, source, true, model_version, false,
      occurred_at, ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as r (id uuid, actor_key uuid, signal_type text,
      activity_node_id uuid, trip_id uuid, context jsonb, weight real, source text, model_version text, occurred_at timestamptz)`);
}

async function replaceLearned(tx: Transaction, run: SimulationToStore, now: Date): Promise<void> {
  const { id, lineage, archetypes, affinities, priors } = run;
  const shared = sql`${lineage}, ${id}::uuid, ${now.toISOString()}::timestamptz`;
  const theirs: SQL = sql`source = ${lineage} and archetype_id = any(${sql.param([...archetypes])}::text[])`;
  await tx.execute(sql`delete from archetype_affinities where ${theirs}`);
  await tx.execute(sql`
    insert into archetype_affinities (archetype_id, activity_node_id, affinity, observations, accepted, source, run_id, updated_at)
    select archetype_id, activity_node_id, affinity, observations, accepted, ${shared}
    from jsonb_to_recordset(${JSON.stringify(affinities)}::jsonb) as r (archetype_id text, activity_node_id uuid, affinity real,
      observations int, accepted int)`);
  await tx.execute(sql`delete from persona_priors where ${theirs}`);
  await tx.execute(sql`
    insert into persona_priors (archetype_id, dimension, value, deviation, travellers, source, run_id, updated_at)
    select archetype_id, dimension, value, deviation, travellers, ${shared}
    from jsonb_to_recordset(${JSON.stringify(priors)}::jsonb) as r (archetype_id text, dimension text, value float8,
      deviation float8, travellers int)`);
}

/**
 * What a run speaks of and the database does not hold, in words; empty where all is there.
 * @param catalogues version by city slug
 */
export async function catalogueGaps(
  database: Database,
  catalogues: Readonly<Record<string, string>>,
  venueIds: readonly string[],
): Promise<string[]> {
  const [cities, venues] = await database.batch([
    database.execute<{ slug: string; version: string }>(
      sql`select slug, catalogue_version as version from cities where slug = any(${sql.param(Object.keys(catalogues))}::text[])`,
    ),
    database.execute<{ id: string }>(sql`
      select v.id from jsonb_array_elements_text(${JSON.stringify(venueIds)}::jsonb) as v (id)
      where not exists (select from activity_nodes a where a.id = v.id::uuid) order by 1`),
  ]);
  const stored = new Map(cities.rows.map(({ slug, version }) => [slug, version]));
  const gaps = Object.entries(catalogues).flatMap(([slug, version]) => {
    const found = stored.get(slug);
    if (found === version) return [];
    return [found === undefined ? `the city ${slug} is missing` : `${slug} has catalogue ${found}, the run ${version}`];
  });
  const missing = venues.rows.map(({ id }) => id);
  if (missing.length === 0) return gaps;
  const named = missing.slice(0, 3).join(', ');
  return [...gaps, `${missing.length} venues are missing: ${named}${missing.length > 3 ? ', ...' : ''}`];
}
