/** What is kept of the rankings behind a plan (invariant 1): the candidate set, and the events that refer to it. */
import type { Database, Transaction } from './client.ts';
import { arbitrationEvents, behavioralSignals, rankingEvents } from './schema/index.ts';

export interface RankingLog {
  /** The `candidate_set_logged` row. */
  candidateSet: typeof behavioralSignals.$inferInsert;
  /** At least one. */
  rankingEvents: (typeof rankingEvents.$inferInsert)[];
  /** The decisions between two rankers, one for each slot; none where nothing was to be decided. */
  arbitrationEvents: (typeof arbitrationEvents.$inferInsert)[];
}

/** To be run in this order, as part of a transaction. What is there already stays as it is. */
export function rankingInserts(queries: Database | Transaction, log: RankingLog) {
  return [
    queries.insert(behavioralSignals).values(log.candidateSet).onConflictDoNothing(),
    queries.insert(rankingEvents).values(log.rankingEvents).onConflictDoNothing(),
    ...(log.arbitrationEvents.length > 0
      ? [queries.insert(arbitrationEvents).values(log.arbitrationEvents).onConflictDoNothing()]
      : []),
  ] as const;
}
