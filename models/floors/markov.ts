/**
 * Floor: what followed the last item, first order, falling back on popularity where little or nothing followed it:
 *   P(j | i) = (n(i, j) + strength * share(j)) / (n(i) + strength)
 * (a Dirichlet prior around the popularity; MacKay and Peto 1995, "A hierarchical Dirichlet language model", Natural
 * Language Engineering 1(3)).
 */
import type { Interactions } from '../../training/data/dataset.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';
import { popularityShares } from './popularity.ts';

/** What the popularity counts, in transitions. */
const STRENGTH = 5;

export const fitMarkov: Fit = ({ train }) => markov(train, STRENGTH);

export function markov(train: Interactions, strength: number): ReturnType<Fit> {
  const shares = popularityShares(train);
  const next = transitions(train);
  return {
    name: 'markov',
    scoreMeaning: 'next_item',
    score: async (cases) => {
      return cases.map(({ history }) => {
        const last = history.at(-1);
        const from = last === undefined ? undefined : next.get(last);
        const scores = Float32Array.from(shares, (share) =>
          Math.log((strength * share) / ((from?.total ?? 0) + strength)),
        );
        for (const [j, count] of from?.to ?? []) {
          scores[j] = Math.log((count + strength * shares[j]!) / (from!.total + strength));
        }
        return scores;
      });
    },
  };
}

/** How often each item was the next one taken by the same user; the rows are sorted by user, then time. */
function transitions({ user, item, accepted }: Interactions) {
  const next = new Map<number, { total: number; to: Map<number, number> }>();
  let before = -1;
  for (let i = 0; i < user.length; i++) {
    if (!accepted[i]) continue;
    if (before >= 0 && user[before] === user[i]) {
      let from = next.get(item[before]!);
      if (!from) {
        from = { total: 0, to: new Map() };
        next.set(item[before]!, from);
      }
      from.total++;
      from.to.set(item[i]!, (from.to.get(item[i]!) ?? 0) + 1);
    }
    before = i;
  }
  return next;
}
