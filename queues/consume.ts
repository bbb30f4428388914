/** Every queue's batches come in through one handler. */
import { consumeDeadLetters } from './dead-letters.ts';
import { consumeJobs } from './jobs.ts';
import { consumeSignals } from './signals.ts';

export async function consume(batch: MessageBatch, env: Cloudflare.Env): Promise<void> {
  switch (batch.queue) {
    case 'jobs':
      return consumeJobs(batch, env);
    case 'signals':
      return consumeSignals(batch, env);
    case 'jobs-dead':
    case 'signals-dead':
      return consumeDeadLetters(batch, batch.queue, env);
    default:
      throw new Error(`nobody consumes the queue ${batch.queue}`);
  }
}
