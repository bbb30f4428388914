/** A trained ranker's numbers, brought to the scale by which trips are planned. */
import type { Venue } from '../venue/venue.ts';
import type { ScoredMoment } from './personal-rescore.ts';

/** The best of a list, set against the rest of what a ranker is asked for. */
const FIRST = 3;
const LISTED = 30;

/**
 * The moment with the ranker's order. Assembly weighs scores against ways and hours, and a day may mix moments of both
 * rankers, so that the log odds take mean and spread from the scores that would be served otherwise:
 * `m + s * (x - mean(x)) / sd(x)`, kept in [0, 1]. A list to which all is one scores the mean throughout.
 * @param logits one a candidate, finite
 */
export function onScaleOf(
  served: ScoredMoment,
  logits: ArrayLike<number>,
  candidates: readonly Pick<Venue, 'id'>[],
): ScoredMoment {
  const own = momentsOf(logits);
  const scale = momentsOf(served.scores);
  const scores = Float64Array.from(candidates, (_, i) => {
    const distance = own.deviation > 0 ? (logits[i]! - own.mean) / own.deviation : 0;
    return Math.min(1, Math.max(0, scale.mean + scale.deviation * distance));
  });
  // By the log odds: where scores meet at an end of the scale, the order is still the ranker's.
  const order = candidates
    .map((_, i) => i)
    .sort((a, b) => logits[b]! - logits[a]! || (candidates[a]!.id < candidates[b]!.id ? -1 : 1));
  return { context: served.context, scores, order };
}

/**
 * How decided the ranker is, in [0, 1): `2 * sigmoid(d) - 1`, where d is how far the mean log odds of the first three lie
 * above those of the rest of the first thirty. 0: it might as well have drawn lots.
 */
export function mlConfidence(logits: ArrayLike<number>): number {
  const best = Float64Array.from(logits).sort().reverse().slice(0, LISTED);
  const rest = best.slice(FIRST);
  if (rest.length === 0) return 0;
  const lead = momentsOf(best.slice(0, FIRST)).mean - momentsOf(rest).mean;
  return 2 / (1 + Math.exp(-lead)) - 1;
}

function momentsOf(values: ArrayLike<number>): { mean: number; deviation: number } {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = n > 0 ? sum / n : 0;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: n > 0 ? Math.sqrt(squares / n) : 0 };
}
