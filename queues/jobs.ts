/** The consumer of the queue `jobs`: each message is taken, acknowledged or given back by itself. */
import { openDatabase } from '../platform/database/client.ts';
import { type Job, jobSchema, logQueueCount, MAX_RETRIES } from '../platform/queue/jobs.ts';
import { readSettings } from '../platform/settings.ts';
import { deleteTripRows } from './delete-trip.ts';
import type { JobContext } from './job-context.ts';
import { prewarm } from './prewarm.ts';
import { projectTripRows } from './project-trip.ts';

const RETRY_AFTER_SECONDS = 5;

function run(job: Job, context: JobContext): Promise<void> {
  switch (job.kind) {
    case 'prewarm':
      return prewarm(job, context);
    case 'project_trip':
      return projectTripRows(job, context);
    case 'delete_trip':
      return deleteTripRows(job, context);
  }
}

export async function consumeJobs(batch: MessageBatch, env: Cloudflare.Env): Promise<void> {
  const settings = readSettings(env);
  const database = openDatabase(settings.databaseUrl);
  for (const message of batch.messages) {
    const log = (event: string, fields: Record<string, unknown> = {}) =>
      console.log(JSON.stringify({ event, message_id: message.id, attempts: message.attempts, ...fields }));
    const job = jobSchema.safeParse(message.body);
    try {
      if (!job.success) throw new Error(`not a job: ${job.error.message}`);
      await run(job.data, { env, settings, database, log, now: Date.now() });
      message.ack();
      logQueueCount('queue_settled', 1);
    } catch (error) {
      log('job_failed', { kind: job.data?.kind, error: String(error), cause: String((error as Error).cause ?? '') });
      message.retry({ delaySeconds: RETRY_AFTER_SECONDS });
      // One more attempt than retries: then the message is in the dead-letter queue.
      if (message.attempts > MAX_RETRIES) logQueueCount('queue_settled', 1);
    }
  }
}
