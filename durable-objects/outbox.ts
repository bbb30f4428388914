/** Effects on their way out of an object: stored with the change that caused them, sent by its alarm until they are gone. */
import type { Job } from '../platform/queue/jobs.ts';

/** A queue takes this many messages in one call. */
const MESSAGES_A_CALL = 100;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;

/** How long to wait after the `attempts`-th failure in a row, milliseconds. */
export function retryDelay(attempts: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
}

export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  #table(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0)',
    );
  }

  /** Call it in the transaction of the change. */
  add(job: Job): void {
    this.#table();
    // The projection reads the object when it runs: one that waits already covers this change too.
    if (job.kind === 'project_trip') {
      this.#sql.exec("DELETE FROM outbox WHERE json_extract(body, '$.kind') = 'project_trip'");
    }
    this.#sql.exec('INSERT INTO outbox (body) VALUES (?)', JSON.stringify(job));
  }

  /**
   * Sends what there is, in order. Returns when to try again, milliseconds from now; null where nothing is left. A failed
   * send leaves everything in place: the same message may go out twice, and its receiver must not mind.
   */
  async drain(send: (jobs: Job[]) => Promise<void>): Promise<number | null> {
    this.#table();
    const rows = this.#sql
      .exec<{ position: number; body: string; attempts: number }>(
        'SELECT position, body, attempts FROM outbox ORDER BY position LIMIT ?',
        MESSAGES_A_CALL,
      )
      .toArray();
    if (rows.length === 0) return null;
    const positions = JSON.stringify(rows.map((row) => row.position));
    try {
      await send(rows.map((row) => JSON.parse(row.body) as Job));
    } catch (error) {
      console.log(JSON.stringify({ event: 'outbox_send_failed', messages: rows.length, error: String(error) }));
      this.#sql.exec(
        'UPDATE outbox SET attempts = attempts + 1 WHERE position IN (SELECT value FROM json_each(?))',
        positions,
      );
      return retryDelay(rows[0]!.attempts + 1);
    }
    this.#sql.exec('DELETE FROM outbox WHERE position IN (SELECT value FROM json_each(?))', positions);
    return this.#sql.exec('SELECT 1 FROM outbox LIMIT 1').toArray().length > 0 ? 0 : null;
  }
}
