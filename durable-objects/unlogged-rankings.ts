/**
 * The logs of rankings that the trip was given and Postgres has not been told of (invariant 1): stored with the change that
 * took them over, dropped once they are in Postgres. A queue's message would be too small for them.
 */
import type { RankingLog } from '../platform/database/ranking-log.ts';

const PREFIX = 'ranking:';

/** The candidate set, and each of the events that refer to it, by itself: one value has at most 2 MB. */
const keyOf = (setId: string, eventId = '') => `${PREFIX}${setId}:${eventId}`;
/** Before the id of an arbitration event. */
const DECISION = 'decision/';

export class UnloggedRankings {
  readonly #kv: SyncKvStorage;

  constructor(storage: DurableObjectStorage) {
    this.#kv = storage.kv;
  }

  /** Call it in the transaction of the change. */
  add({ candidateSet, rankingEvents, arbitrationEvents }: RankingLog): void {
    this.#kv.put(keyOf(candidateSet.id), candidateSet);
    for (const event of rankingEvents) this.#kv.put(keyOf(candidateSet.id, event.id), event);
    for (const event of arbitrationEvents) this.#kv.put(keyOf(candidateSet.id, DECISION + event.id), event);
  }

  /** In the order of their ids, which is that of their making. */
  all(): RankingLog[] {
    const logs: RankingLog[] = [];
    // A set's key comes before those of its events.
    for (const [key, value] of this.#kv.list({ prefix: PREFIX })) {
      if (key.endsWith(':')) {
        logs.push({ candidateSet: value as RankingLog['candidateSet'], rankingEvents: [], arbitrationEvents: [] });
        continue;
      }
      const log = logs.at(-1)!;
      if (key.includes(`:${DECISION}`)) log.arbitrationEvents.push(value as RankingLog['arbitrationEvents'][number]);
      else log.rankingEvents.push(value as RankingLog['rankingEvents'][number]);
    }
    return logs;
  }

  drop(setIds: readonly string[]): void {
    const keys = setIds.flatMap((id) => [...this.#kv.list({ prefix: keyOf(id) })].map(([key]) => key));
    for (const key of keys) this.#kv.delete(key);
  }
}
