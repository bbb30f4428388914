/** The consumer of the dead-letter queues: what was given up comes to rest in a table, where operators find it. */
import { validate as isUuid, v5 as uuidv5 } from 'uuid';
import { openDatabase } from '../platform/database/client.ts';
import { insertDeadLetter } from '../platform/database/dead-letters.ts';
import { isDataFault } from '../platform/database/failure.ts';
import { type DeadLetterQueue, QUEUE_OF_DEAD_LETTERS, readDeadLetter } from '../platform/queue/dead-letters.ts';
import { logQueueCount, MAX_RETRIES } from '../platform/queue/delivery.ts';
import { readSettings } from '../platform/settings.ts';
import { acknowledge, log, tryLater } from './give-up.ts';

const NAMESPACE = 'a2f5e1d4-7f0e-4b7e-9f3c-52b1c8a0d9e3';

const userOf = (body: unknown): string | null => {
  const { userId } = (typeof body === 'object' && body !== null ? body : {}) as { userId?: unknown };
  return isUuid(userId) ? String(userId) : null;
};

export async function consumeDeadLetters(
  batch: MessageBatch,
  queueName: DeadLetterQueue,
  env: Cloudflare.Env,
): Promise<void> {
  const database = openDatabase(readSettings(env).databaseUrl);
  const queue = QUEUE_OF_DEAD_LETTERS[queueName];
  for (const message of batch.messages) {
    const { id, reason, detail, attempts, body } = readDeadLetter(message);
    try {
      await insertDeadLetter(database, {
        id: uuidv5(`${queue}/${id}`, NAMESPACE),
        queue,
        reason,
        detail,
        body: JSON.stringify(body ?? null),
        userId: userOf(body),
        attempts,
        failedAt: new Date(),
      });
      acknowledge([message]);
    } catch (error) {
      // There is no queue behind this one: what cannot be stored is left in the log.
      const lost = isDataFault(error) || message.attempts > MAX_RETRIES;
      log(lost ? 'dead_letter_lost' : 'dead_letter_delayed', { message_id: id, reason, error: String(error) });
      if (isDataFault(error)) acknowledge([message]);
      else tryLater([message]);
      if (lost && !isDataFault(error)) logQueueCount('queue_settled', 1);
    }
  }
}
