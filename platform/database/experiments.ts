/** Experiments: what runs, and what has ended. */
import { and, desc, eq, gt, sql } from 'drizzle-orm';
import type { RunningExperiment } from '../../core/experiment/assignment.ts';
import { type StoredExperiment, storedExperiment } from '../../core/experiment/experiment.ts';
import type { Database, Queries, Transaction } from './client.ts';
import { experimentAssignments, experimentExposures, experiments } from './schema/index.ts';

export interface ExperimentRecord {
  id: string;
  name: string;
  status: 'running' | 'stopped' | 'concluded';
  config: StoredExperiment;
  startedAt: Date;
  endedAt: Date | null;
}

type Row = typeof experiments.$inferSelect;

function recordOf({ id, name, status, config, startedAt, createdAt, endedAt }: Row): ExperimentRecord {
  return {
    id,
    name,
    status: status as ExperimentRecord['status'],
    config: storedExperiment.parse(config),
    startedAt: startedAt ?? createdAt,
    endedAt,
  };
}

/** Those that travellers are assigned to now; at most one for each model's place. */
export async function runningExperiments(database: Queries): Promise<RunningExperiment[]> {
  const rows = await database
    .select()
    .from(experiments)
    .where(eq(experiments.status, 'running'))
    .orderBy(experiments.id);
  return rows.map(recordOf).map(({ id, config: { salt, place, variants } }) => ({ id, salt, place, variants }));
}

/** The next that runs after that id, in the order of ids. */
export async function nextRunning(database: Queries, after: string | null): Promise<ExperimentRecord | null> {
  const [row] = await database
    .select()
    .from(experiments)
    .where(and(eq(experiments.status, 'running'), after === null ? undefined : gt(experiments.id, after)))
    .orderBy(experiments.id)
    .limit(1);
  return row ? recordOf(row) : null;
}

export async function findExperiment(database: Queries, id: string): Promise<ExperimentRecord | null> {
  const [row] = await database.select().from(experiments).where(eq(experiments.id, id));
  return row ? recordOf(row) : null;
}

/** Newest first. */
export async function listExperiments(database: Queries, limit: number): Promise<ExperimentRecord[]> {
  const rows = await database
    .select()
    .from(experiments)
    .orderBy(desc(experiments.createdAt), desc(experiments.id))
    .limit(limit);
  return rows.map(recordOf);
}

/** The canary of that version, while it runs. */
export async function runningCanary(database: Queries, model: string): Promise<ExperimentRecord | null> {
  const rows = await database
    .select()
    .from(experiments)
    .where(and(eq(experiments.status, 'running'), sql`${experiments.config} ->> 'kind' = 'canary'`, usesModel(model)));
  return rows[0] ? recordOf(rows[0]) : null;
}

/** True where an experiment runs in that place. */
export async function placeTaken(database: Queries, place: string): Promise<boolean> {
  const found = await database.$count(experiments, and(eq(experiments.status, 'running'), atPlace(place)));
  return found > 0;
}

export async function insertExperiment(
  queries: Database | Transaction,
  { id, name, experiment, now }: { id: string; name?: string; experiment: StoredExperiment; now: Date },
): Promise<void> {
  await queries.insert(experiments).values({
    id,
    name: name ?? `${experiment.kind}/${experiment.variants.at(-1)!.model}/${id}`,
    config: experiment,
    status: 'running',
    createdAt: now,
    startedAt: now,
  });
}

export type Ended = NonNullable<StoredExperiment['ended']>;

/** False where it does not run. */
export async function endExperiment(
  queries: Queries,
  id: string,
  status: 'stopped' | 'concluded',
  ended: Ended,
  now: Date,
): Promise<boolean> {
  const rows = await queries
    .update(experiments)
    .set(endedColumns(status, ended, now))
    .where(and(eq(experiments.id, id), eq(experiments.status, 'running')))
    .returning({ id: experiments.id });
  return rows.length === 1;
}

/** All that run in the place, or with the version as a variant. */
export async function endExperiments(
  queries: Queries,
  of: { place?: string; model: string },
  ended: Ended,
  now: Date,
): Promise<void> {
  const concerned =
    of.place === undefined ? usesModel(of.model) : sql`(${atPlace(of.place)} or ${usesModel(of.model)})`;
  await queries
    .update(experiments)
    .set(endedColumns('stopped', ended, now))
    .where(and(eq(experiments.status, 'running'), concerned));
}

const endedColumns = (status: string, ended: Ended, now: Date) => ({
  status,
  endedAt: now,
  config: sql`${experiments.config} || ${JSON.stringify({ ended })}::jsonb`,
});

const atPlace = (place: string) => sql`${experiments.config} ->> 'place' = ${place}`;
const usesModel = (model: string) => sql`${experiments.config} -> 'variants' @> ${JSON.stringify([{ model }])}::jsonb`;

export interface Exposure {
  /** Of the ranking that was served; of a request that failed, an id of its own. */
  id: string;
  experimentId: string;
  actorKey: string;
  variant: string;
  /** Of the request's ranking; those of one trip share it. */
  latencyMs: number;
  /** The variant could not answer; another one did. */
  failed: boolean;
  occurredAt: Date;
}

/**
 * To be run in this order in the transaction of what was served, or after it. What is there already stays as it is. None
 * for no exposures.
 */
export function exposureInserts(queries: Database | Transaction, exposures: readonly Exposure[]) {
  if (exposures.length === 0) return [];
  const first = new Map<string, Exposure>();
  for (const one of exposures) {
    const key = `${one.experimentId}/${one.actorKey}`;
    const known = first.get(key);
    if (!known || one.occurredAt < known.occurredAt) first.set(key, one);
  }
  return [
    queries
      .insert(experimentAssignments)
      .values(
        [...first.values()].map(({ experimentId, actorKey, variant, occurredAt }) => {
          return { experimentId, actorKey, variant, assignedAt: occurredAt, firstExposedAt: occurredAt };
        }),
      )
      .onConflictDoUpdate({
        target: [experimentAssignments.experimentId, experimentAssignments.actorKey],
        set: { firstExposedAt: sql`least(${experimentAssignments.firstExposedAt}, excluded.first_exposed_at)` },
      }),
    queries
      .insert(experimentExposures)
      .values([...exposures])
      .onConflictDoNothing(),
  ];
}
