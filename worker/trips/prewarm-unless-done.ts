import { prewarmKey } from '../../platform/cache/prewarm-key.ts';
import { type JobOf, sendJobs } from '../../platform/queue/jobs.ts';
import type { AppContext } from '../app-env.ts';

/** Travellers alike share a pre-warm: one that was done lately is not asked for again. */
export async function prewarmUnlessDone(c: AppContext, job: JobOf<'prewarm'>): Promise<void> {
  if ((await c.env.CACHE.get(prewarmKey(job))) === null) await sendJobs(c.env.JOBS, [job]);
}
