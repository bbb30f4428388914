/** What the language model has cost today: one instance for the whole product, so that the cap holds for all of it. */
import { DurableObject } from 'cloudflare:workers';

export interface LlmSpend {
  /** UTC, ISO date. */
  day: string;
  /** Settled costs and open reservations, millionths of a US dollar. */
  spentMicroUsd: number;
  /** Calls that the cap did not let through. */
  refused: number;
}

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
  }

  today(day: string): LlmSpend {
    requireDay(day);
    const [row] = this.#sql
      .exec<{ micro_usd: number; refused: number }>('SELECT micro_usd, refused FROM spend WHERE day = ?', day)
      .toArray();
    return { day, spentMicroUsd: row?.micro_usd ?? 0, refused: row?.refused ?? 0 };
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
}
