/** Between us and the places provider: the cache is read before any call, and each call is taken from a daily budget. */
import { eq, sql } from 'drizzle-orm';
import type { Queries } from '../database/client.ts';
import { placesApiCache, placesApiCalls } from '../database/schema/index.ts';
import { type PlacesAnswer, readPlacesAnswer } from './places-api.ts';
import { PlacesUnavailable } from './places-unavailable.ts';

/** The longest that the provider's terms allow its content to be kept (coordinates: 30 days). */
const FRESH_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface PlacesCacheOptions {
  database: Queries;
  /** Calls a UTC day, over all cities. 0: none. */
  dailyCalls: number;
  now: () => Date;
}

export interface CachedAnswer {
  answer: PlacesAnswer;
  /** `stale`: overdue, but the provider could not be asked. `called`: it was asked just now. */
  from: 'fresh' | 'stale' | 'called';
}

/**
 * What is cached under `key`, else what `call` brings, which is then cached for 30 days. A fresh row never leads to a
 * call; an overdue one is served if the budget is spent or the provider fails. Two readers that miss the same key at
 * once may both call, each from the budget.
 *
 * Rejects with a `PlacesUnavailable` if there is no row and no call can be made or succeeds.
 */
export async function readThroughCache(
  options: PlacesCacheOptions,
  key: string,
  call: () => Promise<PlacesAnswer>,
): Promise<CachedAnswer> {
  const cached = await readCache(options, key);
  if (cached?.from === 'fresh') return cached;
  const { database, dailyCalls, now } = options;
  try {
    await takeCall(database, dailyCalls, now());
    const answer = await call();
    const at = now();
    const values = { rawResponse: answer, fetchedAt: at, refreshDueAt: daysAfter(at, FRESH_DAYS) };
    await database
      .insert(placesApiCache)
      .values({ placeId: key, ...values })
      .onConflictDoUpdate({ target: placesApiCache.placeId, set: values });
    return { answer, from: 'called' };
  } catch (error) {
    if (cached && error instanceof PlacesUnavailable) return cached;
    throw error;
  }
}

/** What is cached under `key`, fresh or stale; null if nothing is. Calls nobody. */
export async function readCache(
  { database, now }: PlacesCacheOptions,
  key: string,
): Promise<(CachedAnswer & { from: 'fresh' | 'stale' }) | null> {
  const [row] = await database.select().from(placesApiCache).where(eq(placesApiCache.placeId, key));
  const answer = row ? readPlacesAnswer(row.rawResponse) : null;
  if (!row || !answer) return null;
  return { answer, from: row.refreshDueAt > now() ? 'fresh' : 'stale' };
}

/** Has the row asked for again from tomorrow on. */
export async function refreshTomorrow({ database, now }: PlacesCacheOptions, key: string): Promise<void> {
  const refreshDueAt = daysAfter(now(), 1);
  await database.update(placesApiCache).set({ refreshDueAt }).where(eq(placesApiCache.placeId, key));
}

const daysAfter = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS);

/**
 * Takes one call from the budget of the day, in one statement: however many ask at once, at most `dailyCalls` get it. A
 * call that then fails stays taken. Rejects with a `PlacesUnavailable` (`over_budget`) if none is left.
 */
export async function takeCall(database: Queries, dailyCalls: number, at: Date): Promise<void> {
  const day = at.toISOString().slice(0, 10);
  const taken =
    dailyCalls < 1
      ? []
      : await database
          .insert(placesApiCalls)
          .values({ day, calls: 1 })
          .onConflictDoUpdate({
            target: placesApiCalls.day,
            set: { calls: sql`${placesApiCalls.calls} + 1` },
            setWhere: sql`${placesApiCalls.calls} < ${dailyCalls}`,
          })
          .returning();
  if (taken.length === 0) {
    throw new PlacesUnavailable('over_budget', `the ${dailyCalls} calls to the places provider of ${day} are spent`);
  }
}
