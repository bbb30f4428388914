/** A trained ranker as production calls it: never for the cold (invariant 8), who are served as without one. */
import { isWarm } from '../../../core/persona/persona.ts';
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import { mlConfidence } from '../../../core/ranking/ml-scores.ts';
import { bestOf, type RankerView, type Recommendation, type Recommender } from '../recommender.ts';

export function trainedRecommender(ranker: MlRanker, cold: Recommender): Recommender {
  return {
    version: ranker.modelVersion,
    async recommend(views) {
      const answers = new Array<Recommendation>(views.length);
      const coldOnes = views.flatMap((view, i) => (isWarm(view.countingSignals) ? [] : [i]));
      const served = await cold.recommend(coldOnes.map((i) => views[i]!));
      for (const [k, i] of coldOnes.entries()) answers[i] = served[k]!;
      for (const [i, view] of views.entries()) {
        if (isWarm(view.countingSignals)) answers[i] = await rankWith(ranker, view);
      }
      return answers;
    },
  };
}

export async function rankWith(ranker: MlRanker, view: RankerView): Promise<Recommendation> {
  const { persona, history, historyVenues, pool, moment } = view;
  const { logits, modelVersion } = await ranker.rank({
    persona: { dimensions: persona.dimensions, interests: persona.interests },
    history,
    historyVenues,
    candidates: pool,
    moments: [moment],
  });
  const scores = logits[0]!;
  return { ranked: bestOf(pool, (_, i) => scores[i]!), modelVersion, confidence: mlConfidence(scores) };
}
