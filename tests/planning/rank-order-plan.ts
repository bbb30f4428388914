/**
 * The plan that the assembler is measured against: at each stop the best-ranked place that is feasible there. It keeps
 * every rule and window, and the way there has to fit into the time; how long the way is counts for nothing.
 */
import type { AssemblyRequest } from '../../core/itinerary/assembly-request.ts';
import type { DayFrame, Stop } from '../../core/itinerary/itinerary.ts';
import {
  allowedInTrip,
  BUDGET_RULES,
  suitsStop,
  withinDayBudget,
  withinDayVariety,
} from '../../core/itinerary/rules.ts';
import { travelBetween } from '../../core/itinerary/travel.ts';
import { visitLength } from '../../core/itinerary/visit-length.ts';
import { firstOpenStart } from '../../core/venue/opening-hours.ts';
import type { Venue } from '../../core/venue/venue.ts';

export interface RankedVisit {
  dayNumber: number;
  stop: Stop;
  venue: Venue;
  start: number;
  end: number;
}

const GRID_MINUTES = 5;

function placed(venue: Venue, stop: Stop, frame: DayFrame, day: RankedVisit[], request: AssemblyRequest) {
  const { party, budgetBand, dimensions } = request;
  if (!allowedInTrip(venue, party, budgetBand, frame.date) || !suitsStop(venue, stop) || !venue.hours) return null;
  const dearest = day.filter((visit) => visit.venue.priceLevel === BUDGET_RULES[budgetBand].highest).length;
  if (!withinDayBudget(venue.priceLevel, dearest, budgetBand)) return null;
  const last = day.at(-1);
  if (stop.role === 'activity') {
    const alike = (visit: RankedVisit) => visit.stop.role === 'activity' && visit.venue.category === venue.category;
    if ((last && alike(last)) || !withinDayVariety(venue.category, day.filter(alike).length)) return null;
  }
  const arrival = last ? last.end + travelBetween(last.venue.location, venue.location).minutes : 0;
  const earliest = Math.ceil(Math.max(arrival, stop.earliest) / GRID_MINUTES) * GRID_MINUTES;
  const length = visitLength(venue, dimensions);
  const latest = Math.min(stop.latest, stop.endBy - length);
  const start = firstOpenStart(venue.hours, frame.weekday, earliest, latest, length);
  return start === null ? null : { dayNumber: frame.dayNumber, stop, venue, start, end: start + length };
}

export function planInRankOrder(request: AssemblyRequest): RankedVisit[] {
  const { candidates, frames } = request;
  const used = new Set<string>();
  return frames.flatMap((frame) => {
    const day: RankedVisit[] = [];
    for (const stop of frame.stops) {
      const scores = request.scores(frame.dayNumber, stop.dayPart);
      const bestFirst = candidates.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
      for (const c of bestFirst) {
        const visit = used.has(candidates[c]!.id) ? null : placed(candidates[c]!, stop, frame, day, request);
        if (!visit) continue;
        day.push(visit);
        used.add(visit.venue.id);
        break;
      }
    }
    return day;
  });
}
