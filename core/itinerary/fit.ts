/** Whether a venue can take a slot's place while everything else in the day stays where it is. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { Party } from '../ranking/party-fit.ts';
import type { BudgetBand } from '../ranking/ranker.ts';
import { firstOpenStart } from '../venue/opening-hours.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { Stop } from './itinerary.ts';
import { allowedInTrip, BUDGET_RULES, suitsStop, withinDayBudget, withinDayVariety } from './rules.ts';
import { type Leg, travelBetween } from './travel.ts';
import { shortestVisit, visitLength } from './visit-length.ts';

/** What one planned visit of the day looks like to its neighbours. */
export interface Neighbour {
  venue: Venue;
  stop: Pick<Stop, 'role'>;
  start: number;
  end: number;
}

export interface FitRequest {
  date: string;
  /** Monday 0. */
  weekday: number;
  stop: Stop;
  /** The day's other visits, in order; `before` of them come before the slot. */
  others: readonly Neighbour[];
  before: number;
  party: Party;
  budgetBand: BudgetBand;
  dimensions: Dimensions;
  start: Location | null;
  /** Nothing starts before this minute of the day; 0 where the day is still to come. */
  notBefore?: number;
}

export type Misfit = 'not_allowed' | 'wrong_role' | 'over_budget' | 'same_category' | 'closed' | 'no_time';

export type Fit =
  | { fits: true; start: number; end: number; travel: Leg | null; onward: Leg | null }
  | { fits: false; why: Misfit };

const no = (why: Misfit): Fit => ({ fits: false, why });

/** Checks every hard rule; the visit may be cut to `shortestVisit` where the gap is tight. */
export function fitVenue(venue: Venue, request: FitRequest): Fit {
  const { date, stop, others, before, party, budgetBand, dimensions } = request;
  if (!allowedInTrip(venue, party, budgetBand, date)) return no('not_allowed');
  if (!suitsStop(venue, stop)) return no('wrong_role');
  const atTop = others.filter((o) => o.venue.priceLevel === BUDGET_RULES[budgetBand].highest).length;
  if (!withinDayBudget(venue.priceLevel, atTop, budgetBand)) return no('over_budget');

  const previous = others[before - 1];
  const next = others[before];
  if (stop.role === 'activity') {
    const alike = (o: Neighbour | undefined) => o?.stop.role === 'activity' && o.venue.category === venue.category;
    if (alike(previous) || alike(next)) return no('same_category');
    if (!withinDayVariety(venue.category, others.filter(alike).length)) return no('same_category');
  }

  const from = previous?.venue.location ?? request.start;
  const travel = from ? travelBetween(from, venue.location) : null;
  const onward = next ? travelBetween(venue.location, next.venue.location) : null;
  const arrival = previous ? previous.end + (travel?.minutes ?? 0) : 0;
  const earliest = Math.ceil(Math.max(arrival, stop.earliest, request.notBefore ?? 0) / 5) * 5;
  const leaveBy = Math.min(stop.endBy, next ? next.start - (onward?.minutes ?? 0) : Number.POSITIVE_INFINITY);
  const usual = visitLength(venue, dimensions);
  let length = usual;
  let anyTime = false;
  for (; length >= Math.min(usual, shortestVisit(venue)); length -= 5) {
    const latest = Math.min(stop.latest, leaveBy - length);
    if (latest < earliest) continue;
    anyTime = true;
    const start = venue.hours && firstOpenStart(venue.hours, request.weekday, earliest, latest, length);
    if (start !== null) return { fits: true, start, end: start + length, travel, onward };
  }
  return no(anyTime ? 'closed' : 'no_time');
}
