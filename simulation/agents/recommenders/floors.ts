/** Floors that know nobody: fame, and chance. */
import { Random } from '../../../core/experiment/random.ts';
import { bestOf, type Recommender } from '../recommender.ts';

/** What is talked about most: the tourist score, for who looks a city up; places without one come last. */
export const popularity: Recommender = {
  version: 'popularity@1',
  recommend: async (views) =>
    views.map(({ pool }) => ({
      ranked: bestOf(pool, ({ touristScore }) => touristScore ?? -1),
      modelVersion: 'popularity@1',
      confidence: null,
    })),
};

export const random: Recommender = {
  version: 'random@1',
  recommend: async (views) =>
    views.map(({ pool, seed, slotKey }) => {
      const draws = Random.of(seed, `random-ranker/${slotKey}`);
      const scores = pool.map(() => draws.uniform());
      return { ranked: bestOf(pool, (_, i) => scores[i]!), modelVersion: 'random@1', confidence: null };
    }),
};
