/** What happened to a trip, in order and without gaps: the `seq` of an event is that of the trip after it. */
import type { DurableMessage } from '../core/live/messages.ts';
import { LazyTable } from './lazy-table.ts';

/** Who was away for longer gets a snapshot. */
export const EVENTS_KEPT = 1_000;

export class EventLog {
  readonly #sql: SqlStorage;
  readonly #table: LazyTable;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#table = new LazyTable(
      sql,
      'events',
      'seq INTEGER PRIMARY KEY, at TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL',
    );
  }

  /** Call it in the transaction of the change. Returns the message as it is sent, the same to whoever asks later. */
  append(message: DurableMessage): string {
    this.#table.make();
    const body = JSON.stringify(message);
    const { seq, at, type } = message;
    this.#sql.exec('INSERT INTO events (seq, at, type, body) VALUES (?, ?, ?, ?)', seq, at, type, body);
    this.#sql.exec('DELETE FROM events WHERE seq <= ?', seq - EVENTS_KEPT);
    return body;
  }

  /** The messages after `since` up to `current`, the trip's own `seq`; null where they are not all there. */
  after(since: number, current: number): string[] | null {
    if (!Number.isSafeInteger(since) || since < 0 || since > current) return null;
    if (since === current) return [];
    if (!this.#table.isThere) return null;
    const rows = this.#sql
      .exec<{ body: string }>('SELECT body FROM events WHERE seq > ? ORDER BY seq', since)
      .toArray();
    return rows.length === current - since ? rows.map(({ body }) => body) : null;
  }

  /** The person's id leaves every event, and what they wrote. */
  forget(userId: string): void {
    if (!this.#table.isThere) return;
    this.#sql.exec(
      "UPDATE events SET body = json_set(body, '$.note', null) WHERE type = 'pivot_suggested' AND json_extract(body, '$.by') = ?",
      userId,
    );
    this.#sql.exec(`UPDATE events SET body = replace(body, ?, 'null')`, JSON.stringify(userId));
  }
}
