/** The consumer of the queue `jobs`: each message is taken, acknowledged or given back by itself. */
import { openDatabase } from '../platform/database/client.ts';
import { isOutage } from '../platform/database/failure.ts';
import { failRun } from '../platform/database/job-runs.ts';
import { MAX_RETRIES } from '../platform/queue/delivery.ts';
import { type Job, jobSchema } from '../platform/queue/jobs.ts';
import { readSettings } from '../platform/settings.ts';
import { deleteTripRows } from './delete-trip.ts';
import { escalate } from './escalate.ts';
import { expectRain } from './expect-rain.ts';
import { forgetUser } from './forget-user.ts';
import { acknowledge, giveUp, log as logEvent, tryLater } from './give-up.ts';
import type { JobContext } from './job-context.ts';
import { logPivotEvent } from './pivot-event.ts';
import { prewarm } from './prewarm.ts';
import { projectTripRows } from './project-trip.ts';
import { runScheduled } from './scheduled-jobs.ts';
import { seedTrainingData } from './seed-training-data.ts';

/** A job that fails, although all that it needs is there, fails for good after these. */
const MOST_ATTEMPTS = 6;

function run(job: Job, context: JobContext): Promise<void> {
  switch (job.kind) {
    case 'prewarm':
      return prewarm(job, context);
    case 'escalate':
      return escalate(job, context);
    case 'project_trip':
      return projectTripRows(job, context);
    case 'delete_trip':
      return deleteTripRows(job, context);
    case 'pivot_event':
      return logPivotEvent(job, context);
    case 'expect_rain':
      return expectRain(job, context);
    case 'forget_user':
      return forgetUser(job, context);
    case 'seed_training_data':
      return seedTrainingData(job, context);
    case 'scheduled':
      return runScheduled(job, context);
  }
}

export async function consumeJobs(batch: MessageBatch, env: Cloudflare.Env): Promise<void> {
  const settings = readSettings(env);
  const database = openDatabase(settings.databaseUrl);
  const projected = new Set<string>();
  for (const message of batch.messages) {
    const log = (event: string, fields: Record<string, unknown> = {}) =>
      logEvent(event, { message_id: message.id, attempts: message.attempts, ...fields });
    const context: JobContext = { env, settings, database, log, now: Date.now(), projected };
    const job = jobSchema.safeParse(message.body);
    try {
      if (!job.success) throw new Error(`not a job: ${job.error.message}`);
      await run(job.data, context);
      acknowledge([message]);
    } catch (error) {
      const detail = `${String(error)} ${String((error as Error).cause ?? '')}`.trim();
      log('job_failed', { kind: job.data?.kind, error: detail });
      const final = !isOutage(error) && message.attempts >= MOST_ATTEMPTS && message.attempts <= MAX_RETRIES;
      if (!final) {
        tryLater([message]);
        continue;
      }
      if (job.data?.kind === 'scheduled' || job.data?.kind === 'seed_training_data') {
        await failRun(database, job.data.runId, detail, new Date()).catch((reason) =>
          log('run_not_marked', { error: String(reason) }),
        );
      }
      await giveUp(env.JOBS_DEAD, [{ message, reason: job.success ? 'job_failed' : 'malformed', detail }]);
    }
  }
}
