/** The production path without a trained ranker: the nearest archetype's list, rescored for the traveller, or for each of a party. */

import { affinityMatrix } from '../../../core/group/affinity-matrix.ts';
import { momentIndex } from '../../../core/itinerary/plan-days.ts';
import { archetype, archetypePersona, archetypesByDistance } from '../../../core/persona/archetypes.ts';
import type { Persona } from '../../../core/persona/persona.ts';
import { rankedTripDay } from '../../../core/ranking/cache-key.ts';
import { OFFLINE_RANKER_VERSION, rankOffline } from '../../../core/ranking/offline-ranker.ts';
import { RESCORE_VERSION, rescore, type ScoredMoment } from '../../../core/ranking/personal-rescore.ts';
import { DAY_PARTS, RANKED_TRIP_DAYS, type Ranking, type RankingContext } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import type { RankerView, Recommendation, Recommender } from '../recommender.ts';
import { partIndex } from '../sim-city.ts';
import { bestByScores, bestForParty, PARTY_VERSION, type PartyRanking, sayOf } from './group.ts';
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
}

/** Of a member, in the order of `momentIndex`. */
interface MemberMoments {
  moments: ScoredMoment[];
  confidences: number[];
}

interface PlannedParty {
  /** The snapshot that it was ranked by. */
  lead: Persona;
  own: MemberMoments[];
  ranking: PartyRanking;
}

export interface ProductionRecommender extends Recommender {
  /** Of a party of two or more, for the day of the view. */
  party(view: RankerView): PartyRanking;
}

export function productionRecommender(by: keyof typeof RANKERS): ProductionRecommender {
  const { version, rank } = RANKERS[by];
  const modelVersion = `${version},${RESCORE_VERSION}`;
  /** As the ranking cache of production: by city, catalogue, archetype, party, budget and moment. */
  const lists = new Map<string, Ranking>();
  const days = new WeakMap<Persona, DayScores>();
  /** By the candidates: one list a trip. */
  const parties = new WeakMap<readonly Venue[], PlannedParty>();

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
      const moment = { ...context, dayPart, tripDay: rankedTripDay(context.tripDay) };
      return { context: moment, archetypeRanking: archetypeRanking(view, nearest, moment) };
    });
    const made: DayScores = {
      day: context.tripDay,
      candidates,
      scores: rescore(persona, candidates, moments).map(({ scores }) => scores),
      confidences: moments.map(({ archetypeRanking: { confidence } }) => confidence),
    };
    days.set(persona, made);
    return made;
  }

  /** At some days of a trip. */
  function momentsOf(view: RankerView, persona: Persona, days: readonly number[]): MemberMoments {
    const { candidates, context } = view;
    const nearest = archetypesByDistance(persona.dimensions)[0]!.id;
    const moments = days.flatMap((tripDay) =>
      DAY_PARTS.map((dayPart) => {
        const moment = { ...context, dayPart, tripDay };
        return { context: moment, archetypeRanking: archetypeRanking(view, nearest, moment) };
      }),
    );
    return {
      moments: rescore(persona, candidates, moments),
      confidences: moments.map(({ archetypeRanking: { confidence } }) => confidence),
    };
  }

  /**
   * Every ranked moment of the trip: what a member cares about is seen over the whole of it. Of the one who asks, those of the
   * day are ranked anew by the snapshot of the day.
   */
  function party(view: RankerView): PartyRanking {
    const { persona, companions, candidates, context, tripDays } = view;
    const found = parties.get(candidates);
    if (found?.lead === persona) return found.ranking;
    const all = Array.from({ length: Math.min(tripDays, RANKED_TRIP_DAYS) }, (_, day) => day + 1);
    const own = found?.own ?? [persona, ...companions].map((one) => momentsOf(view, one, all));
    const today = rankedTripDay(context.tripDay);
    if (found) {
      const from = momentIndex(today, DAY_PARTS[0]);
      const { moments, confidences } = momentsOf(view, persona, [today]);
      own[0] = {
        moments: own[0]!.moments.toSpliced(from, moments.length, ...moments),
        confidences: own[0]!.confidences.toSpliced(from, confidences.length, ...confidences),
      };
    }
    const members = own.map(({ moments }, i) => ({ id: String(i), persona: [persona, ...companions][i]!, moments }));
    const confidences = DAY_PARTS.map((dayPart) => {
      const moment = momentIndex(today, dayPart);
      return own.reduce((sum, one) => sum + one.confidences[moment]!, 0) / own.length;
    });
    const matrix = affinityMatrix(members);
    const ranking: PartyRanking = { members, matrix, weights: sayOf(view, matrix), confidences };
    parties.set(candidates, { lead: persona, own, ranking });
    return ranking;
  }

  return {
    version: modelVersion,
    party,
    recommend: async (views) =>
      views.map((view): Recommendation => {
        const part = partIndex(view.context.dayPart);
        if (view.companions.length > 0) {
          const { matrix, weights, confidences } = party(view);
          const ranked = bestForParty(view, matrix, weights);
          return { ranked, modelVersion: `${modelVersion},${PARTY_VERSION}`, confidence: confidences[part]! };
        }
        const { scores, confidences } = scoresOfDay(view);
        return { ranked: bestByScores(view, scores[part]!), modelVersion, confidence: confidences[part]! };
      }),
  };
}
