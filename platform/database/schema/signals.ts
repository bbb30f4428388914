/** What travellers did and what they were shown. These rows carry an actor key, never a user id (invariant 7). */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

export const behavioralSignals = pgTable(
  'behavioral_signals',
  {
    id: uuid().primaryKey(),
    actorKey: uuid('actor_key').notNull(),
    signalType: text('signal_type').notNull(),
    activityNodeId: uuid('activity_node_id'),
    tripId: uuid('trip_id'),
    slotId: uuid('slot_id'),
    context: jsonb().notNull().default({}),
    weight: real().notNull(),
    source: text().notNull(),
    synthetic: boolean().notNull().default(false),
    modelVersion: text('model_version').notNull(),
    /** One of those that make the actor warm (invariant 8): of several alike, only the first is. */
    counts: boolean().notNull().default(false),
    /** In the order of insertion; of one actor's signals that came through the queue, also in the order of commits. */
    position: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    // Without a slot, the trip stands in for it; nulls would all be different.
    uniqueIndex('behavioral_signals_counts_once')
      .on(
        t.actorKey,
        t.signalType,
        sql`coalesce("slot_id", "trip_id", '00000000-0000-0000-0000-000000000000'::uuid)`,
        sql`coalesce("activity_node_id", '00000000-0000-0000-0000-000000000000'::uuid)`,
      )
      .where(sql`"counts"`),
    index('behavioral_signals_actor').on(t.actorKey, t.occurredAt),
    index('behavioral_signals_actor_position').on(t.actorKey, t.position),
    // What has come since a position: extraction goes by it.
    uniqueIndex('behavioral_signals_position').on(t.position),
    index('behavioral_signals_trip').on(t.tripId),
    index('behavioral_signals_created').on(t.createdAt, t.id),
    index('behavioral_signals_node_type').on(t.activityNodeId, t.signalType),
  ],
);

export interface SequenceEntry {
  venue_id: string;
  accepted: boolean;
  /** The signal's type. */
  type: string;
  /** ISO 8601, UTC. */
  at: string;
}

/** What an actor took and refused, in the order in which they did: what sequence models read. */
export const behavioralSequences = pgTable('behavioral_sequences', {
  actorKey: uuid('actor_key').primaryKey(),
  /** The latest, oldest first. */
  sequence: jsonb().$type<SequenceEntry[]>().notNull(),
  /** The persona has learned from the actor's signals up to this `position`. */
  learnedTo: bigint('learned_to', { mode: 'number' }).notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
});

export const rankingEvents = pgTable(
  'ranking_events',
  {
    id: uuid().primaryKey(),
    actorKey: uuid('actor_key').notNull(),
    tripId: uuid('trip_id'),
    cityId: uuid('city_id').notNull(),
    kind: text().notNull(),
    dayNumber: smallint('day_number'),
    dayPart: text('day_part'),
    /** The `candidate_set_logged` row that holds the candidates, their scores and propensities (invariant 1). */
    candidateSetSignalId: uuid('candidate_set_signal_id')
      .notNull()
      .references(() => behavioralSignals.id),
    source: text().notNull(),
    modelVersion: text('model_version').notNull(),
    cache: text().notNull(),
    fallback: text(),
    fallbackReason: text('fallback_reason'),
    /** Versioned snapshot of persona, context and catalogue at the decision. */
    featureSnapshot: jsonb('feature_snapshot').notNull(),
    latencyMs: real('latency_ms').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('ranking_events_trip').on(t.tripId, t.dayNumber),
    index('ranking_events_created').on(t.createdAt, t.id),
    index('ranking_events_candidate_set').on(t.candidateSetSignalId),
  ],
);

