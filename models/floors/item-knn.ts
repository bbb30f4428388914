/**
 * Floor: items that the same users took. Similarity is the cosine of two items' sets of users, shrunk towards 0 where they
 * rest on few (Deshpande and Karypis 2004, "Item-based top-n recommendation algorithms", TOIS 22(1); shrinkage as in
 * Ferrari Dacrema, Cremonesi and Jannach 2019, "Are we really making much progress?", RecSys, section 3.2):
 *   s(i, j) = |U_i and U_j| / (sqrt(|U_i| |U_j|) + shrinkage)
 * A candidate scores the sum of its similarities to the items of the history that are among its k nearest.
 */
import type { Interactions } from '../../training/data/dataset.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';

export interface ItemKnnOptions {
  neighbours: number;
  shrinkage: number;
}

export const ITEM_KNN: ItemKnnOptions = { neighbours: 100, shrinkage: 10 };

export const fitItemKnn: Fit = ({ train }) => itemKnn(train, ITEM_KNN);

export function itemKnn(train: Interactions, { neighbours, shrinkage }: ItemKnnOptions): ReturnType<Fit> {
  const { byUser, byItem } = distinctPairs(train);
  const n = train.items.length;
  // To each item of a history, the candidates that count it among their nearest.
  const reach = Array.from({ length: n }, () => ({ items: [] as number[], similarity: [] as number[] }));
  const together = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const met: number[] = [];
    for (const user of byItem[j]!) {
      for (const i of byUser[user]!) {
        if (i === j) continue;
        if (together[i] === 0) met.push(i);
        together[i]!++;
      }
    }
    const similar = met.map((i) => {
      const similarity = together[i]! / (Math.sqrt(byItem[i]!.length * byItem[j]!.length) + shrinkage);
      together[i] = 0;
      return { i, similarity };
    });
    similar.sort((a, b) => b.similarity - a.similarity || a.i - b.i);
    for (const { i, similarity } of similar.slice(0, neighbours)) {
      reach[i]!.items.push(j);
      reach[i]!.similarity.push(similarity);
    }
  }
  return {
    name: 'item-knn',
    score: async (cases) => {
      return cases.map(({ history }) => {
        const scores = new Float32Array(n);
        for (const i of new Set(history)) {
          const { items, similarity } = reach[i]!;
          for (let k = 0; k < items.length; k++) scores[items[k]!]! += similarity[k]!;
        }
        return scores;
      });
    },
  };
}

function distinctPairs({ user, item, accepted, users, items }: Interactions) {
  const sets = Array.from({ length: users.length }, () => new Set<number>());
  for (let i = 0; i < user.length; i++) if (accepted[i]) sets[user[i]!]!.add(item[i]!);
  const byUser = sets.map((set) => [...set]);
  const byItem = Array.from({ length: items.length }, () => [] as number[]);
  for (const [u, taken] of byUser.entries()) for (const i of taken) byItem[i]!.push(u);
  return { byUser, byItem };
}
