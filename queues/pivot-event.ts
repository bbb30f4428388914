/** The log of pivots follows the trip's object. */
import { upsertPivotEvent } from '../platform/database/pivot-events.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import type { JobContext } from './job-context.ts';

export function logPivotEvent(job: JobOf<'pivot_event'>, { database }: JobContext): Promise<void> {
  return upsertPivotEvent(database, job);
}
