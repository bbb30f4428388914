/** The requests that are timed, and how: the same in workerd and in Node. */
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import { madeUpVenues } from '../../inference/made-up-venues.ts';
import { type CaseSize, rankingCase } from '../../inference/ranking-cases.ts';

const SIZES: Record<string, CaseSize> = {
  'one moment, 25 choices': { history: 25, candidates: 200, moments: 1 },
  'one moment, 50 choices': { history: 50, candidates: 200, moments: 1 },
  'twelve moments, 50 choices': { history: 50, candidates: 200, moments: 12 },
};
const TRAVELLERS = 20;
const VENUES = 600;

export function benchCases(ids: readonly string[]): Record<string, MlRequest[]> {
  const venues = madeUpVenues(ids.slice(0, VENUES), 1);
  return Object.fromEntries(
    Object.entries(SIZES).map(([name, size]) => [
      name,
      Array.from({ length: TRAVELLERS }, (_, seed) => rankingCase(venues, size, seed)),
    ]),
  );
}

export interface RankingTimes {
  /** Milliseconds of each run. */
  whole: number[];
  /** Of it, what JavaScript does before the session runs. */
  feeds: number[];
}

/** Each run is another traveller's; venues are known after the first rounds, as they are in an isolate that serves. */
export async function timeRanking(
  ranker: MlRanker,
  requests: readonly MlRequest[],
  runs: number,
): Promise<RankingTimes> {
  const fed = ranker as MlRanker & { feeds(request: MlRequest): Promise<unknown> };
  const times: RankingTimes = { whole: [], feeds: [] };
  for (let run = -3 * requests.length; run < runs; run++) {
    const request = requests[(run + 3 * requests.length) % requests.length]!;
    const from = performance.now();
    await ranker.rank(request);
    const ranked = performance.now();
    await fed.feeds(request);
    if (run < 0) continue;
    times.whole.push(ranked - from);
    times.feeds.push(performance.now() - ranked);
  }
  return times;
}
