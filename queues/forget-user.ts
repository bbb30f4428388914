/** What other places than Postgres hold of a person whose account is deleted. Safe to repeat. */
import { tripStub } from '../durable-objects/trip-stub.ts';
import { isDeleted, tripsOf } from '../platform/database/delete-user.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import type { JobContext } from './job-context.ts';

/** The message is sent before the account goes: it may be there still, or for good. */
export async function forgetUser({ userId, trips }: JobOf<'forget_user'>, context: JobContext): Promise<void> {
  const { database } = context;
  if (!(await isDeleted(database, userId))) throw new Error('the account is not deleted');
  // Postgres may have heard of another trip in the meantime.
  await forgetEverywhere(userId, [...new Set([...trips, ...(await tripsOf(database, userId))])], context);
}

/** All are told, also where one fails; rejects with the first failure. */
export async function forgetEverywhere(
  userId: string,
  trips: readonly string[],
  { env, settings, database }: Pick<JobContext, 'env' | 'settings' | 'database'>,
): Promise<void> {
  const vectors = openVectorIndex(settings, database);
  const tasks = [
    async () => vectors.adapter !== 'pgvector' && vectors.delete('personas', [userId]),
    ...trips.map((id) => () => tripStub(env, id).forgetUser(userId)),
  ];
  const failures: unknown[] = [];
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
