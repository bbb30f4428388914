/** Weekly: a training for each model that there is enough data for. A trainer does them. */
import { v5 as uuidv5 } from 'uuid';
import { modelsReady } from '../models/configs.ts';
import { countTrainingData } from '../platform/database/training-counts.ts';
import { queueTraining, waitingTrainings } from '../platform/database/training-jobs.ts';
import type { JobContext } from './job-context.ts';

/** Once a run, however often it comes: the trainings' ids follow from the run's. Where one waits already, none is added. */
export async function weeklyTraining(
  _after: string | null,
  { database, settings, now, log }: JobContext,
  runId: string,
): Promise<{ next: null; counts: Record<string, number> }> {
  const { counted, models } = modelsReady(await countTrainingData(database), settings.environment);
  const ready = models.filter((model) => model.ready).map(({ model }) => model);
  const waiting = await waitingTrainings(database, ready);
  const queued: string[] = [];
  for (const modelName of ready) {
    if (waiting.has(modelName)) continue;
    const job = { id: uuidv5(modelName, runId), modelName, config: {}, seed: 1, split: 'leave-one-out' };
    if (await queueTraining(database, job, new Date(now))) queued.push(modelName);
  }
  log('weekly_training', { counted, queued, waiting: [...waiting], ready: ready.length, models: models.length });
  return {
    next: null,
    counts: { queued: queued.length, waiting: waiting.size, not_ready: models.length - ready.length },
  };
}
