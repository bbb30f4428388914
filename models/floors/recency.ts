/**
 * Floor: what has been taken lately, as of the moment of the case: each time counts 2^(-age / half-life), and nothing that
 * happened later counts (Ji et al. 2020, "A re-visit of the popularity baseline in recommender systems", SIGIR: DecayPop).
 */
import type { Interactions } from '../../training/data/dataset.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';

/** Of the time that the training data span. */
const HALF_LIFE = 0.02;

export const fitRecency: Fit = ({ train }) => recency(train, HALF_LIFE);

/** @param halfLife as a share of the time that `train` spans */
export function recency(train: Interactions, halfLife: number): ReturnType<Fit> {
  const { item, time, accepted, weight, items } = train;
  const order = Int32Array.from(item.keys())
    .filter((i) => accepted[i])
    .sort((a, b) => time[a]! - time[b]! || a - b);
  const first = order.length > 0 ? time[order[0]!]! : 0;
  const span = order.length > 0 ? time[order[order.length - 1]!]! - first : 0;
  const unit = span > 0 ? span * halfLife : 1;
  return {
    name: 'recency',
    async score(cases) {
      const rows = new Array<Float32Array>(cases.length);
      const decayed = new Float64Array(items.length);
      let at = first;
      let next = 0;
      // A sweep through time, so that each case sees the sums as they stood.
      for (const c of [...cases.keys()].sort((a, b) => cases[a]!.time - cases[b]!.time)) {
        const now = Math.max(cases[c]!.time, at);
        const decay = (to: number) => {
          if (to === at) return;
          const factor = 2 ** (-(to - at) / unit);
          for (let i = 0; i < decayed.length; i++) decayed[i]! *= factor;
          at = to;
        };
        for (; next < order.length && time[order[next]!]! < cases[c]!.time; next++) {
          const i = order[next]!;
          // Relative to the running moment; brought up to date below.
          decayed[item[i]!]! += weight[i]! * 2 ** ((time[i]! - at) / unit);
          if (time[i]! - at > 64 * unit) decay(time[i]!);
        }
        decay(now);
        rows[c] = Float32Array.from(decayed);
      }
      return rows;
    },
  };
}
