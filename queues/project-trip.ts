/** Postgres follows the trip's object. */
import { tripStub } from '../durable-objects/trip-stub.ts';
import { projectTrip } from '../platform/database/trips.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import type { JobContext } from './job-context.ts';

export async function projectTripRows(job: JobOf<'project_trip'>, { env, database, now }: JobContext): Promise<void> {
  const trip = await tripStub(env, job.tripId).snapshot();
  if (trip) await projectTrip(database, trip, new Date(now));
}
