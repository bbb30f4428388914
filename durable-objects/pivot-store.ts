/** The pivots of a trip: what was asked, what was offered, what came of it. */

import type { LocalNow } from '../core/itinerary/trip-changes.ts';
import type { PivotBody, PivotOutcome } from '../core/live/messages.ts';
import type { PivotOption, PivotRequest } from '../core/pivot/pivot.ts';
import { LazyTable } from './lazy-table.ts';

export interface StoredPivot {
  eventId: string;
  /** Who asked; null once their account is deleted, and where nobody did. */
  userId: string | null;
  /** Nobody asked: the product saw it coming. */
  byProduct?: boolean;
  request: PivotRequest;
  /** As it was answered. */
  body: PivotBody;
  options: PivotOption[];
  /** For when the options were made. */
  now: LocalNow;
  /** Milliseconds since the epoch. */
  askedAt: number;
  expiresAt: number;
  latencyMs: number;
  /** Of the event that told the companions of it; null where there was nothing to offer, and so no event. */
  seq: number | null;
  resolution: Resolution | null;
}

export interface Resolution {
  response: PivotOutcome;
  optionId: string | null;
  /** Of the event. */
  seq: number;
  at: number;
}

/** Older ones are only in Postgres. */
const PIVOTS_KEPT = 200;

export class PivotStore {
  readonly #sql: SqlStorage;
  readonly #table: LazyTable;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#table = new LazyTable(
      sql,
      'pivots',
      'position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, open_until INTEGER, body TEXT NOT NULL',
    );
  }

  find(eventId: string): StoredPivot | null {
    if (!this.#table.isThere) return null;
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM pivots WHERE id = ?', eventId).toArray();
    return row ? (JSON.parse(row.body) as StoredPivot) : null;
  }

  put(pivot: StoredPivot): void {
    this.#table.make();
    const openUntil = pivot.resolution || pivot.options.length === 0 ? null : pivot.expiresAt;
    this.#sql.exec(
      'INSERT INTO pivots (id, open_until, body) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET open_until = ?2, body = ?3',
      pivot.eventId,
      openUntil,
      JSON.stringify(pivot),
    );
    this.#sql.exec(
      'DELETE FROM pivots WHERE open_until IS NULL AND position <= (SELECT max(position) FROM pivots) - ?',
      PIVOTS_KEPT,
    );
  }

  /** Those whose time is over and that nobody answered. */
  expired(now: number): StoredPivot[] {
    if (!this.#table.isThere) return [];
    return this.#sql
      .exec<{ body: string }>('SELECT body FROM pivots WHERE open_until <= ? ORDER BY position', now)
      .toArray()
      .map(({ body }) => JSON.parse(body) as StoredPivot);
  }

  /** Those that the weather triggered, answered or not. */
  ofWeather(): StoredPivot[] {
    if (!this.#table.isThere) return [];
    return this.#sql
      .exec<{ body: string }>("SELECT body FROM pivots WHERE json_extract(body, '$.request.trigger') = 'weather'")
      .toArray()
      .map(({ body }) => JSON.parse(body) as StoredPivot);
  }

  openCount(): number {
    if (!this.#table.isThere) return 0;
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM pivots WHERE open_until IS NOT NULL').one().n;
  }

  nextExpiry(): number | null {
    if (!this.#table.isThere) return null;
    return this.#sql.exec<{ due: number | null }>('SELECT min(open_until) AS due FROM pivots').one().due;
  }

  forget(userId: string): void {
    if (!this.#table.isThere) return;
    this.#sql.exec(
      "UPDATE pivots SET body = json_set(body, '$.userId', null) WHERE json_extract(body, '$.userId') = ?",
      userId,
    );
  }
}
