/** Messages that cannot be handled, on their way through a dead-letter queue. */
import { z } from 'zod';
import { sendAll } from './delivery.ts';

/** Each queue's dead-letter queue is named so in wrangler.toml. */
export const QUEUE_OF_DEAD_LETTERS = { 'jobs-dead': 'jobs', 'signals-dead': 'signals' } as const;
export type DeadLetterQueue = keyof typeof QUEUE_OF_DEAD_LETTERS;

const MOST_DETAIL = 1000;

const deadLetterSchema = z.object({
  v: z.literal(1),
  /** Of the message that was given up. */
  id: z.string(),
  kind: z.literal('dead_letter'),
  /** A code. */
  reason: z.string(),
  detail: z.string().nullable(),
  attempts: z.int(),
  body: z.unknown(),
});

export type DeadLetterMessage = z.infer<typeof deadLetterSchema>;

export interface GivenUp {
  message: Pick<Message, 'id' | 'attempts' | 'body'>;
  reason: string;
  detail: string | null;
}

export function sendDeadLetters(queue: Queue, givenUp: readonly GivenUp[]): Promise<void> {
  return sendAll(
    queue,
    givenUp.map(
      ({ message: { id, attempts, body }, reason, detail }): DeadLetterMessage => ({
        v: 1,
        id,
        kind: 'dead_letter',
        reason,
        detail: detail?.slice(0, MOST_DETAIL) ?? null,
        attempts,
        body,
      }),
    ),
  );
}

/** What comes out of a dead-letter queue: a letter of ours, or a message that the queue itself gave up. */
export function readDeadLetter(message: Pick<Message, 'id' | 'attempts' | 'body'>): DeadLetterMessage {
  const read = deadLetterSchema.safeParse(message.body);
  if (read.success) return read.data;
  const { id, attempts, body } = message;
  return { v: 1, id, kind: 'dead_letter', reason: 'retries_exhausted', detail: null, attempts, body };
}
