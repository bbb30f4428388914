/** The jobs that a plan asks for. */
import { prewarmKey } from '../../platform/cache/prewarm-key.ts';
import { sendJobs } from '../../platform/queue/jobs.ts';
import type { AppContext } from '../app-env.ts';
import type { PlannedTrip } from './plan-trip.ts';

/** Travellers alike share a pre-warm: one that was done lately is not asked for again. */
export async function askedLater(
  c: AppContext,
  { prewarm, escalation }: Pick<PlannedTrip, 'prewarm' | 'escalation'>,
): Promise<void> {
  const warmed = (await c.env.CACHE.get(prewarmKey(prewarm))) !== null;
  const jobs = [...(warmed ? [] : [prewarm]), ...(escalation ? [escalation] : [])];
  if (jobs.length > 0) await sendJobs(c.env.JOBS, jobs);
}
