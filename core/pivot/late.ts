/** They are late: the rest of the day moves, and what no longer fits is replaced or left out. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots } from '../itinerary/trip-changes.ts';
import { keepMost } from './keep-most.ts';
import type { Moment } from './moment.ts';
import type { Drafts } from './pivot.ts';
import { type RetimeCost, retimeCost, retimeDraft } from './retime-draft.ts';
import { type Beginning, beginningAt, type Placed, placeAll, plannedVisit } from './schedule.ts';
import { placeCatchingUp, placeWithLeastCuts } from './shorten.ts';

const USUAL_DELAY_MINUTES = 15;

/** The slot that they are late for: where none was named and the visit that goes on is half over, the next. */
function lateFor(trip: Trip, { slot, passed }: Moment, named: boolean): TripSlot | null {
  if (named || passed < (slot.start + slot.end) / 2) return slot;
  return daySlots(trip, slot.dayNumber).find((other) => other.order > slot.order) ?? null;
}

/** Whether a cost is the smaller one: slots left out, slots replaced, minutes cut, minutes moved, in this order. */
function compareCosts(a: RetimeCost, b: RetimeCost): number {
  return a.dropped - b.dropped || a.replaced - b.replaced || a.cut - b.cut || a.shift - b.shift;
}

/**
 * The day without one of its slots, visits as long as usual: the slot, rather not a required one, whose loss brings the
 * others most forward against `plan`. Null where none does.
 */
function withoutOne(
  trip: Trip,
  rest: readonly TripSlot[],
  beginning: Beginning,
  plan: readonly Placed[],
): Placed[] | null {
  const planned = new Map(plan.map(({ visit, start }) => [visit.slot.id, start]));
  const days = rest
    .filter((slot) => slot.status !== 'locked')
    .flatMap((gone) => {
      const visits = rest.filter((slot) => slot !== gone).map((slot) => plannedVisit(trip, slot));
      const placed = placeAll(visits, beginning);
      if (!placed) return [];
      const gain = placed.reduce((sum, { visit, start }) => sum + (planned.get(visit.slot.id) ?? start) - start, 0);
      const keepsMore = placed.some(({ visit }) => !planned.has(visit.slot.id));
      return gain > 0 || keepsMore ? [{ placed, required: gone.stop.required ? 1 : 0, gain }] : [];
    });
  return days.sort((a, b) => a.required - b.required || b.gain - a.gain)[0]?.placed ?? null;
}

/**
 * Options that differ in kind: visits as long as planned; visits cut where that saves a slot, or until the day has
 * caught up; one slot left out. Best first: fewest slots left out, fewest replaced, least cut, least moved. The cuts come before
 * the moves: else the first option would always cut every visit to its shortest.
 */
export function lateDrafts(trip: Trip, moment: Moment, delayMinutes = USUAL_DELAY_MINUTES, named = false): Drafts {
  const first = lateFor(trip, moment, named);
  if (!first) return 'nothing_left';
  const rest = daySlots(trip, first.dayNumber).filter((slot) => slot.order >= first.order);
  const free = Math.max(moment.passed, first.start) + delayMinutes;
  const beginning = beginningAt(trip, first, free, trip.venues[first.venueId]?.location ?? null);

  const asLongAsUsual = keepMost(trip, rest, beginning, 'usual');
  const asShortAsCan = keepMost(trip, rest, beginning, 'shortest');
  const usual = asLongAsUsual && placeAll(asLongAsUsual, beginning);
  const plans = [
    usual,
    asShortAsCan && placeWithLeastCuts(asShortAsCan, beginning),
    asShortAsCan && placeCatchingUp(asShortAsCan, beginning),
    usual && rest.length > 1 ? withoutOne(trip, rest, beginning, usual) : null,
  ].filter((placed) => placed !== null);
  if (plans.length === 0) return 'no_alternative_fits';
  const drafts = plans
    .map((placed) => ({ cost: retimeCost(rest, placed), draft: retimeDraft(trip, rest, placed) }))
    .sort((a, b) => compareCosts(a.cost, b.cost))
    .flatMap(({ draft }) => draft ?? []);
  return drafts.length > 0 ? drafts : 'on_time';
}
