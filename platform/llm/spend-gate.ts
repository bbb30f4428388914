/** The gate that every call to the language model passes before it is made. */

export interface SpendGate {
  /** Sets aside what a call costs at most; false where the day's cap leaves no room for it. */
  reserve(microUsd: number): Promise<boolean>;
  /** Puts what the call did cost in the place of what was set aside for it. */
  settle(reservedMicroUsd: number, actualMicroUsd: number): Promise<void>;
}

/** What the gate needs of the `LlmBudget` Durable Object. */
export interface SpendLedger {
  reserve(microUsd: number, capMicroUsd: number, day: string): Promise<boolean>;
  settle(reservedMicroUsd: number, actualMicroUsd: number, day: string): Promise<void>;
}

/** The UTC day of an instant, as ISO date. */
export function utcDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

/** `LLM_DAILY_CAP_USD` as millionths of a dollar. Throws a `RangeError` where it is no amount: a cap must not vanish by a typo. */
export function capFromUsd(text: string): number {
  const usd = Number(text);
  if (text.trim() === '' || !(usd >= 0 && usd < 1e9)) throw new RangeError(`"${text}" is no daily cap in US dollars`);
  return Math.round(usd * 1e6);
}

/** A gate over the ledger for one request: what it reserves before midnight, it settles on the same day. */
export function budgetGate(ledger: SpendLedger, { capMicroUsd, now }: { capMicroUsd: number; now: number }): SpendGate {
  const day = utcDay(now);
  return {
    reserve: (microUsd) => ledger.reserve(microUsd, capMicroUsd, day),
    settle: (reserved, actual) => ledger.settle(reserved, actual, day),
  };
}
