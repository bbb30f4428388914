/** The acks of what clients sent over their sockets: the same id again is answered with the same ack. */
import type { Ack } from '../core/live/messages.ts';
import { LazyTable } from './lazy-table.ts';

/** Of all members together. */
const IDS_KEPT = 1_000;

export class AnsweredIds {
  readonly #sql: SqlStorage;
  readonly #table: LazyTable;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#table = new LazyTable(
      sql,
      'answered',
      'position INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, id TEXT NOT NULL, ack TEXT NOT NULL, UNIQUE (user_id, id)',
    );
  }

  find(userId: string, id: string): string | null {
    if (!this.#table.isThere) return null;
    const [row] = this.#sql
      .exec<{ ack: string }>('SELECT ack FROM answered WHERE user_id = ? AND id = ?', userId, id)
      .toArray();
    return row?.ack ?? null;
  }

  /** Call it in the transaction of what the message changed. */
  add(userId: string, ack: Ack): void {
    this.#table.make();
    this.#sql.exec(
      'INSERT INTO answered (user_id, id, ack) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      userId,
      ack.id,
      JSON.stringify(ack),
    );
    this.#sql.exec('DELETE FROM answered WHERE position <= (SELECT max(position) FROM answered) - ?', IDS_KEPT);
  }

  forget(userId: string): void {
    if (this.#table.isThere) this.#sql.exec('DELETE FROM answered WHERE user_id = ?', userId);
  }
}
