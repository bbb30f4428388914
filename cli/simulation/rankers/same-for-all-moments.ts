import type { MlMoment, MlRanking } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';

/**
 * The answer of a ranker to which every moment is the same. A venue that it does not know stands behind all others.
 * @throws Error where a score is no number
 */
export function sameForAllMoments(
  modelVersion: string,
  moments: readonly MlMoment[],
  candidates: readonly Venue[],
  scoreOf: (venue: Venue) => number | undefined,
): MlRanking {
  const scores = candidates.map(scoreOf);
  const known = scores.filter((score) => score !== undefined);
  if (!known.every(Number.isFinite)) throw new Error(`${modelVersion}: a score is not finite`);
  const last = known.length > 0 ? Math.min(...known) - 1 : 0;
  const logits = Float32Array.from(scores, (score) => score ?? last);
  return { modelVersion, logits: moments.map(() => logits.slice()) };
}
