/** The rules that no plan breaks, whatever the scores say. Preferences are in `objective.ts`. */
import type { Party } from '../ranking/party-fit.ts';
import { takesParty } from '../ranking/party-fit.ts';
import type { BudgetBand } from '../ranking/ranker.ts';
import type { Venue } from '../venue/venue.ts';
import { CATEGORIES, type Category } from '../venue/vocabulary.ts';
import type { Stop } from './itinerary.ts';

/** The highest price level of a band, and how many venues of that level one day may hold. */
export const BUDGET_RULES: Record<BudgetBand, { highest: number; aDay: number }> = {
  low: { highest: 2, aDay: 1 },
  mid: { highest: 3, aDay: 1 },
  high: { highest: 4, aDay: Number.POSITIVE_INFINITY },
};

/** At most this many activities of one category in a day, and never two in a row. */
export const SAME_CATEGORY_A_DAY = 2;

/** Of these a day holds one: a second coffee stop or dessert is no plan. */
const ONCE_A_DAY: ReadonlySet<Category> = new Set(['cafe', 'dessert', 'museum', 'bathhouse', 'zoo_aquarium']);

/** Visits are stretched or cut to pace and to the time there is, but never under this share of the usual length. */
export const SHORTEST_SHARE = 0.6;

/**
 * Whether the venue can be that kind of stop: a meal where that meal is served, an activity where one does not go to
 * dine. A coffee stop counts as one, but only in the afternoon; a bar does from then on.
 */
export function suitsStop(venue: Venue, stop: Pick<Stop, 'role' | 'dayPart'>): boolean {
  if (stop.role !== 'activity') return venue.meals.includes(stop.role);
  const { meal, nightlife } = CATEGORIES[venue.category];
  if (venue.category === 'cafe') return stop.dayPart === 'afternoon';
  return !meal && !(nightlife && stop.dayPart === 'morning');
}

/** Whether the venue may be in this trip at all, apart from time and place. */
export function allowedInTrip(venue: Venue, party: Party, band: BudgetBand, date: string): boolean {
  return (
    venue.hours !== null &&
    (venue.closedAt === null || venue.closedAt > date) &&
    venue.priceLevel <= BUDGET_RULES[band].highest &&
    takesParty(venue, party)
  );
}

/** Whether a day that holds `others` may also hold `venue`, as far as its money goes. */
export function withinDayBudget(priceLevel: number, othersAtThatLevel: number, band: BudgetBand): boolean {
  const rule = BUDGET_RULES[band];
  return priceLevel < rule.highest || othersAtThatLevel < rule.aDay;
}

/** Whether a day with `sameCategory` activities of the category already may take one more. */
export function withinDayVariety(category: Category, sameCategory: number): boolean {
  return sameCategory < (ONCE_A_DAY.has(category) ? 1 : SAME_CATEGORY_A_DAY);
}
