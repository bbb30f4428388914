/** Models and the work around them: registry, training jobs, simulation runs, experiments, what the LLM costs. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
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
    /** Since when it has been scored beside what serves, without a break. */
    shadowSince: timestamp('shadow_since', { withTimezone: true }),
    canarySince: timestamp('canary_since', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('model_registry_name_version').on(t.modelName, t.version),
    // Invariant 4: at most one production version per model name.
    uniqueIndex('model_registry_one_production').on(t.modelName).where(sql`status = 'production'`),
  ],
);

/** Each change of a version's status, in its transaction: who became what, why, and what the gate said. */
export const modelTransitions = pgTable(
  'model_transitions',
  {
    id: uuid().primaryKey(),
    modelName: text('model_name').notNull(),
    version: text().notNull(),
    fromStatus: varchar('from_status', { length: 20 }).notNull(),
    toStatus: varchar('to_status', { length: 20 }).notNull(),
    /** An operator's subject, or the job that did it. */
    actor: text().notNull(),
    reason: text(),
    gate: jsonb().$type<Record<string, unknown>>(),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('model_transitions_model').on(t.modelName, t.occurredAt)],
);

/** What a version in shadow would have ranked, beside the ranking that was served. */
export const shadowRankings = pgTable(
  'shadow_rankings',
  {
    id: uuid().primaryKey(),
    rankingEventId: uuid('ranking_event_id').notNull(),
    actorKey: uuid('actor_key').notNull(),
    tripId: uuid('trip_id'),
    modelName: text('model_name').notNull(),
    version: text().notNull(),
    /** Venue ids, best first: all candidates. */
    ranked: uuid().array().notNull(),
    /** Of `ranked`. */
    scores: real().array().notNull(),
    /** Of the version's run; those of one trip share it. */
    latencyMs: real('latency_ms').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    unique('shadow_rankings_event_version').on(t.rankingEventId, t.modelName, t.version),
    index('shadow_rankings_version').on(t.modelName, t.version, t.createdAt),
    index('shadow_rankings_actor').on(t.actorKey),
  ],
);

/** The rules of the arbiter that are not as the configuration has them. */
export const arbitrationRules = pgTable('arbitration_rules', {
  rule: varchar({ length: 50 }).primaryKey(),
  enabled: boolean().notNull(),
  reason: text(),
  /** The numbers that it was switched off for. */
  evidence: jsonb().$type<Record<string, unknown>>(),
  /** An operator's subject, or the job that did it. */
  changedBy: text('changed_by').notNull(),
  changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
});

/** Thresholds of the arbiter by archetype, from a run of the simulation; the latest one that may load does. */
export const arbitrationCalibrations = pgTable(
  'arbitration_calibrations',
  {
    id: uuid().primaryKey(),
    runId: uuid('run_id').notNull(),
    /** Of the decisions that it rests on; what stand-ins or built-in agents decided loads in development alone. */
    lineage: text().array().notNull(),
    /** What replaces values of the configuration, with what it was measured from. */
    calibration: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('arbitration_calibrations_created').on(t.createdAt)],
);

/** How far real travellers have replaced the simulated ones, a row a nightly review. */
export const syntheticReviews = pgTable(
  'synthetic_reviews',
  {
    id: uuid().primaryKey(),
    /** Real travellers who decided on anything; of them, those with three trips or more. */
    realUsers: integer('real_users').notNull(),
    seasonedUsers: integer('seasoned_users').notNull(),
    phase: text().notNull(),
    /** Acceptance by archetype, real against simulated; null below the number at which they are compared. */
    comparison: jsonb().$type<Record<string, unknown>>(),
    reviewedAt: timestamp('reviewed_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('synthetic_reviews_at').on(t.reviewedAt)],
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

/** Who was shown what by which variant, a row a served ranking. */
export const experimentExposures = pgTable(
  'experiment_exposures',
  {
    /** Of the ranking that was served, or of the request that failed. */
    id: uuid().primaryKey(),
    experimentId: uuid('experiment_id')
      .notNull()
      .references(() => experiments.id),
    actorKey: uuid('actor_key').notNull(),
    variant: text().notNull(),
    latencyMs: real('latency_ms').notNull(),
    /** The variant could not answer; another one did. */
    failed: boolean().notNull().default(false),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    index('experiment_exposures_experiment').on(t.experimentId, t.occurredAt),
    index('experiment_exposures_actor').on(t.actorKey),
  ],
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
