/** The best split of a node (Chen and Guestrin 2016, "XGBoost", KDD, eq. 6 and 7, algorithms 1 and 3). */
import { ABOVE_ALL, type Bins, MISSING } from './bins.ts';

export interface SplitRules {
  /** Lambda: shrinks leaf weights. */
  l2: number;
  /** Gamma: what a split has to bring beyond 0. */
  minGain: number;
  /** Least sum of second derivatives on either side. */
  minChildWeight: number;
}

export interface Split {
  feature: number;
  /** Rows of the feature's bins up to this one go left. */
  bin: number;
  threshold: number;
  missingLeft: boolean;
  gain: number;
}

/** First and second derivatives of the loss at each row. */
export interface Derivatives {
  first: Float64Array;
  second: Float64Array;
}

/** What a leaf of these sums takes off the loss: G^2 / (H + lambda). */
const score = (g: number, h: number, l2: number) => (g * g) / (h + l2);

/** The weight of a leaf: -G / (H + lambda) (eq. 5). */
export function leafWeight(g: number, h: number, l2: number): number {
  return h + l2 > 0 ? -g / (h + l2) : 0;
}

/** 1/2 (left + right - whole) - gamma (eq. 7). */
export function splitGain(
  [leftG, leftH]: readonly [number, number],
  [rightG, rightH]: readonly [number, number],
  { l2, minGain }: SplitRules,
): number {
  return (
    (score(leftG, leftH, l2) + score(rightG, rightH, l2) - score(leftG + rightG, leftH + rightH, l2)) / 2 - minGain
  );
}

/**
 * Among all thresholds of the given features, with what is missing on either side. Equal gains: the first feature, the
 * lowest threshold. Where nothing is missing at the node, what will be goes to the side with more weight.
 * @returns null where no split gains anything
 */
export function bestSplit(
  { cuts, columns }: Bins,
  rows: Int32Array,
  features: readonly number[],
  { first, second }: Derivatives,
  rules: SplitRules,
): Split | null {
  let best: Split | null = null;
  for (const feature of features) {
    const own = cuts[feature]!;
    const column = columns[feature]!;
    const g = new Float64Array(own.length + 1);
    const h = new Float64Array(own.length + 1);
    const count = new Int32Array(own.length + 1);
    let missing = 0;
    let missingG = 0;
    let missingH = 0;
    let knownG = 0;
    let knownH = 0;
    for (const row of rows) {
      const bin = column[row]!;
      if (bin === MISSING) {
        missing++;
        missingG += first[row]!;
        missingH += second[row]!;
      } else {
        count[bin]!++;
        g[bin]! += first[row]!;
        h[bin]! += second[row]!;
      }
    }
    for (let bin = 0; bin < g.length; bin++) {
      knownG += g[bin]!;
      knownH += h[bin]!;
    }
    const known = rows.length - missing;
    let seen = 0;
    let leftG = 0;
    let leftH = 0;
    const consider = (bin: number, missingLeft: boolean) => {
      const left = [leftG + (missingLeft ? missingG : 0), leftH + (missingLeft ? missingH : 0)] as const;
      const right = [
        knownG - leftG + (missingLeft ? 0 : missingG),
        knownH - leftH + (missingLeft ? 0 : missingH),
      ] as const;
      if (left[1] < rules.minChildWeight || right[1] < rules.minChildWeight) return;
      const gain = splitGain(left, right, rules);
      if (!(gain > (best?.gain ?? 1e-12))) return;
      best = { feature, bin, threshold: own[bin] ?? ABOVE_ALL, missingLeft, gain };
    };
    for (let bin = 0; bin < g.length; bin++) {
      if (count[bin] === 0) continue;
      seen += count[bin]!;
      leftG += g[bin]!;
      leftH += h[bin]!;
      if (missing === 0) {
        if (seen < known) consider(bin, 2 * leftH >= knownH);
        continue;
      }
      if (seen < known) consider(bin, true);
      consider(bin, false);
    }
  }
  return best;
}
