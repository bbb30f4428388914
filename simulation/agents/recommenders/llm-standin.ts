/**
 * What stands in for a language model that ranks: the offline ranker with the weaknesses that the sources say language
 * models have (seed 2, "systematic errors"). For the simulation alone; it never poses as a language model's answer.
 */
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { makePersona, type Persona } from '../../../core/persona/persona.ts';
import { personalScores } from '../../../core/ranking/offline-ranker.ts';
import { MAX_RANKED, type Ranking, type RankingContext } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { bestOf, type Recommender } from '../recommender.ts';

export const STANDIN_VERSION = 'llm-standin@1';

export const STANDIN_WEAKNESSES = {
  /** Popularity bias: logits for a tourist score of 1 against one of 0. */
  popularity: 2,
  /** Never indexed: as if nobody had spoken of it, logits. */
  unheardOf: -1.2,
  /** False personalisation: of the way from the traveller to anybody. */
  anybody: 0.4,
  /** Temporal blindness: every day is the first. */
  tripDay: 1,
  /** Context collapse: a group is planned for as one person, the one who asks; from three on it is not even seen. */
  group: { kind: 'solo', size: 1, from: 3 },
  /** Its training ended: venues known to exist only since then do not exist for it. */
  cutOff: '2025-07-31',
} as const;

const blurred = new WeakMap<Persona, Persona>();

function blurredPersona(persona: Persona): Persona {
  let found = blurred.get(persona);
  if (!found) {
    const share = STANDIN_WEAKNESSES.anybody;
    const dimensions = Object.fromEntries(
      Object.entries(persona.dimensions).map(([name, value]) => {
        return [name, value + share * (NEUTRAL_DIMENSIONS[name as keyof typeof NEUTRAL_DIMENSIONS] - value)];
      }),
    ) as Persona['dimensions'];
    found = makePersona(dimensions, persona.interests);
    blurred.set(persona, found);
  }
  return found;
}

/** In logits, one a candidate. What it was told of the trip so far it does not use. */
export function standInLogits(persona: Persona, candidates: readonly Venue[], context: RankingContext): Float64Array {
  const w = STANDIN_WEAKNESSES;
  const grouped = context.partySize >= w.group.from;
  const seen: RankingContext = {
    ...context,
    tripDay: w.tripDay,
    ...(grouped ? { partyKind: w.group.kind, partySize: w.group.size } : {}),
  };
  const scores = personalScores({ persona: blurredPersona(persona), candidates }, [seen])[0]!;
  return scores.map((score, i) => {
    const { touristScore, firstSeenAt } = candidates[i]!;
    if (firstSeenAt !== null && firstSeenAt > w.cutOff) return -20;
    const fame = touristScore === null ? w.unheardOf : w.popularity * (touristScore - 0.5);
    return Math.log(score / (1 - score)) + fame;
  });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** As the production code takes a ranking: for an archetype's list. */
export function standInRanking(persona: Persona, candidates: readonly Venue[], context: RankingContext): Ranking {
  const logits = standInLogits(persona, candidates, context);
  const ranked = candidates
    .map((venue, i) => ({ venueId: venue.id, score: sigmoid(logits[i]!), confidence: sigmoid(logits[i]!) }))
    .sort((a, b) => b.score - a.score || (a.venueId < b.venueId ? -1 : 1))
    .slice(0, MAX_RANKED);
  return { ranked, confidence: confidenceOf(ranked), source: 'offline', modelVersion: STANDIN_VERSION };
}

/** As the offline ranker: a list is as sure as its head stands out from its middle. */
function confidenceOf(ranked: readonly { score: number }[]): number {
  const middle = ranked[Math.floor(ranked.length / 2)]?.score ?? 0;
  return Math.min(1, 2 * ((ranked[0]?.score ?? 0) - middle));
}

export const llmStandIn: Recommender = {
  version: STANDIN_VERSION,
  recommend: async (views) =>
    views.map(({ persona, pool, context }) => {
      const logits = standInLogits(persona, pool, context);
      const sorted = [...logits].sort((a, b) => b - a).map((x) => ({ score: sigmoid(x) }));
      return {
        ranked: bestOf(pool, (_, i) => logits[i]!),
        modelVersion: STANDIN_VERSION,
        confidence: confidenceOf(sorted.slice(0, MAX_RANKED)),
      };
    }),
};
