/** Floor: what most have taken, the same for everybody. */
import type { Interactions } from '../../training/data/dataset.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';

/** Weighted number of times that each item was taken, [items]. */
export function itemWeights({ items, item, accepted, weight }: Interactions): Float64Array {
  const total = new Float64Array(items.length);
  for (let i = 0; i < item.length; i++) if (accepted[i]) total[item[i]!]! += weight[i]!;
  return total;
}

/** Share of each item of all that was taken, with one more seen of each, so that none is impossible. Sums to 1. */
export function popularityShares(train: Interactions): Float64Array {
  const weights = itemWeights(train);
  let total = 0;
  for (const w of weights) total += w + 1;
  return weights.map((w) => (w + 1) / total);
}

export const fitPopularity: Fit = ({ train }) => {
  const logShare = Float32Array.from(popularityShares(train), Math.log);
  return {
    name: 'popularity',
    scoreMeaning: 'next_item',
    score: async (cases) => cases.map(() => logShare.slice()),
  };
};
