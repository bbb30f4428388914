/** What a trip's object sends out through its outbox. */
import type { SignalMessage } from '../../core/signal/signal-message.ts';
import { sendAll } from './delivery.ts';
import { type Job, sendJobs } from './jobs.ts';

export type OutboxMessage = Job | SignalMessage;

const isSignal = (message: OutboxMessage): message is SignalMessage => message.kind === 'signal';
const isJob = (message: OutboxMessage): message is Job => message.kind !== 'signal';

/** Each message to its queue. When it rejects, send all of it again: receivers tell by the ids. */
export async function sendOutbox(
  { JOBS, SIGNALS }: Pick<Cloudflare.Env, 'JOBS' | 'SIGNALS'>,
  messages: readonly OutboxMessage[],
): Promise<void> {
  await sendJobs(JOBS, messages.filter(isJob));
  await sendAll(SIGNALS, messages.filter(isSignal));
}
