/** The jobs that run by the clock, stretch by stretch through the queue `jobs`. */
import { v5 as uuidv5 } from 'uuid';
import { addProgress, finishRun, startRun } from '../platform/database/job-runs.ts';
import { type JobOf, type ScheduledJob, sendJobs } from '../platform/queue/jobs.ts';
import { arbitrationReview } from './arbitration-review.ts';
import { canaryGuard } from './canary-guard.ts';
import { extractTrainingData } from './extract.ts';
import { indexItemVectors } from './index-item-vectors.ts';
import type { JobContext } from './job-context.ts';
import { personaEmbedding } from './persona-embedding.ts';
import { personaUpdate } from './persona-update.ts';
import { syntheticReview } from './synthetic-review.ts';
import { weatherPoll } from './weather-poll.ts';
import { weeklyTraining } from './weekly-training.ts';

/** Does a stretch from `after` on; `next` is where the next one begins, null where there is none. */
type Stretch = (
  after: string | null,
  context: JobContext,
  runId: string,
) => Promise<{ next: string | null; counts: Record<string, number> }>;

const JOBS: Record<ScheduledJob, { cron: string; stretch: Stretch }> = {
  'persona-update': { cron: '17 3 * * *', stretch: personaUpdate },
  'persona-embedding': { cron: '47 3 * * *', stretch: personaEmbedding },
  'index-item-vectors': { cron: '47 3 * * *', stretch: indexItemVectors },
  'weather-poll': { cron: '7 * * * *', stretch: weatherPoll },
  'canary-guard': { cron: '7 * * * *', stretch: canaryGuard },
  'extract-training-data': { cron: '47 3 * * *', stretch: extractTrainingData },
  'weekly-training': { cron: '23 4 * * MON', stretch: weeklyTraining },
  'arbitration-review': { cron: '17 3 * * *', stretch: arbitrationReview },
  'synthetic-review': { cron: '47 3 * * *', stretch: syntheticReview },
};

const NAMESPACE = '0c0d9a52-8a86-4d0c-9a3b-6d3c5a5f7d1e';

export function scheduledJob(
  name: ScheduledJob,
  runId: string,
  trigger: 'cron' | 'admin',
  after: string | null = null,
): JobOf<'scheduled'> {
  return { v: 1, id: `${runId}:${after ?? 'start'}`, kind: 'scheduled', name, runId, trigger, after };
}

/** The Worker's `scheduled` handler. A cron that fires twice is one run: its id follows from its time. */
export async function startScheduled({ cron, scheduledTime }: ScheduledController, env: Cloudflare.Env): Promise<void> {
  const names = (Object.keys(JOBS) as ScheduledJob[]).filter((name) => JOBS[name].cron === cron);
  if (names.length === 0) throw new Error(`no job runs at ${cron}`);
  await sendJobs(
    env.JOBS,
    names.map((name) => scheduledJob(name, uuidv5(`${name}/${scheduledTime}`, NAMESPACE), 'cron')),
  );
}

export async function runScheduled(job: JobOf<'scheduled'>, context: JobContext): Promise<void> {
  const { name, runId, trigger, after } = job;
  const { env, database, now } = context;
  await startRun(database, { id: runId, name, trigger }, new Date(now));
  const { next, counts } = await JOBS[name].stretch(after, context, runId);
  await addProgress(database, runId, counts);
  if (next === null) await finishRun(database, runId, new Date());
  else await sendJobs(env.JOBS, [scheduledJob(name, runId, trigger, next)]);
}
