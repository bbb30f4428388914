/** Deleting a person (invariant 7): what they did stays, nothing leads back to them. */
import { eq, sql } from 'drizzle-orm';
import { union } from 'drizzle-orm/pg-core';
import { KEPT_NUMBERS, KEPT_WORDS } from '../../core/signal/kept-context.ts';
import type { Database, Queries } from './client.ts';
import { tripMembers, trips, users } from './schema/index.ts';
import { deletedSubject } from './users.ts';

/** Who is to be deleted, with the trips that they are in; null where nobody is (any more). */
export async function findDepartingUser(
  database: Database,
  userId: string,
): Promise<{ subject: string; trips: string[] } | null> {
  const [user] = await database
    .select({ subject: users.subject, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId));
  return user && user.deletedAt === null ? { subject: user.subject, trips: await tripsOf(database, userId) } : null;
}

/** As far as Postgres has heard. */
export async function tripsOf(database: Queries, userId: string): Promise<string[]> {
  const made = database.select({ id: trips.id }).from(trips).where(eq(trips.userId, userId));
  const joined = database.select({ id: tripMembers.tripId }).from(tripMembers).where(eq(tripMembers.userId, userId));
  const rows = await union(made, joined);
  return rows.map(({ id }) => id).sort();
}

export async function isDeleted(database: Queries, userId: string): Promise<boolean> {
  const [row] = await database.select({ deletedAt: users.deletedAt }).from(users).where(eq(users.id, userId));
  return row !== undefined && row.deletedAt !== null;
}

/**
 * In one transaction. The user's row stays as a tombstone with a hash for a subject, so that the token is refused and the
 * subject makes no new account. Candidate sets stay whole: the system alone writes them. Memberships and trips are the
 * trips' objects' to end; Postgres follows them.
 */
export async function deleteUser(database: Database, userId: string, subject: string, now: Date): Promise<void> {
  const words = Object.entries(KEPT_WORDS).map(([key, pattern]) => ({ key, pattern }));
  await database.batch([
    // Signals on their way wait for this, and then find no actor key.
    database.execute(sql`select id from users where id = ${userId} for update`),
    database.execute(sql`
      update behavioral_signals s set context = (
        select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(s.context) e
        where jsonb_typeof(e.value) = 'null'
          or jsonb_typeof(e.value) = 'number'
            and e.key in (select jsonb_array_elements_text(${JSON.stringify(KEPT_NUMBERS)}::jsonb))
          or jsonb_typeof(e.value) = 'string' and exists (
            select from jsonb_to_recordset(${JSON.stringify(words)}::jsonb) as w (key text, pattern text)
            where w.key = e.key and e.value #>> '{}' ~ w.pattern))
      where s.signal_type <> 'candidate_set_logged'
        and s.actor_key = (select actor_key from actor_keys where user_id = ${userId})`),
    database.execute(sql`delete from idempotency_keys where user_id = ${userId}`),
    database.execute(sql`delete from persona_dimensions where user_id = ${userId}`),
    database.execute(sql`delete from dead_letters where user_id = ${userId}`),
    database.execute(sql`delete from actor_keys where user_id = ${userId}`),
    database
      .update(users)
      .set({
        subject: await deletedSubject(subject),
        onboardingTags: {},
        homeCurrency: null,
        personaEmbedding: null,
        personaDescription: null,
        personaVersion: null,
        personaEmbeddingBefore: null,
        personaVersionBefore: null,
        personaEmbeddedAt: null,
        countingSignals: 0,
        deletedAt: now,
        updatedAt: now,
      })
      .where(eq(users.id, userId)),
  ]);
}
