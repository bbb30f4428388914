/** The first k of a scored list when the order of equal scores is left to chance. */

export interface TopList {
  /** Item indices with a probability above 0 of being in the list. */
  items: Int32Array;
  /** That probability, in (0, 1], in the order of `items`; sums to min(k, scored candidates). */
  probability: Float64Array;
}

/** Items without a score (NaN, -Infinity) are in no list. Arguments as in `rankOf`. */
export function topList(
  scores: Float32Array,
  k: number,
  candidates: Int32Array | null,
  excluded: Uint8Array | null,
): TopList {
  const n = candidates ? candidates.length : scores.length;
  // The k best scores, the lowest first; its head is the score that a newcomer has to beat.
  const best: number[] = [];
  for (let c = 0; c < n; c++) {
    const item = candidates ? candidates[c]! : c;
    const score = scores[item]!;
    if (excluded?.[item] || !(score > Number.NEGATIVE_INFINITY)) continue;
    if (best.length === k) {
      if (!(score > best[0]!)) continue;
      best.shift();
    }
    let at = best.length;
    while (at > 0 && best[at - 1]! > score) at--;
    best.splice(at, 0, score);
  }
  const threshold = best[0] ?? Number.POSITIVE_INFINITY;
  const sure: number[] = [];
  const tied: number[] = [];
  for (let c = 0; c < n; c++) {
    const item = candidates ? candidates[c]! : c;
    if (excluded?.[item]) continue;
    if (scores[item]! > threshold) sure.push(item);
    else if (scores[item]! === threshold && best.length > 0) tied.push(item);
  }
  const share = (best.length - sure.length) / tied.length;
  const items = Int32Array.from([...sure, ...tied]);
  const probability = new Float64Array(items.length).fill(1, 0, sure.length).fill(share, sure.length);
  return { items, probability };
}
