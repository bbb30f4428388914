/** What the language model has cost today: one instance for the whole product, so that the cap holds for all of it. */
import { DurableObject } from 'cloudflare:workers';

export interface LlmSpend {
  /** UTC, ISO date. */
  day: string;
  /** Settled costs and open reservations, millionths of a US dollar. */
  spentMicroUsd: number;
  /** Calls that the cap did not let through. */
  refused: number;
  /** Of the seven days before, days without a call included. */
  weekAverageMicroUsd: number;
  /** Whether the day has cost more than twice that average, where there is one (invariant 3). */
  alert: boolean;
}

/** A day that costs more than this many times the average of the week before is worth a look. */
const ALERT_ABOVE_AVERAGE = 2;
const WEEK_DAYS = 7;

/** Key of the last day that was alerted. */
const ALERTED = 'alerted';

/** The name that `idFromName` gets: there is one budget. */
export const LLM_BUDGET_NAME = 'llm-budget';

function requireAmount(microUsd: number): void {
  if (!Number.isSafeInteger(microUsd) || microUsd < 0) throw new RangeError(`${microUsd} is no amount of micro-USD`);
}

function requireDay(day: string): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new RangeError(`"${day}" is no ISO date`);
}

/**
 * Each method is one synchronous stretch of SQL: the object takes one call at a time, so that two reservations never
 * both see the room that only one of them fits in.
 */
export class LlmBudget extends DurableObject {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS spend (day TEXT PRIMARY KEY, micro_usd INTEGER NOT NULL, refused INTEGER NOT NULL)',
    );
  }

  /** Sets the amount aside if the day's spend stays within the cap; otherwise changes nothing but the count of refusals. */
  reserve(microUsd: number, capMicroUsd: number, day: string): boolean {
    requireAmount(microUsd);
    requireAmount(capMicroUsd);
    const fits = this.today(day).spentMicroUsd + microUsd <= capMicroUsd;
    this.#add(day, fits ? microUsd : 0, fits ? 0 : 1);
    return fits;
  }

  /** Replaces a reservation by what the call did cost, which may be more. The day is that of the reservation. */
  settle(reservedMicroUsd: number, actualMicroUsd: number, day: string): void {
    requireAmount(reservedMicroUsd);
    requireAmount(actualMicroUsd);
    this.#add(day, actualMicroUsd - reservedMicroUsd, 0);
    this.#alertOnce(day);
  }

  today(day: string): LlmSpend {
    requireDay(day);
    const [row] = this.#sql
      .exec<{ micro_usd: number; refused: number }>('SELECT micro_usd, refused FROM spend WHERE day = ?', day)
      .toArray();
    const { total } = this.#sql
      .exec<{ total: number }>(
        'SELECT coalesce(sum(micro_usd), 0) AS total FROM spend WHERE day < ?1 AND day >= date(?1, ?2)',
        day,
        `-${WEEK_DAYS} days`,
      )
      .one();
    const spentMicroUsd = row?.micro_usd ?? 0;
    const weekAverageMicroUsd = total / WEEK_DAYS;
    return {
      day,
      spentMicroUsd,
      refused: row?.refused ?? 0,
      weekAverageMicroUsd,
      alert: total > 0 && spentMicroUsd > ALERT_ABOVE_AVERAGE * weekAverageMicroUsd,
    };
  }

  #add(day: string, microUsd: number, refused: number): void {
    requireDay(day);
    this.#sql.exec(
      `INSERT INTO spend (day, micro_usd, refused) VALUES (?1, max(0, ?2), ?3)
       ON CONFLICT (day) DO UPDATE SET micro_usd = max(0, micro_usd + ?2), refused = refused + ?3`,
      day,
      microUsd,
      refused,
    );
  }

  /** Not at a reservation, which is more than the call will cost; and once a day. */
  #alertOnce(day: string): void {
    const { alert, spentMicroUsd, weekAverageMicroUsd } = this.today(day);
    if (!alert || this.ctx.storage.kv.get(ALERTED) === day) return;
    this.ctx.storage.kv.put(ALERTED, day);
    const spend = { day, spent_micro_usd: spentMicroUsd, week_average_micro_usd: weekAverageMicroUsd };
    console.warn(JSON.stringify({ event: 'llm_spend_alert', ...spend }));
  }
}
