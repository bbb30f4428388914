/** A traveller on a clear course: the sequence model sees it, a language model does not. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

/** A decision of the traveller's: what the venue offers to each persona dimension (`dimensionProfile`), and the verdict. */
export interface PastDecision {
  profile: ArrayLike<number>;
  accepted: boolean;
}

export const MOMENTUM = {
  /** The latest so many count. */
  latest: 8,
  /** Weight of each decision against the one after it. */
  decay: 0.85,
  /** Fewer say nothing. */
  least: 5,
} as const;

/**
 * How clear a line the latest decisions follow, in [0, 1]; 0 under five. Each is a unit vector u: the venue's profile,
 * turned round where it was refused. With weights w = decay^age, R = |sum w u| / sum w (the mean resultant length of
 * directional statistics; Mardia and Jupp 2000, "Directional statistics", 9.2). R^2 of n random directions is 1 / n in the
 * mean, so what is given back is
 *
 *   sqrt(max(0, (n R^2 - 1) / (n - 1))),   n = (sum w)^2 / sum w^2
 *
 * whose square has as its mean the cosine between two decisions: 0 where they point anywhere, 1 where all are one.
 * @param past oldest first; venues that offer nothing to any dimension are passed over
 */
export function sequenceMomentum(past: readonly PastDecision[]): number {
  const directions = past.flatMap(({ profile, accepted }) => {
    const length = Math.sqrt(Array.from(profile).reduce((sum, x) => sum + x * x, 0));
    if (!(length > 0)) return [];
    return [Float64Array.from(profile, (x) => (accepted ? x : -x) / length)];
  });
  const latest = directions.slice(-MOMENTUM.latest);
  if (latest.length < MOMENTUM.least) return 0;
  const resultant = new Float64Array(latest[0]!.length);
  let weights = 0;
  let squares = 0;
  for (const [i, direction] of latest.entries()) {
    const weight = MOMENTUM.decay ** (latest.length - 1 - i);
    for (let d = 0; d < resultant.length; d++) resultant[d]! += weight * direction[d]!;
    weights += weight;
    squares += weight ** 2;
  }
  const n = weights ** 2 / squares;
  const length2 = resultant.reduce((sum, x) => sum + x * x, 0) / weights ** 2;
  return Math.sqrt(Math.min(1, Math.max(0, (n * length2 - 1) / (n - 1))));
}

export function hasMomentum(
  { sequence_momentum }: Pick<KnownFacts, 'sequence_momentum'>,
  config: Pick<ArbitrationConfig, 'sequence_momentum'>,
): boolean {
  return sequence_momentum !== null && sequence_momentum > config.sequence_momentum;
}
