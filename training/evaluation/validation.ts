/** The one number by which a run is stopped and hyper-parameters are chosen. */
import { ndcg, rankOf } from './rank.ts';
import type { EvaluationCase, Recommender } from './recommender.ts';

const K = 10;
const BATCH = 512;

/** Mean NDCG@10: over what was offered, or over all items but those of the history. */
export async function meanNdcg(
  score: Recommender['score'],
  cases: readonly EvaluationCase[],
  items: number,
): Promise<number> {
  const excluded = new Uint8Array(items);
  let sum = 0;
  for (let from = 0; from < cases.length; from += BATCH) {
    const part = cases.slice(from, from + BATCH);
    const scores = await score(part);
    for (const [row, { history, target, candidates }] of part.entries()) {
      for (const item of history) excluded[item] = 1;
      sum += ndcg(rankOf(scores[row]!, target, candidates, candidates ? null : excluded), K);
      for (const item of history) excluded[item] = 0;
    }
  }
  return sum / cases.length;
}
