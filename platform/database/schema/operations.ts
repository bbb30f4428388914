/** What operators look after: messages that could not be handled, and runs of scheduled jobs. */
import { index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const deadLetters = pgTable(
  'dead_letters',
  {
    /** Follows from queue and message id. */
    id: uuid().primaryKey(),
    /** The queue that gave the message up, and gets it again in a replay. */
    queue: text().notNull(),
    /** A code; `retries_exhausted` where the queue itself gave up. */
    reason: text().notNull(),
    detail: text(),
    /** As JSON text: what is wrong with it may be that Postgres cannot hold it otherwise. */
    body: text().notNull(),
    /** Whose signal it is; the letter goes when the person goes (invariant 7). */
    userId: uuid('user_id'),
    attempts: integer().notNull(),
    failedAt: timestamp('failed_at', { withTimezone: true }).notNull(),
    replayedAt: timestamp('replayed_at', { withTimezone: true }),
  },
  (t) => [index('dead_letters_failed').on(t.failedAt, t.id), index('dead_letters_user').on(t.userId)],
);

export const jobRuns = pgTable(
  'job_runs',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    /** cron or admin. */
    trigger: text().$type<'cron' | 'admin'>().notNull(),
    status: text().$type<'queued' | 'running' | 'done' | 'failed'>().notNull(),
    /** Counts, by what the job counts. */
    progress: jsonb().$type<Record<string, number>>().notNull().default({}),
    error: text(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (t) => [index('job_runs_created').on(t.createdAt)],
);

/** What an operator should look at. */
export const alerts = pgTable(
  'alerts',
  {
    /** Follows from what it is about: raised twice, it is one. */
    id: uuid().primaryKey(),
    /** A code. */
    kind: text().notNull(),
    /** A model's version, a rule, an experiment. */
    subject: text().notNull(),
    detail: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('alerts_created').on(t.createdAt, t.id)],
);
