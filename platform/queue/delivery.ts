/** What all queues have in common: how messages are sent, how long they wait for another attempt, how they are counted. */

/** As in wrangler.toml: after these the queue itself moves a message to its dead-letter queue. */
export const MAX_RETRIES = 100;

const LONGEST_DELAY_SECONDS = 3600;

/**
 * How long to wait after the `attempts`-th failed attempt (from 1): as long again as all waiting so far, up to an hour.
 * With `MAX_RETRIES`, a message outlasts an outage of 3.7 days; queues keep messages for 4.
 */
export function retryDelaySeconds(attempts: number): number {
  return Math.min(LONGEST_DELAY_SECONDS, 2 ** Math.min(attempts, 12));
}

/** The counts that a local stop waits for: everything sent is settled. */
export function logQueueCount(event: 'queue_sent' | 'queue_settled', n: number): void {
  if (n > 0) console.log(JSON.stringify({ event, n }));
}

/** What one `sendBatch` takes. */
const MOST_MESSAGES = 100;
const MOST_BYTES = 240_000;
/** What the queue adds to each message, counted generously. */
const OVERHEAD_BYTES = 200;

/**
 * Sends all of it, in as few calls as the queue allows. When it rejects, some may be on their way already: send all of it
 * again, and let the receiver tell by the ids.
 */
export async function sendAll(
  queue: Queue,
  bodies: readonly unknown[],
  options?: QueueSendBatchOptions,
): Promise<void> {
  const encoder = new TextEncoder();
  let batch: MessageSendRequest[] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await queue.sendBatch(batch, options);
    logQueueCount('queue_sent', batch.length);
    batch = [];
    bytes = 0;
  };
  for (const body of bodies) {
    const size = encoder.encode(JSON.stringify(body)).length + OVERHEAD_BYTES;
    if (batch.length === MOST_MESSAGES || bytes + size > MOST_BYTES) await flush();
    batch.push({ body });
    bytes += size;
  }
  await flush();
}
