/** Rank correlation, and what chance makes of it. */

/** Kendall's tau-b (Kendall 1945, Biometrika 33), in [-1, 1]; NaN where one side is all ties. */
export function kendall(a: readonly number[], b: readonly number[]): number {
  let [sum, inA, inB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [da, db] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      sum += da * db;
      inA += da * da;
      inB += db * db;
    }
  }
  return sum / Math.sqrt(inA * inB);
}

/**
 * Probability that two orders of n things without ties, which have nothing to do with each other, come to |tau| or more: exact, by
 * counting the permutations of each number of inversions (Kendall 1938, "A new measure of rank correlation", Biometrika 30).
 */
export function chanceOf(tau: number, n: number): number {
  let counts = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(counts.length + size - 1).fill(0);
    for (const [inversions, count] of counts.entries()) for (let k = 0; k < size; k++) next[inversions + k]! += count;
    counts = next;
  }
  const pairs = counts.length - 1;
  let [beyond, all] = [0, 0];
  for (const [inversions, count] of counts.entries()) {
    all += count;
    if (Math.abs(1 - (2 * inversions) / pairs) >= Math.abs(tau) - 1e-9) beyond += count;
  }
  return beyond / all;
}
