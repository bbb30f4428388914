/** The messages that could not be handled, for operators to look at and to send again. */
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database, Queries } from './client.ts';
import { deadLetters } from './schema/index.ts';

export type DeadLetter = typeof deadLetters.$inferSelect;

/** Once, however often it comes. Not at all where the person whose signal it is has deleted their account. */
export async function insertDeadLetter(database: Database, letter: Omit<DeadLetter, 'replayedAt'>): Promise<void> {
  const { id, queue, reason, detail, body, userId, attempts, failedAt } = letter;
  await database.execute(sql`
    insert into dead_letters (id, queue, reason, detail, body, user_id, attempts, failed_at)
    select ${id}::uuid, ${queue}, ${reason}, ${detail}, ${body}, ${userId}::uuid, ${attempts}::int, ${failedAt.toISOString()}::timestamptz
    where not exists (select from users where id = ${userId}::uuid and deleted_at is not null)
    on conflict (id) do nothing`);
}

export interface DeadLetterQuery {
  queue?: string | undefined;
  /** Only those that were not sent again yet. */
  open?: boolean | undefined;
  limit: number;
  after: { failedAt: string; id: string } | null;
}

/** Newest first, without the bodies. */
export function listDeadLetters(database: Queries, { queue, open, limit, after }: DeadLetterQuery) {
  return database
    .select({
      id: deadLetters.id,
      queue: deadLetters.queue,
      reason: deadLetters.reason,
      detail: deadLetters.detail,
      attempts: deadLetters.attempts,
      failedAt: deadLetters.failedAt,
      replayedAt: deadLetters.replayedAt,
    })
    .from(deadLetters)
    .where(
      and(
        queue === undefined ? undefined : eq(deadLetters.queue, queue),
        open ? isNull(deadLetters.replayedAt) : undefined,
        after
          ? or(
              sql`${deadLetters.failedAt} < ${after.failedAt}`,
              and(sql`${deadLetters.failedAt} = ${after.failedAt}`, lt(deadLetters.id, after.id)),
            )
          : undefined,
      ),
    )
    .orderBy(desc(deadLetters.failedAt), desc(deadLetters.id))
    .limit(limit);
}

export async function findDeadLetter(database: Queries, id: string): Promise<DeadLetter | null> {
  const [row] = await database.select().from(deadLetters).where(eq(deadLetters.id, id));
  return row ?? null;
}

export async function markReplayed(database: Queries, id: string, now: Date): Promise<void> {
  await database
    .update(deadLetters)
    .set({ replayedAt: now })
    .where(and(eq(deadLetters.id, id), isNull(deadLetters.replayedAt)));
}
