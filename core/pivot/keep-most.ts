/** Which slots of a late day are kept, replaced or left out: as few changes as keep it feasible. */
import { allowedInTrip, suitsStop } from '../itinerary/rules.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { dateOfDay } from '../itinerary/trip-changes.ts';
import { type Beginning, type Placed, placeAfter, plannedVisit, type Visit, visitTo } from './schedule.ts';
import { ownAlternatives } from './stored-alternatives.ts';

/** PartialPlan plans kept for each number of slots left out: the cheapest, and those that are done soonest. */
const CHEAPEST = 8;
const SOONEST = 4;

interface PartialPlan {
  last: Placed | null;
  visits: readonly Visit[];
  dropped: number;
  replaced: number;
  /** Slots left out without which a day is not whole. */
  required: number;
  shift: number;
}

/** Fewest left out, then fewest replaced, then the least total shift; among equals a meal stays before an extra. */
function compare(a: PartialPlan, b: PartialPlan): number {
  return a.dropped - b.dropped || a.replaced - b.replaced || a.required - b.required || a.shift - b.shift;
}

function prune(partials: PartialPlan[]): PartialPlan[] {
  if (partials.length <= CHEAPEST + SOONEST) return partials;
  const cheapest = partials.sort(compare).slice(0, CHEAPEST);
  const soonest = partials
    .slice(CHEAPEST)
    .sort((a, b) => (a.last?.free ?? 0) - (b.last?.free ?? 0))
    .slice(0, SOONEST);
  return [...cheapest, ...soonest];
}

/** The ways to go on at a slot: the venue that is planned first, then the stored alternatives that may stand there. */
function choicesFor(trip: Trip, slot: TripSlot, replace: boolean, length: 'usual' | 'shortest'): Visit[] {
  const planned = plannedVisit(trip, slot);
  const sized = (visit: Visit): Visit => ({
    ...visit,
    length: slot.status === 'locked' ? visit.length : visit[length],
  });
  if (!replace || slot.status === 'locked') return [sized(planned)];
  const date = dateOfDay(trip, slot.dayNumber);
  const others = ownAlternatives(trip, slot)
    .filter(({ venue }) => allowedInTrip(venue, trip.party, trip.budgetBand, date) && suitsStop(venue, slot.stop))
    .map(({ venue }) => visitTo(trip, slot, venue));
  return [planned, ...others].map(sized);
}

function searchWith(
  slots: readonly TripSlot[],
  choices: readonly Visit[][],
  beginning: Beginning,
  mostDropped: number,
): PartialPlan | null {
  const nothing = { dropped: 0, replaced: 0, required: 0, shift: 0 };
  let byDropped: PartialPlan[][] = [[{ last: beginning.before, visits: [], ...nothing }]];
  for (const [i, slot] of slots.entries()) {
    const next: PartialPlan[][] = Array.from({ length: mostDropped + 1 }, () => []);
    for (const partial of byDropped.flat()) {
      for (const visit of choices[i]!) {
        if (visit.venue.id !== slot.venueId && partial.visits.some((other) => other.venue.id === visit.venue.id))
          continue;
        const last = placeAfter(partial.last, visit, beginning);
        if (!last) continue;
        next[partial.dropped]!.push({
          ...partial,
          last,
          visits: [...partial.visits, visit],
          replaced: partial.replaced + (visit.venue.id === slot.venueId ? 0 : 1),
          shift: partial.shift + Math.abs(last.start - slot.start),
        });
      }
      if (slot.status === 'locked' || partial.dropped === mostDropped) continue;
      next[partial.dropped + 1]!.push({
        ...partial,
        dropped: partial.dropped + 1,
        required: partial.required + (slot.stop.required ? 1 : 0),
      });
    }
    byDropped = next.map(prune);
  }
  return byDropped.flat().sort(compare)[0] ?? null;
}

/**
 * The visits that can be made, in the order of the day, each of its usual or its shortest length: a beam search that lets
 * as few slots go as it can find, and replaces as few as it can. Null where not even leaving everything out helps.
 */
export function keepMost(
  trip: Trip,
  slots: readonly TripSlot[],
  beginning: Beginning,
  length: 'usual' | 'shortest',
): Visit[] | null {
  const asPlanned = slots.map((slot) => choicesFor(trip, slot, false, length));
  const untouched = searchWith(slots, asPlanned, beginning, 0);
  if (untouched) return [...untouched.visits];
  const choices = slots.map((slot) => choicesFor(trip, slot, true, length));
  for (let mostDropped = 0; mostDropped <= slots.length; mostDropped++) {
    const found = searchWith(slots, choices, beginning, mostDropped);
    if (found) return [...found.visits];
  }
  return null;
}
