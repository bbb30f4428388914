/**
 * Trainings to be done. A trainer leases a job: it is that trainer's until the lease runs out, and whatever it writes to it
 * counts only while the lease is its own. Times of leases are the database's, whatever clocks the trainers have.
 */
import { and, asc, desc, eq, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Queries, Transaction } from './client.ts';
import { type NewModelVersion, registerModel } from './model-registry.ts';
import { idempotencyKeys, trainingJobs } from './schema/index.ts';
import type { TrainingProgress, TrainingResult } from './schema/models.ts';

export type TrainingJob = typeof trainingJobs.$inferSelect;
export type NewTrainingJob = Pick<TrainingJob, 'id' | 'modelName' | 'config' | 'seed' | 'split'>;
export type { TrainingProgress, TrainingResult };

export const TRAINING_STATUSES = ['queued', 'running', 'done', 'failed'] as const;

/** A job that failed, or lost its trainer, so often is not tried again. */
export const MOST_ATTEMPTS = 3;

const LOST = `its trainer was lost ${MOST_ATTEMPTS} times`;

/** Once, however often it comes; false where it was there. */
export async function queueTraining(database: Queries, job: NewTrainingJob, now: Date): Promise<boolean> {
  const added = await database
    .insert(trainingJobs)
    .values({ ...job, status: 'queued', createdAt: now })
    .onConflictDoNothing({ target: trainingJobs.id })
    .returning({ id: trainingJobs.id });
  return added.length === 1;
}

/**
 * The same in one transaction with what a client's `Idempotency-Key` is answered with. Throws a unique violation of
 * `idempotency_keys` where the key was used in the meantime.
 */
export async function queueTrainingOnce(
  database: Database,
  job: NewTrainingJob,
  answered: { userId: string; key: string; requestHash: string; response: unknown },
  now: Date,
): Promise<void> {
  await database.batch([
    database.insert(trainingJobs).values({ ...job, status: 'queued', createdAt: now }),
    database.insert(idempotencyKeys).values({ ...answered, createdAt: now }),
  ]);
}

/** Of the models, those that a job waits for already, as it would be queued with nothing said. */
export async function waitingTrainings(database: Queries, models: readonly string[]): Promise<ReadonlySet<string>> {
  if (models.length === 0) return new Set();
  const rows = await database
    .selectDistinct({ name: trainingJobs.modelName })
    .from(trainingJobs)
    .where(
      and(
        eq(trainingJobs.status, 'queued'),
        inArray(trainingJobs.modelName, [...models]),
        sql`${trainingJobs.config} = '{}'`,
      ),
    );
  return new Set(rows.map(({ name }) => name));
}

/**
 * The next job, and the id that its lease now has; null where there is none. A job whose lease ran out is taken again,
 * and is failed when that was its last attempt. Two that ask at once never get the same one.
 */
export async function leaseTraining(
  database: Database,
  { lease, leaseMs }: { lease: string; leaseMs: number },
): Promise<TrainingJob | null> {
  const ranOut = and(eq(trainingJobs.status, 'running'), lte(trainingJobs.leasedUntil, sql`now()`));
  const next = database
    .select({ id: trainingJobs.id })
    .from(trainingJobs)
    .where(or(eq(trainingJobs.status, 'queued'), ranOut))
    .orderBy(asc(trainingJobs.attempts), asc(trainingJobs.createdAt), asc(trainingJobs.id))
    .limit(1)
    .for('update', { skipLocked: true });
  const [, [job]] = await database.batch([
    database
      .update(trainingJobs)
      .set({ ...CLOSED, status: 'failed', error: sql`coalesce(${trainingJobs.error} || '; ', '') || ${LOST}` })
      .where(and(ranOut, gte(trainingJobs.attempts, MOST_ATTEMPTS))),
    database
      .update(trainingJobs)
      .set({
        status: 'running',
        attempts: sql`${trainingJobs.attempts} + 1`,
        lease,
        leasedUntil: until(leaseMs),
        startedAt: sql`coalesce(${trainingJobs.startedAt}, now())`,
      })
      .where(eq(trainingJobs.id, next))
      .returning(),
  ]);
  return job ?? null;
}

