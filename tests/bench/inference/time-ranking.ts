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

/** Milliseconds. workerd's clock moves by whole ones, so that short work is timed in rounds. */
export interface RankingTimes {
  /** Of each run, by the clock. */
  runs: number[];
  /** Mean of the runs of a round, one for each traveller. */
  rounds: number[];
  /** The same of what JavaScript does before the session runs. */
  feeds: number[];
}

/** Each run is another traveller's; venues are known after the first rounds, as they are in an isolate that serves. */
export async function timeRanking(
  ranker: MlRanker,
  requests: readonly MlRequest[],
  rounds: number,
): Promise<RankingTimes> {
  const fed = ranker as MlRanker & { feeds(request: MlRequest): Promise<unknown> };
  const times: RankingTimes = { runs: [], rounds: [], feeds: [] };
  for (let round = -3; round < rounds; round++) {
    const runs: number[] = [];
    const begun = performance.now();
    for (const request of requests) {
      const from = performance.now();
      await ranker.rank(request);
      runs.push(performance.now() - from);
    }
    const ranked = performance.now();
    for (const request of requests) await fed.feeds(request);
    const ended = performance.now();
    if (round < 0) continue;
    times.runs.push(...runs);
    times.rounds.push((ranked - begun) / requests.length);
    times.feeds.push((ended - ranked) / requests.length);
  }
  return times;
}
