/**
 * Metrics of one ranked list with one relevant item. Equal scores are taken in expectation over a random order of the
 * tied items (McSherry and Najork 2008, "Computing information retrieval performance measures efficiently in the presence
 * of tied scores", ECIR): a constant scorer gets what a random order gets.
 */

/** Where a target stands among n candidates: its rank is uniform on above + 1 .. above + tied + 1. */
export interface TiedRank {
  /** Candidates with a higher score. */
  above: number;
  /** Other candidates with the same score. */
  tied: number;
  /** n, the target included. */
  candidates: number;
  /** False where the target got no score (NaN or -Infinity): it was not recommended at all, every metric is 0. */
  scored: boolean;
}

const unscored = (score: number) => Number.isNaN(score) || score === Number.NEGATIVE_INFINITY;

/**
 * @param scores [items]
 * @param candidates item indices, the target among them; null: all items
 * @param excluded [items], 1 where an item may not be recommended (it never applies to the target)
 */
export function rankOf(
  scores: Float32Array,
  target: number,
  candidates: Int32Array | null,
  excluded: Uint8Array | null,
): TiedRank {
  const own = scores[target]!;
  const rank: TiedRank = { above: 0, tied: 0, candidates: 1, scored: !unscored(own) };
  const n = candidates ? candidates.length : scores.length;
  for (let c = 0; c < n; c++) {
    const item = candidates ? candidates[c]! : c;
    if (item === target || excluded?.[item]) continue;
    rank.candidates++;
    const other = scores[item]!;
    // False for NaN.
    if (other > own) rank.above++;
    else if (other === own) rank.tied++;
  }
  return rank;
}

/** Share of the tied places that are within the first k: the expectation of "in the top k" (hit rate, recall@k of one item). */
export function hitRate({ above, tied, scored }: TiedRank, k: number): number {
  if (!scored) return 0;
  return Math.min(1, Math.max(0, (k - above) / (tied + 1)));
}

/**
 * NDCG with one relevant item: 1 / log2(rank + 1) for a rank up to k, else 0; the ideal DCG is 1 (Järvelin and Kekäläinen
 * 2002, "Cumulated gain-based evaluation of IR techniques", TOIS 20(4)).
 */
export function ndcg({ above, tied, scored }: TiedRank, k: number): number {
  if (!scored) return 0;
  let gain = 0;
  for (let rank = above + 1; rank <= Math.min(k, above + tied + 1); rank++) gain += 1 / Math.log2(rank + 1);
  return gain / (tied + 1);
}

/** 1 / rank over the whole list, not cut off (Voorhees 1999, "The TREC-8 question answering track report"). */
export function reciprocalRank({ above, tied, scored }: TiedRank): number {
  if (!scored) return 0;
  let sum = 0;
  for (let rank = above + 1; rank <= above + tied + 1; rank++) sum += 1 / rank;
  return sum / (tied + 1);
}

/**
 * Probability that the target stands above a random other candidate, ties counting half (Hanley and McNeil 1982, Radiology
 * 143; per user as in Rendle et al. 2009, "BPR", UAI, section 4.1). NaN where there is no other candidate.
 */
export function auc({ above, tied, candidates, scored }: TiedRank): number {
  if (candidates < 2) return Number.NaN;
  if (!scored) return 0;
  return (candidates - 1 - above - tied / 2) / (candidates - 1);
}
