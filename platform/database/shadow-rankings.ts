/** What versions in shadow would have ranked, beside what was served. */
import { v5 as uuidv5 } from 'uuid';
import type { Database, Transaction } from './client.ts';
import { shadowRankings } from './schema/index.ts';

/** `ranked` and `scores` are of all candidates, best first; `latencyMs` of the version's run. */
export type ShadowRanking = Omit<typeof shadowRankings.$inferInsert, 'id'>;

const NAMESPACE = '8f0f7f6a-3c55-4d0e-8b9e-0a53f9f1c7d4';
/** Each has up to 200 ids and scores. */
const ROWS_A_STATEMENT = 50;

/**
 * To be run in a batch or a transaction, once the response is out. A ranking stands once for each event and version,
 * however often it comes. None for no rankings.
 */
export function shadowInserts(queries: Database | Transaction, rankings: readonly ShadowRanking[]) {
  const rows = rankings.map((ranking) => ({
    ...ranking,
    id: uuidv5(`${ranking.rankingEventId}/${ranking.modelName}/${ranking.version}`, NAMESPACE),
  }));
  const pages = [];
  for (let i = 0; i < rows.length; i += ROWS_A_STATEMENT) {
    pages.push(
      queries
        .insert(shadowRankings)
        .values(rows.slice(i, i + ROWS_A_STATEMENT))
        .onConflictDoNothing(),
    );
  }
  return pages;
}