/** Tells how far it is, and keeps the lease for as long again. False: the lease is another's, or the job is over. */
export async function heartbeat(
  database: Queries,
  held: HeldLease,
  leaseMs: number,
  progress: TrainingProgress | null,
): Promise<boolean> {
  const found = await database
    .update(trainingJobs)
    .set({ leasedUntil: until(leaseMs), ...(progress && { progress }) })
    .where(stillHeld(held))
    .returning({ id: trainingJobs.id });
  return found.length === 1;
}

/** The job is done and its version registered, both or neither; repeating it changes nothing. False: the lease was lost. */
export function finishTraining(
  database: Database,
  held: HeldLease,
  result: TrainingResult,
  version: NewModelVersion,
): Promise<boolean> {
  return database.transaction(async (tx: Transaction) => {
    const found = await tx
      .update(trainingJobs)
      .set({ ...CLOSED, status: 'done', lease: held.lease, error: null, result })
      .where(or(stillHeld(held), and(isLease(held), eq(trainingJobs.status, 'done'))))
      .returning({ id: trainingJobs.id });
    if (found.length === 0) return false;
    await registerModel(tx, version);
    return true;
  });
}

/**
 * `final`: it would fail again. Otherwise it is queued again, up to `MOST_ATTEMPTS`.
 * @returns what it is now; null: the lease was lost, and nothing has changed
 */
export async function failTraining(
  database: Queries,
  held: HeldLease,
  { error, final }: { error: string; final: boolean },
): Promise<'queued' | 'failed' | null> {
  const over = final ? sql`true` : gte(trainingJobs.attempts, MOST_ATTEMPTS);
  const [row] = await database
    .update(trainingJobs)
    .set({
      status: sql`case when ${over} then 'failed' else 'queued' end`,
      finishedAt: sql`case when ${over} then now() end`,
      lease: null,
      leasedUntil: null,
      error,
    })
    .where(stillHeld(held))
    .returning({ status: trainingJobs.status });
  return (row?.status as 'queued' | 'failed' | undefined) ?? null;
}

/** The job waits for another trainer, as if this one had not begun. */
export async function giveBackTraining(database: Queries, held: HeldLease): Promise<void> {
  await database
    .update(trainingJobs)
    .set({ status: 'queued', attempts: sql`${trainingJobs.attempts} - 1`, lease: null, leasedUntil: null })
    .where(stillHeld(held));
}

export async function findTraining(database: Queries, id: string): Promise<TrainingJob | null> {
  const [row] = await database.select().from(trainingJobs).where(eq(trainingJobs.id, id));
  return row ?? null;
}

export interface TrainingQuery {
  status?: TrainingJob['status'] | undefined;
  limit: number;
  after: { createdAt: string; id: string } | null;
}

/** Newest first. */
export function listTrainings(database: Queries, { status, limit, after }: TrainingQuery): Promise<TrainingJob[]> {
  return database
    .select()
    .from(trainingJobs)
    .where(
      and(
        status && eq(trainingJobs.status, status),
        after
          ? or(
              sql`${trainingJobs.createdAt} < ${after.createdAt}`,
              and(sql`${trainingJobs.createdAt} = ${after.createdAt}`, lt(trainingJobs.id, after.id)),
            )
          : undefined,
      ),
    )
    .orderBy(desc(trainingJobs.createdAt), desc(trainingJobs.id))
    .limit(limit);
}

export interface HeldLease {
  id: string;
  lease: string;
}

const isLease = ({ id, lease }: HeldLease) => and(eq(trainingJobs.id, id), eq(trainingJobs.lease, lease));
const stillHeld = (held: HeldLease): SQL | undefined => and(isLease(held), eq(trainingJobs.status, 'running'));
const until = (milliseconds: number) => sql`now() + ${milliseconds / 1000} * interval '1 second'`;
const CLOSED = { lease: null, leasedUntil: null, finishedAt: sql`now()` };
