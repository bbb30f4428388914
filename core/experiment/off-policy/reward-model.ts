/** What a doubly robust estimate expects of each action before it corrects the expectation by what was seen. */
import type { Random } from '../random.ts';
import { armOf, type BanditLog } from './log.ts';

/** Expected reward of an action in a round's context and position, within the log's range of rewards. */
export type RewardModel = (round: number, action: number) => number;

export interface RewardLearner {
  name: string;
  /** Learns from the given rounds alone; may be asked about any. */
  fit(log: BanditLog, rounds: Int32Array): RewardModel;
}

/** Mean reward of each action at each position, drawn towards the overall mean as `prior` rounds of it would. */
export function actionMeans(prior = 10): RewardLearner {
  return {
    name: `action means, prior ${prior}`,
    fit(log, rounds) {
      const { action, reward } = log;
      const arm = armOf(log);
      const sums = new Map<number, { n: number; reward: number }>();
      let total = 0;
      for (const i of rounds) {
        const key = arm(i, action[i]!);
        const seen = sums.get(key) ?? { n: 0, reward: 0 };
        sums.set(key, { n: seen.n + 1, reward: seen.reward + reward[i]! });
        total += reward[i]!;
      }
      const mean = rounds.length > 0 ? total / rounds.length : 0;
      return (round, a) => {
        const seen = sums.get(arm(round, a));
        return seen ? (seen.reward + prior * mean) / (seen.n + prior) : mean;
      };
    },
  };
}

/**
 * The model of each round, learned without it: clusters are dealt into folds, each fold's model from the others
 * (cross-fitting; Chernozhukov et al. 2018, "Double/debiased machine learning", Econometrics Journal 21). Without it, the
 * model would explain the very noise that the correction is to measure.
 */
export function crossFit(learner: RewardLearner, log: BanditLog, folds: number, random: Random): RewardModel {
  const n = log.action.length;
  const ids = new Map<number, number>();
  const clusterOf = (i: number) => (log.cluster ? log.cluster[i]! : i);
  for (let i = 0; i < n; i++) if (!ids.has(clusterOf(i))) ids.set(clusterOf(i), ids.size);
  const order = random.shuffle(Int32Array.from({ length: ids.size }, (_, i) => i));
  const fold = Int32Array.from({ length: n }, (_, i) => order[ids.get(clusterOf(i))!]! % folds);
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const models = Array.from({ length: folds }, (_, f) =>
    learner.fit(
      log,
      all.filter((i) => fold[i] !== f),
    ),
  );
  return (round, action) => models[fold[round]!]!(round, action);
}
