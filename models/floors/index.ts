/** The floors: what a trained model has to beat. They are in every comparison. */
import type { ModelRegistry } from '../../training/evaluation/recommender.ts';
import { fitItemKnn } from './item-knn.ts';
import { fitMarkov } from './markov.ts';
import { fitPopularity } from './popularity.ts';
import { fitRandom } from './random.ts';
import { fitRecency } from './recency.ts';

export const FLOORS: ModelRegistry = {
  random: fitRandom,
  popularity: fitPopularity,
  recency: fitRecency,
  'item-knn': fitItemKnn,
  markov: fitMarkov,
};
