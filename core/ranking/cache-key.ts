/** The key of a cached ranking. A part that were missing would serve one traveller another's list. */
import type { BudgetBand, DayPart, PartyKind } from './ranker.ts';
import { RANKED_TRIP_DAYS } from './ranker.ts';

export interface RankingCacheKey {
  citySlug: string;
  archetypeId: string;
  dayPart: DayPart;
  /** 1 to 5. */
  tripDay: number;
  partyKind: PartyKind;
  budgetBand: BudgetBand;
  /** `name@version` */
  rankerVersion: string;
  catalogueVersion: string;
}

/** `ranking/<city>/<catalogue>/<ranker>/<archetype>/<party>/<budget>/<trip day>/<day part>` */
export function rankingCacheKey(key: RankingCacheKey): string {
  return [
    'ranking',
    key.citySlug,
    key.catalogueVersion,
    key.rankerVersion,
    key.archetypeId,
    key.partyKind,
    key.budgetBand,
    key.tripDay,
    key.dayPart,
  ]
    .map((part) => encodeURIComponent(part))
    .join('/');
}

/** Days after the fifth are ranked like the fifth. */
export function rankedTripDay(dayNumber: number): number {
  return Math.min(dayNumber, RANKED_TRIP_DAYS);
}
