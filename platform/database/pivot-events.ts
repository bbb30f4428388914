/** The log of pivots: a row each, written when it was asked for, completed when it was answered. */
import { eq, isNull, sql } from 'drizzle-orm';
import type { JobOf } from '../queue/jobs.ts';
import type { Queries } from './client.ts';
import { actorKeys, pivotEvents } from './schema/index.ts';

/**
 * By id, in any order and any number of times: what was answered stays so. Where the account of whoever asked was deleted, a
 * row that is there is completed, and none is made.
 */
export async function upsertPivotEvent(database: Queries, job: JobOf<'pivot_event'>): Promise<void> {
  const resolution = {
    response: job.response,
    optionId: job.optionId,
    respondedAt: job.respondedAt === null ? null : new Date(job.respondedAt),
  };
  const [actor] =
    job.userId === null
      ? []
      : await database.select({ key: actorKeys.actorKey }).from(actorKeys).where(eq(actorKeys.userId, job.userId));
  if (!actor && job.askedBy === 'traveller') {
    if (job.response === null) return;
    await database
      .update(pivotEvents)
      .set(resolution)
      .where(sql`${pivotEvents.id} = ${job.eventId} and ${isNull(pivotEvents.response)}`);
    return;
  }
  await database
    .insert(pivotEvents)
    .values({
      id: job.eventId,
      tripId: job.tripId,
      slotId: job.slotId,
      actorKey: actor?.key ?? null,
      trigger: job.trigger,
      mood: job.mood,
      source: job.source,
      options: job.options,
      latencyMs: job.latencyMs,
      createdAt: new Date(job.createdAt),
      expiresAt: new Date(job.expiresAt),
      ...resolution,
    })
    .onConflictDoUpdate({
      target: pivotEvents.id,
      set: resolution,
      setWhere: isNull(pivotEvents.response),
    });
}
