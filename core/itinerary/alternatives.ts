/** For each slot, the places that could stand there instead: kept for swaps and pivots. */
import type { DayPart } from '../ranking/ranker.ts';
import type { AssemblyRequest } from './assembly-request.ts';
import { fitVenue, type Neighbour } from './fit.ts';
import type { Alternative, DayFrame, PlannedSlot } from './itinerary.ts';

export const ALTERNATIVES_A_SLOT = 8;

/**
 * For each slot of a day: the best candidates by score that are in no slot of the trip and fit into this one; at most
 * eight, best first.
 */
export function alternativesOfDay(
  frame: DayFrame,
  slots: readonly Omit<PlannedSlot, 'alternatives'>[],
  inTrip: ReadonlySet<string>,
  request: AssemblyRequest,
): Alternative[][] {
  const { candidates, party, budgetBand, dimensions, start } = request;
  const byId = new Map(candidates.map((venue) => [venue.id, venue]));
  const visits: Neighbour[] = slots.map((slot) => ({ ...slot, venue: byId.get(slot.venueId)! }));
  const free = candidates.flatMap((venue, i) => (inTrip.has(venue.id) ? [] : [i]));
  const bestFirst = new Map<DayPart, number[]>();
  return slots.map(({ stop }, position) => {
    const scores = request.scores(frame.dayNumber, stop.dayPart);
    let order = bestFirst.get(stop.dayPart);
    if (!order) {
      order = free.toSorted((a, b) => scores[b]! - scores[a]!);
      bestFirst.set(stop.dayPart, order);
    }
    const others = visits.toSpliced(position, 1);
    const { date, weekday } = frame;
    const place = { date, weekday, stop, others, before: position, party, budgetBand, dimensions, start };
    const found: Alternative[] = [];
    for (const c of order) {
      const venue = candidates[c]!;
      if (fitVenue(venue, place).fits) found.push({ venueId: venue.id, score: scores[c]! });
      if (found.length === ALTERNATIVES_A_SLOT) break;
    }
    return found;
  });
}
