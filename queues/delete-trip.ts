/** A deleted trip leaves Postgres, then its object. */
import { tripStub } from '../durable-objects/trip-stub.ts';
import { deleteTrip } from '../platform/database/trips.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import type { JobContext } from './job-context.ts';

export async function deleteTripRows(job: JobOf<'delete_trip'>, { env, database }: JobContext): Promise<void> {
  const object = tripStub(env, job.tripId);
  await deleteTrip(database, job.tripId, (await object.projection()).rankings);
  await object.forget();
}
