/** The production path without a trained ranker: the nearest archetype's list, rescored for the traveller. */
import { archetype, archetypePersona, archetypesByDistance } from '../../../core/persona/archetypes.ts';
import type { Persona } from '../../../core/persona/persona.ts';
import { OFFLINE_RANKER_VERSION, rankOffline } from '../../../core/ranking/offline-ranker.ts';
import { RESCORE_VERSION, rescore } from '../../../core/ranking/personal-rescore.ts';
import { DAY_PARTS, RANKED_TRIP_DAYS, type Ranking, type RankingContext } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { bestOf, type RankerView, type Recommendation, type Recommender } from '../recommender.ts';
import { partIndex } from '../sim-city.ts';
import { STANDIN_VERSION, standInRanking } from './llm-standin.ts';

/** Who ranks for the archetypes. */
type ArchetypeRanker = (persona: Persona, candidates: readonly Venue[], context: RankingContext) => Ranking;

const RANKERS: Record<'offline' | 'llm_standin', { version: string; rank: ArchetypeRanker }> = {
  offline: {
    version: OFFLINE_RANKER_VERSION,
    rank: (persona, candidates, context) => rankOffline({ persona, candidates }, [context])[0]!,
  },
  llm_standin: { version: STANDIN_VERSION, rank: standInRanking },
};

/** Scores of a day, by snapshot: one object a traveller and a day. */
interface DayScores {
  day: number;
  candidates: readonly Venue[];
  /** By part of the day, then by candidate. */
  scores: Float64Array[];
  confidences: number[];
  byId: ReadonlyMap<string, number>;
}

export function productionRecommender(by: keyof typeof RANKERS): Recommender {
  const { version, rank } = RANKERS[by];
  const modelVersion = `${version},${RESCORE_VERSION}`;
  /** As the ranking cache of production: by city, catalogue, archetype, party, budget and moment. */
  const lists = new Map<string, Ranking>();
  const days = new WeakMap<Persona, DayScores>();

  function archetypeRanking(view: RankerView, id: string, context: RankingContext): Ranking {
    const { city } = view;
    const { partyKind, partySize, budgetBand, tripDay, dayPart } = context;
    const key = [city.slug, city.catalogueVersion, id, partyKind, partySize, budgetBand, tripDay, dayPart].join('/');
    let ranking = lists.get(key);
    if (!ranking) {
      const persona = archetypePersona(archetype(id));
      const candidates = city.candidates(persona, { kind: partyKind, size: partySize }, budgetBand, view.startDate);
      ranking = rank(persona, candidates, context);
      lists.set(key, ranking);
    }
    return ranking;
  }

  function scoresOfDay(view: RankerView): DayScores {
    const { persona, candidates, context } = view;
    const found = days.get(persona);
    if (found && found.day === context.tripDay && found.candidates === candidates) return found;
    const nearest = archetypesByDistance(view.dimensions)[0]!.id;
    const moments = DAY_PARTS.map((dayPart) => {
      const moment = { ...context, dayPart, tripDay: Math.min(context.tripDay, RANKED_TRIP_DAYS) };
      return { context: moment, archetypeRanking: archetypeRanking(view, nearest, moment) };
    });
    const made: DayScores = {
      day: context.tripDay,
      candidates,
      scores: rescore(persona, candidates, moments).map(({ scores }) => scores),
      confidences: moments.map(({ archetypeRanking: { confidence } }) => confidence),
      byId: found?.candidates === candidates ? found.byId : new Map(candidates.map(({ id }, i) => [id, i])),
    };
    days.set(persona, made);
    return made;
  }

  return {
    version: modelVersion,
    recommend: async (views) =>
      views.map((view): Recommendation => {
        const { scores, confidences, byId } = scoresOfDay(view);
        const part = partIndex(view.context.dayPart);
        const ranked = bestOf(view.pool, ({ id }) => scores[part]![byId.get(id)!]!);
        return { ranked, modelVersion, confidence: confidences[part]! };
      }),
  };
}
