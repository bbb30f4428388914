/** Models and the work around them: registry, training jobs, simulation runs, experiments, what the LLM costs. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

export const modelRegistry = pgTable(
  'model_registry',
  {
    id: uuid().primaryKey(),
    modelName: text('model_name').notNull(),
    version: text().notNull(),
    /** Of the version's folder in the store of artifacts. */
    artifactPath: text('artifact_path'),
    trainingDate: timestamp('training_date', { withTimezone: true }),
    metrics: jsonb().$type<TrainingResult['metrics']>().notNull().default({}),
    lineage: text().array().notNull().default(sql`'{}'`),
    /** registered, shadow, canary, production or retired. */
    status: varchar({ length: 20 }).notNull(),
    promotedAt: timestamp('promoted_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('model_registry_name_version').on(t.modelName, t.version),
    // Invariant 4: at most one production version per model name.
    uniqueIndex('model_registry_one_production').on(t.modelName).where(sql`status = 'production'`),
  ],
);

/** How far a training is, as its trainer last told. */
export interface TrainingProgress {
  phase: 'data' | 'training' | 'storing';
  epoch?: number;
  epochs?: number;
  /** Mean of the epoch so far. */
  loss?: number;
  /** The last one; null before the first. */
  validation?: number | null;
}

/** What a training came to. */
export interface TrainingResult {
  version: string;
  artifact_path: string;
  metrics: Record<string, { value: number; interval: { lower: number; upper: number } | null }>;
  lineage: readonly string[];
}

export const trainingJobs = pgTable(
  'training_jobs',
  {
    id: uuid().primaryKey(),
    modelName: text('model_name').notNull(),
    /** As it was asked for; what it leaves out has the model's default. */
    config: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    seed: integer().notNull().default(1),
    /** What is kept for the test. */
    split: text().notNull().default('leave-one-out'),
    status: text().$type<'queued' | 'running' | 'done' | 'failed'>().notNull(),
    /** Leases that were not given back. */
    attempts: integer().notNull().default(0),
    /** Whose work counts: each lease has an id of its own. */
    lease: uuid(),
    leasedUntil: timestamp('leased_until', { withTimezone: true }),
    progress: jsonb().$type<TrainingProgress>(),
    /** Why it failed; of a job that is tried again, why it did the last time. */
    error: text(),
    result: jsonb().$type<TrainingResult>(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    startedAt: timestamp('started_at', { withTimezone: true }),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (t) => [index('training_jobs_status').on(t.status, t.createdAt)],
);

export const simulationRuns = pgTable('simulation_runs', {
  id: uuid().primaryKey(),
  config: jsonb().notNull(),
  seed: bigint({ mode: 'number' }).notNull(),
  codeRevision: text('code_revision').notNull(),
  lineage: text().notNull(),
  status: text().notNull(),
  metrics: jsonb(),
  startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
});

export const experiments = pgTable('experiments', {
  id: uuid().primaryKey(),
  name: text().notNull().unique(),
  config: jsonb().notNull(),
  status: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  startedAt: timestamp('started_at', { withTimezone: true }),
  endedAt: timestamp('ended_at', { withTimezone: true }),
});

export const experimentAssignments = pgTable(
  'experiment_assignments',
  {
    experimentId: uuid('experiment_id')
      .notNull()
      .references(() => experiments.id),
    actorKey: uuid('actor_key').notNull(),
    variant: text().notNull(),
    assignedAt: timestamp('assigned_at', { withTimezone: true }).notNull().defaultNow(),
    firstExposedAt: timestamp('first_exposed_at', { withTimezone: true }),
  },
  (t) => [primaryKey({ columns: [t.experimentId, t.actorKey] })],
);

export const llmUsage = pgTable(
  'llm_usage',
  {
    id: uuid().primaryKey(),
    model: text().notNull(),
    /** rank, narrate, prewarm, persona or extract. */
    path: text().notNull(),
    inputTokens: integer('input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    cacheReadTokens: integer('cache_read_tokens').notNull(),
    cacheWriteTokens: integer('cache_write_tokens').notNull(),
    /** Millionths of a US dollar. */
    costMicroUsd: bigint('cost_micro_usd', { mode: 'number' }).notNull(),
    /** ok, or why the answer could not be used. */
    outcome: text().notNull(),
    latencyMs: real('latency_ms').notNull(),
    requestId: text('request_id'),
    tripId: uuid('trip_id'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('llm_usage_created').on(t.createdAt), index('llm_usage_path').on(t.path, t.createdAt)],
);
