/** They are early: the rest of the day comes forward, or they stay longer where they go next. */

import { travelBetween } from '../itinerary/travel.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots } from '../itinerary/trip-changes.ts';
import { firstOpenStart } from '../venue/opening-hours.ts';
import { changedTrip } from './apply-pivot.ts';
import { clock } from './facts.ts';
import { lastBegun, type Moment } from './moment.ts';
import type { Drafts, PivotChange, PivotDraft } from './pivot.ts';
import { changesOf } from './retime-draft.ts';
import { beginningAt, type Placed, placeAfter, placeAll, plannedVisit, toGrid } from './schedule.ts';

/** Nobody stays longer than this share of a usual visit. */
const LONGEST_SHARE = 1.3;
const EARLIER_AT_LEAST_MINUTES = 5;
const USUAL_EARLY_MINUTES = 30;

/**
 * The visit before the next one, where it goes on, ended now, or when it has lasted for its shortest time; null where
 * none goes on, or it is locked.
 */
function endedNow(trip: Trip, moment: Moment, before: TripSlot | undefined): PivotChange | null {
  const going = lastBegun(trip, moment);
  if (!going || going !== before || going.status === 'locked') return null;
  const end = Math.max(toGrid(moment.passed), going.start + plannedVisit(trip, going).shortest);
  if (going.end <= end) return null;
  return { slotId: going.id, from: going.venueId, to: going.venueId, start: going.start, end };
}

/** The last minute, on the grid, until which one may stay at a visit that was moved forward. */
function stayUntil({ visit: { slot, venue }, start }: Placed, weekday: number): number {
  const longest = Math.floor((venue.visitMinutes * LONGEST_SHARE) / 5) * 5;
  for (let end = Math.min(slot.end, start + longest); end > start; end -= 5) {
    if (venue.hours && firstOpenStart(venue.hours, weekday, start, start, end - start) !== null) return end;
  }
  return start;
}

/**
 * `earlyMinutes`: how far the next slot, and at most as far what follows it, comes forward. What lies before a locked
 * slot may move up; nothing behind it moves.
 */
export function earlyDrafts(trip: Trip, moment: Moment, earlyMinutes?: number): Drafts {
  const { slot, passed, at } = moment;
  const day = daySlots(trip, slot.dayNumber);
  const next = day.find((other) => other.order >= slot.order && (passed === 0 || other.start > passed));
  if (!next) return 'nothing_left';
  if (next.status === 'locked') return 'slot_locked';
  const { name, location } = trip.venues[next.venueId]!;

  const before = day.findLast((other) => other.order < next.order);
  const ended = endedNow(trip, moment, before);
  const asLeft = ended ? changedTrip(trip, { changes: [ended], venues: [] }) : trip;
  const most = earlyMinutes ?? (passed > 0 ? next.start - passed : USUAL_EARLY_MINUTES);
  const there = passed + (at ? travelBetween(at, location).minutes : 0);
  const beginning = beginningAt(asLeft, next, Math.max(there, next.start - most), null);
  const forward = placeAfter(beginning.before, { ...plannedVisit(trip, next), from: 0 }, beginning);
  const way = before ? travelBetween(trip.venues[before.venueId]!.location, location).minutes : 0;
  const overlaps = ended && forward && before && forward.start < before.end + way;
  const earlier = forward ? next.start - forward.start : 0;
  if (!forward || earlier < EARLIER_AT_LEAST_MINUTES) return 'nothing_earlier';

  const locked = day.find((other) => other.order > next.order && other.status === 'locked');
  const rest = day.filter((other) => other.order >= next.order && other.order < (locked?.order ?? Infinity));
  const all = placeAll(
    rest.map((other) => ({ ...plannedVisit(trip, other), from: other.start - earlier })),
    beginning,
  );
  const following = all && changesOf(rest, all);
  const draft = (code: string, text: string, changes: PivotChange[]): PivotDraft => ({
    reason: { code, text: `${name} begins at ${clock(forward.start)}, ${earlier} minutes earlier${text}.` },
    changes: [...(overlaps ? [ended] : []), ...changes],
    venues: [],
    closedVenueId: null,
  });
  const until = (end: number): PivotChange[] => [
    { slotId: next.id, from: next.venueId, to: next.venueId, start: forward.start, end },
  ];
  const longest = stayUntil(forward, beginning.weekday);
  return [
    following && draft('pull_forward', following.length > 1 ? '; what follows comes forward too' : '', following),
    longest > forward.end &&
      draft('stay_longer', ` and lasts until ${clock(longest)}; what follows keeps its time`, until(longest)),
    draft('pull_next', '; what follows keeps its time', until(forward.end)),
  ].filter((option) => option !== null && option !== false);
}
