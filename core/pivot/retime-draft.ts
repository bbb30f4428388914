/** A rest of a day with new times, told as an option. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { clock, listed } from './facts.ts';
import { leftOut, type PivotChange, type PivotDraft } from './pivot.ts';
import type { Placed } from './schedule.ts';

/** What a rest of a day costs against the plan: slots, slots, minutes, minutes. */
export interface RetimeCost {
  dropped: number;
  replaced: number;
  cut: number;
  shift: number;
}

export function retimeCost(rest: readonly TripSlot[], placed: readonly Placed[]): RetimeCost {
  const cost: RetimeCost = { dropped: rest.length - placed.length, replaced: 0, cut: 0, shift: 0 };
  for (const { visit, start, end } of placed) {
    if (visit.venue.id !== visit.slot.venueId) cost.replaced += 1;
    cost.cut += Math.max(0, visit.usual - (end - start));
    cost.shift += Math.abs(start - visit.slot.start);
  }
  return cost;
}

/** What differs from the plan, in the order of the day. */
export function changesOf(rest: readonly TripSlot[], placed: readonly Placed[]): PivotChange[] {
  const bySlot = new Map(placed.map((visit) => [visit.visit.slot.id, visit]));
  return rest.flatMap((slot): PivotChange[] => {
    const { id: slotId, venueId: from } = slot;
    const there = bySlot.get(slotId);
    if (!there) return [leftOut(slot)];
    const { visit, start, end } = there;
    const same = visit.venue.id === from && start === slot.start && end === slot.end;
    return same ? [] : [{ slotId, from, to: visit.venue.id, start, end }];
  });
}

function sentence(trip: Trip, rest: readonly TripSlot[], placed: readonly Placed[]): string {
  const name = (venueId: string) => trip.venues[venueId]!.name;
  const gone = rest
    .filter((slot) => !placed.some(({ visit }) => visit.slot === slot))
    .map((slot) => name(slot.venueId));
  const swapped = placed.filter(({ visit }) => visit.venue.id !== visit.slot.venueId);
  const kept = placed.filter((visit) => !swapped.includes(visit));
  const moved = kept.filter(({ visit, start }) => start !== visit.slot.start);
  const most = Math.max(0, ...moved.slice(1).map(({ visit, start }) => start - visit.slot.start));
  const shorter = kept
    .filter(({ visit, start, end }) => end - start < visit.usual)
    .map(({ visit }) => visit.venue.name);
  const [first] = moved;
  return [
    gone.length > 0 && `${listed(gone)} ${gone.length === 1 ? 'is' : 'are'} left out`,
    ...swapped.map(({ visit }) => `${visit.venue.name} stands in for ${name(visit.slot.venueId)}`),
    shorter.length > 0 &&
      `${shorter.length === 1 ? 'the visit to' : 'the visits to'} ${listed(shorter)} ${shorter.length === 1 ? 'is' : 'are'} shorter`,
    first && `${first.visit.venue.name} begins at ${clock(first.start)}`,
    moved.length > 1 && `what follows begins up to ${most} minutes later than planned`,
    moved.length === 0 && placed.length > 0 && 'everything else keeps its time',
  ]
    .filter((part) => part !== false && part !== undefined)
    .join('; ');
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Null where nothing differs from the plan. */
export function retimeDraft(trip: Trip, rest: readonly TripSlot[], placed: readonly Placed[]): PivotDraft | null {
  const changes = changesOf(rest, placed);
  if (changes.length === 0) return null;
  const cost = retimeCost(rest, placed);
  const code = cost.dropped > 0 ? 'drop' : cost.replaced > 0 ? 'replace' : cost.cut > 0 ? 'shorten' : 'shift';
  return {
    reason: { code, text: `${capitalised(sentence(trip, rest, placed))}.` },
    changes,
    venues: [],
    closedVenueId: null,
  };
}
