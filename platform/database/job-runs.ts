/** Runs of scheduled jobs, as operators see them. */
import { eq, sql } from 'drizzle-orm';
import type { Queries } from './client.ts';
import { jobRuns } from './schema/index.ts';

export type JobRun = typeof jobRuns.$inferSelect;
type NamedRun = Pick<JobRun, 'id' | 'name' | 'trigger'>;

export async function queueRun(database: Queries, run: NamedRun, now: Date): Promise<void> {
  await database
    .insert(jobRuns)
    .values({ ...run, status: 'queued', createdAt: now })
    .onConflictDoNothing({ target: jobRuns.id });
}

/** Also of a run that nobody announced (a cron's), and of one that goes on. */
export async function startRun(database: Queries, run: NamedRun, now: Date): Promise<void> {
  await database
    .insert(jobRuns)
    .values({ ...run, status: 'running', createdAt: now, startedAt: now })
    .onConflictDoUpdate({
      target: jobRuns.id,
      set: { status: 'running', startedAt: sql`coalesce(${jobRuns.startedAt}, excluded.started_at)` },
      setWhere: sql`${jobRuns.status} <> 'done'`,
    });
}

/** Adds to the counts. */
export async function addProgress(database: Queries, id: string, counts: Record<string, number>): Promise<void> {
  await database.execute(sql`
    update job_runs set error = null, progress = progress || (
      select coalesce(jsonb_object_agg(c.key, c.value::int + coalesce((progress ->> c.key)::int, 0)), '{}')
      from jsonb_each_text(${JSON.stringify(counts)}::jsonb) c)
    where id = ${id}`);
}

export async function finishRun(database: Queries, id: string, now: Date): Promise<void> {
  await database.update(jobRuns).set({ status: 'done', error: null, finishedAt: now }).where(eq(jobRuns.id, id));
}

export async function failRun(database: Queries, id: string, error: string, now: Date): Promise<void> {
  await database.update(jobRuns).set({ status: 'failed', error, finishedAt: now }).where(eq(jobRuns.id, id));
}

export async function findRun(database: Queries, id: string): Promise<JobRun | null> {
  const [row] = await database.select().from(jobRuns).where(eq(jobRuns.id, id));
  return row ?? null;
}
