/** A trained ranker as production calls it: never for the cold (invariant 8), who are served as without one. */
import { isWarm } from '../../../core/persona/persona.ts';
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import { mlConfidence, onScaleOf } from '../../../core/ranking/ml-scores.ts';
import { bestOf, type RankerView, type Recommendation, type Recommender } from '../recommender.ts';
import { bestForParty, PARTY_VERSION, type PartyRanking, withLead } from './group.ts';
import type { ProductionRecommender } from './production.ts';

export function trainedRecommender(ranker: MlRanker, cold: ProductionRecommender): Recommender {
  return {
    version: ranker.modelVersion,
    async recommend(views) {
      const answers = new Array<Recommendation>(views.length);
      const coldOnes = views.flatMap((view, i) => (isWarm(view.countingSignals) ? [] : [i]));
      const served = await cold.recommend(coldOnes.map((i) => views[i]!));
      for (const [k, i] of coldOnes.entries()) answers[i] = served[k]!;
      for (const [i, view] of views.entries()) {
        if (isWarm(view.countingSignals)) answers[i] = await rankWith(ranker, view, cold);
      }
      return answers;
    },
  };
}

/** @param cold scores the members of a party of whom nothing is known but what they said of themselves */
export async function rankWith(
  ranker: MlRanker,
  view: RankerView,
  cold: ProductionRecommender,
): Promise<Recommendation> {
  const { persona, history, historyVenues, pool, candidates, moment, companions } = view;
  const { logits, modelVersion } = await ranker.rank({
    persona: { dimensions: persona.dimensions, interests: persona.interests },
    history,
    historyVenues,
    // A party's list is made of all that its members might get.
    candidates: companions.length > 0 ? candidates : pool,
    moments: [moment],
  });
  const scores = logits[0]!;
  if (companions.length > 0) return rankedForParty(view, scores, modelVersion, cold.party(view));
  return { ranked: bestOf(pool, (_, i) => scores[i]!), modelVersion, confidence: mlConfidence(scores) };
}

/** As the arbiter has it where ML serves: the warm one's utilities are the ranker's, on the scale of the others' scores. */
function rankedForParty(view: RankerView, logits: Float32Array, ranker: string, party: PartyRanking): Recommendation {
  const { candidates, pool } = view;
  const matrix = withLead(view, party, (moment) => onScaleOf(moment, logits, candidates));
  const offered = new Set(pool);
  return {
    ranked: bestForParty(view, matrix, party.weights),
    modelVersion: `${ranker},${PARTY_VERSION}`,
    confidence: mlConfidence(logits.filter((_, i) => offered.has(candidates[i]!))),
  };
}
