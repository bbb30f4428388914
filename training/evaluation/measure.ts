/** Scores a recommender on cases, and keeps of each case what the metrics, intervals and comparisons need. */
import { topPrediction } from './calibration.ts';
import { novelty } from './diversity.ts';
import type { ContestedCase, Protocol } from './protocol.ts';
import { auc, hitRate, ndcg, rankOf, reciprocalRank } from './rank.ts';
import type { Recommender } from './recommender.ts';
import { type TopList, topList } from './top-list.ts';

/** Cases scored at once: bounds what their score rows take. */
const BATCH = 256;

export interface MeasureOptions {
  /** Cut-offs of hit rate and NDCG. */
  ks: readonly number[];
  /** Length of the lists whose coverage and novelty are measured. */
  listLength: number;
}

export const MEASURE: MeasureOptions = { ks: [1, 5, 10, 20], listLength: 10 };

/** Names of the columns of `CaseValues.values`, without the protocol's prefix. */
export function metricNames({ ks, listLength }: MeasureOptions): string[] {
  return [...ks.map((k) => `hr@${k}`), ...gainCuts(ks).map((k) => `ndcg@${k}`), 'mrr', 'auc', `novelty@${listLength}`];
}

/** NDCG@1 is the hit rate at 1. */
const gainCuts = (ks: readonly number[]) => ks.filter((k) => k > 1);

export interface CaseValues {
  metrics: readonly string[];
  /** [cases, metrics]; NaN where a case has no value. */
  values: Float64Array;
  /** Of each case. */
  lists: TopList[];
  /** Confidence and correctness of each case's first item; null where scores are not probabilities. */
  predictions: { confidence: Float64Array; correct: Float64Array } | null;
}

/**
 * @param items size of the catalogue
 * @param information self-information of each item, [items], bits
 * @throws RangeError where a row of scores has not the length of the catalogue
 */
export async function measure(
  recommender: Recommender,
  contested: readonly ContestedCase[],
  items: number,
  information: Float64Array,
  protocol: Protocol,
  options: MeasureOptions = MEASURE,
): Promise<CaseValues> {
  const metrics = metricNames(options);
  const values = new Float64Array(contested.length * metrics.length);
  const lists: TopList[] = [];
  const confidence: number[] = [];
  const correct: number[] = [];
  const excluded = new Uint8Array(items);
  for (let from = 0; from < contested.length; from += BATCH) {
    const batch = contested.slice(from, from + BATCH);
    const rows = await recommender.score(batch.map((one) => one.case));
    if (rows.length !== batch.length) {
      throw new RangeError(`${recommender.name} gave ${rows.length} rows of scores for ${batch.length} cases`);
    }
    for (const [i, { case: one, candidates }] of batch.entries()) {
      const scores = rows[i]!;
      if (scores.length !== items) {
        throw new RangeError(`${recommender.name} scored ${scores.length} items of ${items}`);
      }
      const mask = protocol.excludeHistory && candidates === null ? excluded : null;
      if (mask) for (const item of one.history) mask[item] = 1;
      const rank = rankOf(scores, one.target, candidates, mask);
      const list = topList(scores, options.listLength, candidates, mask);
      lists.push(list);
      values.set(
        [
          ...options.ks.map((k) => hitRate(rank, k)),
          ...gainCuts(options.ks).map((k) => ndcg(rank, k)),
          reciprocalRank(rank),
          auc(rank),
          novelty(list, information),
        ],
        (from + i) * metrics.length,
      );
      if (recommender.scoreMeaning === 'next_item') {
        const prediction = topPrediction(scores, one.target, candidates, mask);
        confidence.push(prediction?.confidence ?? Number.NaN);
        correct.push(prediction?.correct ?? Number.NaN);
      }
      if (mask) for (const item of one.history) mask[item] = 0;
    }
  }
  const predictions =
    recommender.scoreMeaning === 'next_item' && protocol.sampled === null
      ? { confidence: Float64Array.from(confidence), correct: Float64Array.from(correct) }
      : null;
  return { metrics, values, lists, predictions };
}
