/** Rankers that are fitted anew for each part of the cases, and then evaluated as one. */
import type { Dataset, Interactions } from '../data/dataset.ts';
import type { EvaluationCase, Fit, Recommender } from './recommender.ts';

export interface Fold {
  train: Interactions;
  validation: readonly EvaluationCase[];
  /** Their `id` is given anew. */
  cases: readonly EvaluationCase[];
}

/**
 * Fits each ranker on each fold and keeps its scores of the fold's cases (cases x items x 4 bytes a ranker).
 * @returns recommenders that know the returned cases and no other
 */
export async function acrossFolds(
  folds: Iterable<Fold>,
  fits: readonly Fit[],
  dataset: Dataset,
  seed: number,
): Promise<{ recommenders: Recommender[]; cases: EvaluationCase[] }> {
  const cases: EvaluationCase[] = [];
  const scores: Float32Array[][] = fits.map(() => []);
  const about: Pick<Recommender, 'name' | 'scoreMeaning'>[] = [];
  for (const fold of folds) {
    if (fold.cases.length === 0) continue;
    const asked = fold.cases.map((one, i) => ({ ...one, id: cases.length + i }));
    cases.push(...asked);
    for (const [f, fitRanker] of fits.entries()) {
      const { train, validation } = fold;
      const recommender = await fitRanker({ train, validation, dataset, seed });
      about[f] = {
        name: recommender.name,
        ...(recommender.scoreMeaning && { scoreMeaning: recommender.scoreMeaning }),
      };
      scores[f]!.push(...(await recommender.score(asked)));
    }
  }
  const recommenders = about.map(
    (known, f): Recommender => ({
      ...known,
      score: async (asked) => asked.map(({ id }) => scores[f]![id]!.slice()),
    }),
  );
  return { recommenders, cases };
}
