/** The recommendation side: what a ranker is told, and what it answers. Nothing that a traveller hides can be told here. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { Persona } from '../../core/persona/persona.ts';
import type { MlMoment, PastChoice } from '../../core/ranking/ml-ranker.ts';
import type { RankingContext } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { SimCity } from './sim-city.ts';

/** So many are put before a traveller in each slot. */
export const OFFERED = 10;

/** All that a ranker knows of a traveller and a slot: types of `core` alone, as in production. */
export interface RankerView {
  /** Names the slot, for draws of the ranker's own. */
  slotKey: string;
  seed: number;
  city: Pick<SimCity, 'slug' | 'catalogueVersion' | 'candidates'>;
  /** The snapshot: changes overnight, as what was seen is learned. One object a day. */
  persona: Persona;
  /** As a cold traveller's nearest archetypes are found by. */
  dimensions: Dimensions;
  /** Of who travels along: what they said of themselves, one object each for the trip. Empty where one travels alone. */
  companions: readonly Persona[];
  context: RankingContext;
  moment: MlMoment;
  /** ISO date of the first day. */
  startDate: string;
  /** Days of the trip. */
  tripDays: number;
  /** Of the trip, at most 200. */
  candidates: readonly Venue[];
  /** Those that could stand in this slot; at least one. */
  pool: readonly Venue[];
  /** Oldest first, with the trips before. */
  history: readonly PastChoice[];
  historyVenues: ReadonlyMap<string, Venue>;
  countingSignals: number;
  /** Trips before this one. */
  tripCount: number;
}

export interface Recommendation {
  /** Of the pool, best first, none twice; at most `OFFERED`, at least one. The first is the predicted top choice. */
  ranked: readonly Venue[];
  /** `name@version` */
  modelVersion: string;
  /** In [0, 1]; null where the ranker does not say. */
  confidence: number | null;
  /** Another one had to stand in: which and why. */
  fallback?: string;
  /** Of an arbitrated one: the rule and the side that served. */
  arbitration?: { rule: string; served: 'ml' | 'llm' };
}

export interface Recommender {
  /** `name@version` */
  readonly version: string;
  /** Answers in the order of the views: one round of a population that moves in lock step. */
  recommend(views: readonly RankerView[]): Promise<Recommendation[]>;
}

/** The pool by scores, best first, ties by id; at most `OFFERED`. */
export function bestOf(pool: readonly Venue[], score: (venue: Venue, i: number) => number): Venue[] {
  return pool
    .map((venue, i) => ({ venue, score: score(venue, i) }))
    .sort((a, b) => b.score - a.score || (a.venue.id < b.venue.id ? -1 : 1))
    .slice(0, OFFERED)
    .map(({ venue }) => venue);
}
