/** The arbiter's variant: both sides rank each slot of a warm traveller, the rules of production decide. */
import { type ArbitrationConfig, DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import type { ArbitrationInput, SideView } from '../../../core/arbitration/decision.ts';
import { sequenceMomentum } from '../../../core/arbitration/sequence-momentum.ts';
import { Random } from '../../../core/experiment/random.ts';
import { groupDimensions } from '../../../core/group/group-dimensions.ts';
import { archetypesByDistance } from '../../../core/persona/archetypes.ts';
import { isWarm } from '../../../core/persona/persona.ts';
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import type { RankerView, Recommendation, Recommender } from '../recommender.ts';
import { profileOf } from '../venue-profile.ts';
import { conflictAt } from './group.ts';
import type { ProductionRecommender } from './production.ts';
import { rankWith } from './trained.ts';

export interface HybridOptions {
  ml: MlRanker;
  /** The language model's side, or what stands in for it. */
  llm: Recommender;
  /** Serves the cold, whom no arbiter sees, and scores the members of a party. */
  cold: ProductionRecommender;
  config?: ArbitrationConfig;
  /** Share of disagreements that a coin decides, in [0, 1]. */
  exploration?: number;
}

export const HYBRID_EXPLORATION = 0;

export function hybridRecommender(options: HybridOptions): Recommender {
  const { ml, llm, cold, config = DEFAULT_ARBITRATION, exploration = HYBRID_EXPLORATION } = options;
  return {
    version: `hybrid:${config.version},${ml.modelVersion},${llm.version}`,
    async recommend(views) {
      const warm = views.filter(({ countingSignals }) => isWarm(countingSignals));
      const others = views.filter(({ countingSignals }) => !isWarm(countingSignals));
      const [llmSide, coldSide] = [await llm.recommend(warm), await cold.recommend(others)];
      const answers = new Map<RankerView, Recommendation>(others.map((view, i) => [view, coldSide[i]!]));
      for (const [i, view] of warm.entries()) {
        const mlSide = await rankWith(ml, view, cold);
        const conflict = view.companions.length > 0 ? conflictAt(view, cold.party(view)) : null;
        const input = inputOf(view, mlSide, llmSide[i]!, conflict, exploration);
        answers.set(view, arbitrated(view, mlSide, llmSide[i]!, config, input));
      }
      return views.map((view) => answers.get(view)!);
    },
  };
}

function arbitrated(
  view: RankerView,
  ml: Recommendation,
  llm: Recommendation,
  config: ArbitrationConfig,
  input: ArbitrationInput,
): Recommendation {
  const draws = Random.of(view.seed, `arbiter/${view.slotKey}`);
  const decision = decide(input, config, draws.uniform(), draws.uniform());
  const { rule, served } = decision;
  return { ...(served === 'ml' ? ml : llm), arbitration: { rule, served } };
}

function inputOf(
  view: RankerView,
  ml: Recommendation,
  llm: Recommendation,
  groupConflict: number | null,
  exploration: number,
): ArbitrationInput {
  const { context, history, historyVenues } = view;
  const past = history.flatMap(({ venueId, accepted }) => {
    const venue = historyVenues.get(venueId);
    return venue ? [{ profile: profileOf(venue), accepted }] : [];
  });
  const venues = [...ml.ranked, ...llm.ranked].map(({ id, touristScore, localScore, firstSeenAt }) => {
    return [id, { touristScore, localScore, firstSeenAt }] as const;
  });
  const dimensions = groupDimensions([view.persona, ...view.companions].map((persona) => persona.dimensions));
  return {
    mode: 'live',
    ml: side(ml, 'ml'),
    llm: side(llm, 'llm'),
    venues: Object.fromEntries(venues),
    // Logged alone: it decides nothing.
    anybodysTop: null,
    context: {
      userTripCount: view.tripCount,
      countingSignals: view.countingSignals,
      sequenceMomentum: sequenceMomentum(past.slice(-20)),
      localBias: dimensions.local_vs_tourist_bias,
      nearestArchetype: archetypesByDistance(dimensions)[0]!.id,
      isGroup: view.companions.length > 0,
      groupConflict,
      partySize: context.partySize,
      tripDay: context.tripDay,
      dayPart: context.dayPart,
      candidates: view.pool.length,
    },
    exploration,
  };
}

const side = ({ ranked, confidence, modelVersion }: Recommendation, source: string): SideView => ({
  top: ranked.map(({ id }) => id),
  confidence,
  version: modelVersion,
  source,
});
