/** What every ranker is asked and what it answers, so that one can take another's place. */
import type { Persona } from '../persona/persona.ts';
import type { Venue } from '../venue/venue.ts';

export const DAY_PARTS = ['morning', 'afternoon', 'evening'] as const;
export type DayPart = (typeof DAY_PARTS)[number];

export const PARTY_KINDS = ['solo', 'couple', 'friends', 'family', 'business'] as const;
export type PartyKind = (typeof PARTY_KINDS)[number];

export const BUDGET_BANDS = ['low', 'mid', 'high'] as const;
export type BudgetBand = (typeof BUDGET_BANDS)[number];

/** The rankings of a trip differ by day part and by trip day; days after the fifth are ranked like the fifth. */
export const RANKED_TRIP_DAYS = 5;

/** Retrieval offers at most this many candidates, and a ranker gives back at most this many. */
export const MAX_CANDIDATES = 200;
export const MAX_RANKED = 30;

export interface RankingContext {
  dayPart: DayPart;
  /** 1 to `RANKED_TRIP_DAYS`. */
  tripDay: number;
  partyKind: PartyKind;
  partySize: number;
  budgetBand: BudgetBand;
}

export interface RankingRequest {
  cityName: string;
  persona: Persona;
  /** At most 200, in the order of retrieval. */
  candidates: readonly Venue[];
  context: RankingContext;
}

export interface RankedVenue {
  venueId: string;
  /** In [0, 1], comparable within one list only. */
  score: number;
  /** In [0, 1]: how sure the ranker is of this place in the list. */
  confidence: number;
}

export interface Ranking {
  /** Best first; every venue is one of the candidates, none twice. A ranker may return fewer than it was offered. */
  ranked: RankedVenue[];
  /** In [0, 1]: how sure the ranker is of the list as a whole. */
  confidence: number;
  source: 'llm' | 'offline';
  /** `name@version` */
  modelVersion: string;
}

export interface Ranker {
  /** `name@version`; part of the cache key of what it ranked. */
  readonly modelVersion: string;
  readonly source: Ranking['source'];
  /** Throws a `RankerFailure` if no usable ranking can be had in time. */
  rank(request: RankingRequest): Promise<Ranking>;
}

export const RANKER_FAILURES = [
  'rate_limited',
  'overloaded',
  'timeout',
  'malformed',
  'refused',
  'unavailable',
  'over_budget',
] as const;
export type RankerFailureCode = (typeof RANKER_FAILURES)[number];

/** Why a ranker gave nothing: the caller serves the offline ranker instead and says so. */
export class RankerFailure extends Error {
  override readonly name = 'RankerFailure';
  readonly code: RankerFailureCode;
  constructor(code: RankerFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
