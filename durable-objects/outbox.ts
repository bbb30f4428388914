/** Effects on their way out of an object: stored with the change that caused them, sent by its alarm until they are gone. */
import type { OutboxMessage } from '../platform/queue/outbox-message.ts';
import { LazyTable } from './lazy-table.ts';

/** What one drain takes. */
const MESSAGES_A_DRAIN = 100;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;
const RETRY_AT = 'outbox_retry_at';

/** How long to wait after the `attempts`-th failure in a row, milliseconds. */
export function retryDelay(attempts: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
}

export class Outbox {
  readonly #storage: DurableObjectStorage;
  readonly #table: LazyTable;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#table = new LazyTable(
      storage.sql,
      'outbox',
      'position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0',
    );
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** Call it in the transaction of the change. */
  add(message: OutboxMessage): void {
    this.#table.make();
    this.#dropSuperseded(message);
    this.#sql.exec('INSERT INTO outbox (body) VALUES (?)', JSON.stringify(message));
  }

  /** What waits and says no more than `message` does. */
  #dropSuperseded(message: OutboxMessage): void {
    // The projection reads the object when it runs.
    if (message.kind === 'project_trip') {
      this.#sql.exec("DELETE FROM outbox WHERE json_extract(body, '$.kind') = 'project_trip'");
    }
    // A pivot that was answered tells all that it told when it was asked.
    if (message.kind === 'pivot_event' && message.response !== null) {
      this.#sql.exec("DELETE FROM outbox WHERE json_extract(body, '$.eventId') = ?", message.eventId);
    }
  }

  /** When there is something to send, milliseconds since the epoch; null where there is nothing. */
  due(now: number): number | null {
    if (!this.#table.isThere) return null;
    if (this.#sql.exec('SELECT 1 FROM outbox LIMIT 1').toArray().length === 0) return null;
    const retryAt = this.#storage.kv.get<number>(RETRY_AT) ?? now;
    // Further off than any delay reaches: the clock has gone back since the failure.
    return retryAt > now + LAST_RETRY_MS ? now : retryAt;
  }

  /**
   * Sends what there is, in order. A failed send leaves everything in place, to be tried again when it is `due`: the same
   * message may go out twice, and its receiver must not mind.
   */
  async drain(send: (messages: OutboxMessage[]) => Promise<void>, now: number): Promise<void> {
    if (!this.#table.isThere) return;
    const rows = this.#sql
      .exec<{ position: number; body: string; attempts: number }>(
        'SELECT position, body, attempts FROM outbox ORDER BY position LIMIT ?',
        MESSAGES_A_DRAIN,
      )
      .toArray();
    if (rows.length === 0) return;
    const positions = JSON.stringify(rows.map((row) => row.position));
    try {
      await send(rows.map((row) => JSON.parse(row.body) as OutboxMessage));
    } catch (error) {
      console.log(JSON.stringify({ event: 'outbox_send_failed', messages: rows.length, error: String(error) }));
      this.#sql.exec(
        'UPDATE outbox SET attempts = attempts + 1 WHERE position IN (SELECT value FROM json_each(?))',
        positions,
      );
      this.#storage.kv.put(RETRY_AT, now + retryDelay(rows[0]!.attempts + 1));
      return;
    }
    this.#sql.exec('DELETE FROM outbox WHERE position IN (SELECT value FROM json_each(?))', positions);
    this.#storage.kv.delete(RETRY_AT);
  }
}
