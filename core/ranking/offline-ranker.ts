import type { Persona } from '../persona/persona.ts';
import { dot } from '../venue/unit-vector.ts';
import type { Meal, Venue } from '../venue/venue.ts';
import { venueVector } from '../venue/venue-vector.ts';
import type { Category, VibeTag } from '../venue/vocabulary.ts';
import { targetEnergy } from './energy-arc.ts';
import { type Party, partyFit } from './party-fit.ts';
import type { BudgetBand, DayPart, Ranker, Ranking, RankingContext, RankingRequest } from './ranker.ts';
import { MAX_RANKED } from './ranker.ts';

export const OFFLINE_RANKER_VERSION = 'offline-ranker@1';

/** Weight of each feature; the features lie in [-1, 1]. */
const WEIGHTS = {
  vibe: 2.5,
  interests: 1.6,
  localness: 1.2,
  corroboration: 0.6,
  energy: 0.9,
  dayPart: 1.6,
  price: 1.2,
  crowd: 0.5,
  party: 0.8,
  overrated: 1.2,
} as const;
const BIAS = -1.4;

export type RankingFeatures = Record<keyof typeof WEIGHTS, number>;

/** The price level that each budget band is at ease with. */
const EASY_PRICE: Record<BudgetBand, number> = { low: 1, mid: 2, high: 4 };

/** When a category is at its best, in [-1, 1]: morning, afternoon, evening. Meals go by the meals they serve. */
const AT_ITS_BEST: Partial<Record<Category, readonly [number, number, number]>> = {
  cafe: [0.8, 0.3, -0.8],
  bakery: [0.9, 0, -0.9],
  dessert: [-0.5, 0.5, 0.3],
  bar: [-1, -0.4, 0.9],
  wine_bar: [-1, -0.2, 0.8],
  brewery: [-1, 0.2, 0.6],
  nightclub: [-1, -1, 0.8],
  music_venue: [-1, -0.6, 0.9],
  theatre: [-0.8, -0.2, 0.8],
  cinema: [-0.8, 0.1, 0.7],
  market: [0.7, 0.4, -0.5],
  museum: [0.5, 0.5, -0.6],
  gallery: [0.2, 0.6, -0.4],
  trail: [0.8, 0.2, -1],
  park: [0.5, 0.5, -0.4],
  garden: [0.5, 0.5, -0.6],
  beach: [0.1, 0.7, 0.1],
  viewpoint: [0.2, 0.3, 0.5],
  bookshop: [0, 0.5, 0.1],
  record_shop: [-0.1, 0.6, 0],
  shop: [0, 0.5, -0.2],
  place_of_worship: [0.6, 0.3, -0.5],
  bathhouse: [-0.2, 0.3, 0.5],
  zoo_aquarium: [0.6, 0.5, -0.8],
  games: [-0.4, 0.3, 0.6],
  activity: [0.5, 0.5, -0.4],
};
const DAY_PART_INDEX: Record<DayPart, 0 | 1 | 2> = { morning: 0, afternoon: 1, evening: 2 };
const MEAL_OF_DAY_PART: Record<DayPart, Meal> = { morning: 'breakfast', afternoon: 'lunch', evening: 'dinner' };

function dayPartFit(venue: Venue, dayPart: DayPart): number {
  const best = AT_ITS_BEST[venue.category];
  const meal = venue.meals.includes(MEAL_OF_DAY_PART[dayPart]) ? 0.6 : 0;
  return Math.max(meal, best ? best[DAY_PART_INDEX[dayPart]] : 0);
}

/** What of a venue and a persona does not change with the moment; computed once a candidate. */
interface Match {
  vibe: number;
  interests: number;
  localness: number;
  corroboration: number;
  crowd: number;
  overrated: number;
}

/** How many of the things asked for by name the venue has: 0.6 for one, toward 1 with more. */
function interestMatch(venue: Venue, interests: readonly VibeTag[]): number {
  const matched = interests.filter((tag) => venue.vibeTags.includes(tag)).length;
  return matched / (matched + 2 / 3);
}

/** Venue records never change: what follows from one is made once. */
const vectors = new WeakMap<Venue, Float32Array>();

function vectorOf(venue: Venue): Float32Array {
  let vector = vectors.get(venue);
  if (!vector) {
    vector = venueVector(venue);
    vectors.set(venue, vector);
  }
  return vector;
}

