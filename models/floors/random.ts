/** Floor: every order is as likely as any other. */
import { Random } from '../../core/experiment/random.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';

export const fitRandom: Fit = ({ train, seed }) => ({
  name: 'random',
  score: async (cases) => {
    return cases.map(({ id }) => {
      const random = Random.of(seed, `random floor ${id}`);
      return Float32Array.from({ length: train.items.length }, () => random.uniform());
    });
  },
});
