/** Postgres follows the trip's object. */
import { tripStub } from '../durable-objects/trip-stub.ts';
import { projectTrip } from '../platform/database/trip-projection.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import type { JobContext } from './job-context.ts';

export async function projectTripRows({ tripId }: JobOf<'project_trip'>, context: JobContext): Promise<void> {
  const { env, database, now, projected } = context;
  if (projected.has(tripId)) return;
  const object = tripStub(env, tripId);
  const { trip, rankings } = await object.projection();
  if (trip) {
    const departed = await projectTrip(database, trip, new Date(now), rankings);
    if (rankings.length > 0) await object.logged(rankings.map(({ candidateSet }) => candidateSet.id));
    // Who deleted their account while Postgres did not know yet that they are in this trip.
    for (const userId of departed) await object.forgetUser(userId);
  }
  projected.add(tripId);
}