function matchPersona(venue: Venue, { persona }: Pick<RankingRequest, 'persona'>): Match {
  const { dimensions } = persona;
  const known = venue.touristScore !== null && venue.localScore !== null;
  return {
    vibe: dot(persona.retrieval, vectorOf(venue)),
    interests: interestMatch(venue, persona.interests),
    localness: known ? 2 * (dimensions.local_vs_tourist_bias - 0.5) * (venue.localScore! - venue.touristScore!) : 0,
    corroboration: venue.crossRefConfidence ?? 0,
    crowd: -(1 - dimensions.crowd_tolerance) * (venue.touristScore ?? 0),
    overrated: venue.overrated ? -1 : 0,
  };
}

/** What of a moment does not change with the venue; computed once a context. */
interface Situation {
  persona: Persona;
  context: RankingContext;
  energy: number;
  party: Party;
}

const situationOf = (persona: Persona, context: RankingContext): Situation => ({
  persona,
  context,
  energy: targetEnergy(context.dayPart, context.tripDay, persona.dimensions),
  party: { kind: context.partyKind, size: context.partySize },
});

function featuresOf(venue: Venue, match: Match, { persona, context, energy, party }: Situation): RankingFeatures {
  const overEasy = Math.max(0, venue.priceLevel - EASY_PRICE[context.budgetBand]) / 2;
  // Named one by one: a spread costs more than all else here.
  return {
    vibe: match.vibe,
    interests: match.interests,
    localness: match.localness,
    corroboration: match.corroboration,
    energy: 1 - 2 * Math.abs(venue.energy - energy),
    dayPart: dayPartFit(venue, context.dayPart),
    price: -Math.min(1, overEasy * (0.4 + 1.2 * persona.dimensions.cost_sensitivity)),
    crowd: match.crowd,
    party: Math.max(-1, Math.min(1, partyFit(venue, party))),
    overrated: match.overrated,
  };
}

function scoreOf(f: RankingFeatures): number {
  const w = WEIGHTS;
  let logit = BIAS + w.vibe * f.vibe + w.interests * f.interests + w.localness * f.localness;
  logit += w.corroboration * f.corroboration;
  logit += w.energy * f.energy;
  logit += w.dayPart * f.dayPart;
  logit += w.price * f.price;
  logit += w.crowd * f.crowd;
  logit += w.party * f.party;
  logit += w.overrated * f.overrated;
  return 1 / (1 + Math.exp(-logit));
}

/**
 * A score in (0, 1) for each candidate in each context: `contexts.length` arrays of `candidates.length`. One call for
 * all moments of a trip shares what does not depend on the moment.
 */
export function personalScores(
  request: Pick<RankingRequest, 'persona' | 'candidates'>,
  contexts: readonly RankingContext[],
): Float64Array[] {
  const matches = request.candidates.map((venue) => matchPersona(venue, request));
  return contexts.map((context) => {
    const situation = situationOf(request.persona, context);
    const scores = new Float64Array(request.candidates.length);
    for (const [i, venue] of request.candidates.entries()) {
      scores[i] = scoreOf(featuresOf(venue, matches[i]!, situation));
    }
    return scores;
  });
}

/** The named features of one candidate, for logs and for tests of single features. */
export function explainScore(
  venue: Venue,
  request: Pick<RankingRequest, 'persona' | 'context'>,
): { features: RankingFeatures; score: number } {
  const features = featuresOf(venue, matchPersona(venue, request), situationOf(request.persona, request.context));
  return { features, score: scoreOf(features) };
}

export class OfflineRanker implements Ranker {
  readonly modelVersion = OFFLINE_RANKER_VERSION;
  readonly source = 'offline';

  async rank(request: RankingRequest): Promise<Ranking> {
    return rankOffline(request, [request.context])[0]!;
  }
}

/** Synchronous, for many moments at once. A list is as sure as its head stands out from its middle. */
export function rankOffline(
  request: Pick<RankingRequest, 'persona' | 'candidates'>,
  contexts: readonly RankingContext[],
): Ranking[] {
  return personalScores(request, contexts).map((scores) => {
    const ranked = request.candidates
      .map((venue, i) => ({ venueId: venue.id, score: scores[i]!, confidence: scores[i]! }))
      .sort((a, b) => b.score - a.score || (a.venueId < b.venueId ? -1 : 1))
      .slice(0, MAX_RANKED);
    const head = ranked[0]?.score ?? 0;
    const middle = ranked[Math.floor(ranked.length / 2)]?.score ?? 0;
    return {
      ranked,
      confidence: Math.min(1, 2 * (head - middle)),
      source: 'offline' as const,
      modelVersion: OFFLINE_RANKER_VERSION,
    };
  });
}
