import type { MlRanking, MlRequest } from '../../../core/ranking/ml-ranker.ts';

/**
 * The answer of a ranker that knows only the venues of its list, and to which every moment is the same. Of a candidate that it
 * does not know it can say nothing: that one gets the lowest score of those that it does know, and 0 where it knows none.
 * @param scores of those that it knows, by id
 * @throws Error where a score is no number
 */
export function sameForAllMoments(
  modelVersion: string,
  { moments, candidates }: Pick<MlRequest, 'moments' | 'candidates'>,
  scores: ReadonlyMap<string, number>,
): MlRanking {
  let lowest = Number.POSITIVE_INFINITY;
  for (const score of scores.values()) {
    if (!Number.isFinite(score)) throw new Error('a score is not finite');
    lowest = Math.min(lowest, score);
  }
  const unknown = scores.size > 0 ? lowest : 0;
  const logits = Float32Array.from(candidates, ({ id }) => scores.get(id) ?? unknown);
  return { modelVersion, logits: moments.map(() => logits.slice()) };
}
