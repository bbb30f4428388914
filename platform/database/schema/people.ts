/** Travellers, what is known of their taste, and the one table that leads from a person to their signals. */
import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
  vector,
} from 'drizzle-orm/pg-core';

export const users = pgTable('users', {
  id: uuid().primaryKey(),
  /** The `sub` claim that the person signs in with; a salted hash once the account is deleted. */
  subject: text().notNull().unique(),
  onboardingTags: jsonb('onboarding_tags').$type<Record<string, string[]>>().notNull().default({}),
  homeCurrency: text('home_currency'),
  personaEmbedding: vector('persona_embedding', { dimensions: 128 }),
  personaDescription: text('persona_description'),
  personaVersion: text('persona_version'),
  /** Those before the last change by the nightly encoder. */
  personaEmbeddingBefore: vector('persona_embedding_before', { dimensions: 128 }),
  personaVersionBefore: text('persona_version_before'),
  personaEmbeddedAt: timestamp('persona_embedded_at', { withTimezone: true }),
  /** Signals that count towards being warm (invariant 8), updated in the transaction that inserts them. */
  countingSignals: integer('counting_signals').notNull().default(0),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  deletedAt: timestamp('deleted_at', { withTimezone: true }),
});

export const personaDimensions = pgTable(
  'persona_dimensions',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    dimension: text().notNull(),
    value: doublePrecision().notNull(),
    source: text().notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.dimension] })],
);

/** The only path from a person to their signals; dropped when the person is deleted (invariant 7). */
export const actorKeys = pgTable('actor_keys', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  actorKey: uuid('actor_key').notNull().unique(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

/** What a client's `Idempotency-Key` was answered with (invariant 10). */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    requestHash: text('request_hash').notNull(),
    response: jsonb().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.key] }), index('idempotency_keys_created').on(t.createdAt)],
);
