/** A shadow population through the queue: each message brings some travellers in, or takes some out, and asks for the next. */
import { addProgress, failRun, finishRun, startRun } from '../platform/database/job-runs.ts';
import { findShadowRun } from '../platform/database/shadow-population.ts';
import { type JobOf, sendJobs } from '../platform/queue/jobs.ts';
import {
  beginSeeding,
  endSeeding,
  OtherPopulation,
  openPopulation,
  removeStretch,
  sameSettings,
  seedStretch,
} from '../simulation/shadow/seed.ts';
import { SHADOW_VERSION } from '../simulation/shadow/settings.ts';
import type { JobContext } from './job-context.ts';

export const SEED_TRAINING_DATA = 'seed-training-data';

export interface SeedRequest {
  seed: number;
  users: number;
  replace: boolean;
}

export function seedTrainingDataJob(runId: string, request: SeedRequest, from = 0): JobOf<'seed_training_data'> {
  return { v: 1, id: `${runId}:${from}`, kind: 'seed_training_data', runId, ...request, from };
}

/** Safe to repeat: what a message has written stays as it is. */
export async function seedTrainingData(job: JobOf<'seed_training_data'>, context: JobContext): Promise<void> {
  const { runId, seed, users, replace, from } = job;
  const { env, database, settings, log } = context;
  const now = new Date(context.now);
  await startRun(database, { id: runId, name: SEED_TRAINING_DATA, trigger: 'admin' }, now);
  const refuse = (reason: string) => failRun(database, runId, reason, new Date());
  // The edge refuses it too; what is in the queue may be of another day.
  if (settings.environment === 'production') return refuse('synthetic rows have no place in production');

  const population = await openPopulation(database, seed, users).catch((error: unknown) => {
    if (error instanceof RangeError) return error;
    throw error;
  });
  if (population instanceof RangeError) return refuse(population.message);
  const found = await findShadowRun(database);
  if (replace && found && !sameSettings(found.settings, population.settings)) {
    await removeStretch(database);
    await sendJobs(env.JOBS, [job]);
    return;
  }
  try {
    const run = await beginSeeding(database, population, { now, codeRevision: SHADOW_VERSION });
    for (const city of population.leftOut) log('shadow_city_left_out', { ...city });
    const { next, travellers, signals } = await seedStretch(database, population, from);
    await addProgress(database, runId, { travellers, signals });
    if (next !== null) return await sendJobs(env.JOBS, [seedTrainingDataJob(runId, { seed, users, replace }, next)]);
    await endSeeding(database, population, run.id, now);
    await addProgress(database, runId, { cities_left_out: population.leftOut.length });
    await finishRun(database, runId, new Date());
  } catch (error) {
    if (!(error instanceof OtherPopulation)) throw error;
    await refuse(error.message);
  }
}
