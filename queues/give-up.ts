/** The ways in which a consumer lets go of messages. */

import { type GivenUp, sendDeadLetters } from '../platform/queue/dead-letters.ts';
import { logQueueCount, retryDelaySeconds } from '../platform/queue/delivery.ts';

export function log(event: string, fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ event, ...fields }));
}

export function acknowledge(messages: readonly Message[]): void {
  for (const message of messages) message.ack();
  logQueueCount('queue_settled', messages.length);
}

/** Each after a delay that grows with its attempts. Past the last, the queue moves it to its dead-letter queue. */
export function tryLater(messages: readonly Message[]): void {
  for (const message of messages) message.retry({ delaySeconds: retryDelaySeconds(message.attempts) });
}

/** To the dead-letter queue, each with its reason; back to where they came from if that cannot be reached. */
export async function giveUp(deadLetters: Queue, givenUp: readonly (GivenUp & { message: Message })[]): Promise<void> {
  const messages = givenUp.map(({ message }) => message);
  for (const { message, reason, detail } of givenUp) {
    log('message_given_up', { message_id: message.id, attempts: message.attempts, reason, detail });
  }
  try {
    await sendDeadLetters(deadLetters, givenUp);
  } catch (error) {
    log('dead_letter_queue_failed', { messages: messages.length, error: String(error) });
    return tryLater(messages);
  }
  acknowledge(messages);
}