export const pivotEvents = pgTable(
  'pivot_events',
  {
    id: uuid().primaryKey(),
    tripId: uuid('trip_id').notNull(),
    slotId: uuid('slot_id'),
    /** Whoever asked; null where the product suggested it. */
    actorKey: uuid('actor_key'),
    trigger: text().notNull(),
    mood: text(),
    source: text().notNull(),
    options: jsonb().notNull(),
    response: text(),
    optionId: uuid('option_id'),
    latencyMs: real('latency_ms').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    respondedAt: timestamp('responded_at', { withTimezone: true }),
  },
  (t) => [
    index('pivot_events_trip').on(t.tripId, t.createdAt),
    index('pivot_events_open').on(t.expiresAt).where(sql`response is null`),
  ],
);

export const intentionSignals = pgTable(
  'intention_signals',
  {
    id: uuid().primaryKey(),
    behavioralSignalId: uuid('behavioral_signal_id')
      .notNull()
      .references(() => behavioralSignals.id),
    intention: text().notNull(),
    confidence: real().notNull(),
    source: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('intention_signals_signal').on(t.behavioralSignalId)],
);

/** Every choice between the ML and the LLM ranking, with what it would need to be replayed. */
export const arbitrationEvents = pgTable(
  'arbitration_events',
  {
    id: uuid().primaryKey(),
    actorKey: uuid('actor_key'),
    tripId: uuid('trip_id'),
    slotId: uuid('slot_id'),
    mlTop3: uuid('ml_top3').array().notNull(),
    llmTop3: uuid('llm_top3').array().notNull(),
    arbitrationRule: varchar('arbitration_rule', { length: 50 }).notNull(),
    servedActivity: uuid('served_activity'),
    accepted: boolean(),
    agreementScore: doublePrecision('agreement_score'),
    contextSnapshot: jsonb('context_snapshot').notNull(),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('arbitration_events_rule').on(t.arbitrationRule, t.occurredAt),
    index('arbitration_events_slot').on(t.slotId),
  ],
);

/** How an archetype takes to a venue: decisions by where they come from, which is what they weigh by. */
export const archetypeAffinities = pgTable(
  'archetype_affinities',
  {
    archetypeId: text('archetype_id').notNull(),
    activityNodeId: uuid('activity_node_id').notNull(),
    source: text().notNull(),
    /** In [0, 1]: the share that took it, drawn toward the archetype's rate where few decided. */
    affinity: real().notNull(),
    /** Who decided, and who of them took it. */
    observations: integer().notNull(),
    accepted: integer().notNull(),
    runId: uuid('run_id'),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.archetypeId, t.activityNodeId, t.source] }),
    index('archetype_affinities_node').on(t.activityNodeId),
  ],
);

/** What behaviour taught of an archetype's dimensions: where a new traveller who is nearest to it starts from. */
export const personaPriors = pgTable(
  'persona_priors',
  {
    archetypeId: text('archetype_id').notNull(),
    dimension: text().notNull(),
    source: text().notNull(),
    /** Mean and standard deviation over its travellers, in [0, 1]. */
    value: doublePrecision().notNull(),
    deviation: doublePrecision().notNull(),
    travellers: integer().notNull(),
    runId: uuid('run_id').notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.archetypeId, t.dimension, t.source] })],
);

/** Where real travellers take to a venue otherwise than the simulated ones of their archetype, at the last review. */
export const correctionSignals = pgTable(
  'correction_signals',
  {
    archetypeId: text('archetype_id').notNull(),
    activityNodeId: uuid('activity_node_id').notNull(),
    /** Lineage of the simulated ones. */
    source: text().notNull(),
    realTravellers: integer('real_travellers').notNull(),
    realAccepted: integer('real_accepted').notNull(),
    syntheticTravellers: integer('synthetic_travellers').notNull(),
    syntheticAccepted: integer('synthetic_accepted').notNull(),
    /** Share of the real less that of the simulated ones, with its 95% interval. */
    difference: doublePrecision().notNull(),
    lower: doublePrecision().notNull(),
    upper: doublePrecision().notNull(),
    p: doublePrecision().notNull(),
    /** p, adjusted for all that were compared. */
    q: doublePrecision().notNull(),
    reviewId: uuid('review_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.archetypeId, t.activityNodeId, t.source] }),
    index('correction_signals_node').on(t.activityNodeId),
  ],
);
