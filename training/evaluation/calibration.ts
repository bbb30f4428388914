/** Whether probabilities mean what they say. */

export interface ReliabilityBin {
  /** Of the predicted probability; a bin holds its lower edge, the last also its upper one. */
  from: number;
  to: number;
  n: number;
  /** Means in the bin; NaN where it is empty. */
  predicted: number;
  observed: number;
}

export interface Calibration {
  n: number;
  bins: ReliabilityBin[];
  /** Expected calibration error, in [0, 1]. */
  ece: number;
  /** Brier score, in [0, 1]. */
  brier: number;
}

/**
 * Reliability bins of equal width with
 *   ECE = sum over bins of n_b / n * |observed_b - predicted_b|
 * (Naeini, Cooper and Hauskrecht 2015, AAAI; Guo et al. 2017, "On calibration of modern neural networks", ICML, eq. 3) and
 *   Brier = mean of (p - y)^2
 * (Brier 1950, Monthly Weather Review 78). An outcome between 0 and 1 is a chance: its squared error is taken in
 * expectation, p^2 - 2 p y + y.
 * @param probabilities [n], each in [0, 1]
 * @param outcomes [n], each in [0, 1]
 */
export function calibration(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>, bins = 10): Calibration {
  const n = probabilities.length;
  if (n === 0 || outcomes.length !== n) throw new RangeError(`${n} probabilities, ${outcomes.length} outcomes`);
  const count = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const observed = new Float64Array(bins);
  let brier = 0;
  for (let i = 0; i < n; i++) {
    const p = probabilities[i]!;
    const y = outcomes[i]!;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`probability ${i} is ${p}`);
    if (!(y >= 0 && y <= 1)) throw new RangeError(`outcome ${i} is ${y}`);
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    count[bin]!++;
    predicted[bin]! += p;
    observed[bin]! += y;
    brier += p * p - 2 * p * y + y;
  }
  let ece = 0;
  const filled = Array.from(count, (inBin, b): ReliabilityBin => {
    ece += Math.abs(observed[b]! - predicted[b]!) / n;
    return {
      from: b / bins,
      to: (b + 1) / bins,
      n: inBin,
      predicted: predicted[b]! / inBin,
      observed: observed[b]! / inBin,
    };
  });
  return { n, bins: filled, ece, brier: brier / n };
}

export interface TopPrediction {
  /** The highest probability. */
  confidence: number;
  /** Probability that the item with it is the target: 1, 0, or a share where several have it. */
  correct: number;
}

/**
 * The confidence of a ranker whose scores are log-probabilities up to a constant: softmax over the candidates, its highest
 * value (Guo et al. 2017, section 2). Items without a score have probability 0. Null where no candidate has one.
 */
export function topPrediction(
  scores: Float32Array,
  target: number,
  candidates: Int32Array | null,
  excluded: Uint8Array | null,
): TopPrediction | null {
  const n = candidates ? candidates.length : scores.length;
  let best = Number.NEGATIVE_INFINITY;
  let tied = 0;
  const each = (visit: (score: number) => void) => {
    for (let c = 0; c < n; c++) {
      const item = candidates ? candidates[c]! : c;
      if (item !== target && excluded?.[item]) continue;
      if (scores[item]! > Number.NEGATIVE_INFINITY) visit(scores[item]!);
    }
  };
  each((score) => {
    if (score > best) [best, tied] = [score, 0];
    if (score === best) tied++;
  });
  if (tied === 0 || best === Number.POSITIVE_INFINITY) return null;
  let total = 0;
  each((score) => {
    total += Math.exp(score - best);
  });
  return { confidence: 1 / total, correct: scores[target] === best ? 1 / tied : 0 };
}
