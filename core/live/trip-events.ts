/** The durable events of a trip's changes, as they go to every companion. */

import { wallClock } from '../itinerary/local-time.ts';
import type { Trip, TripMember } from '../itinerary/trip.ts';
import { dateOfDay, type SlotAction } from '../itinerary/trip-changes.ts';
import type { Mood, PivotPlan, PivotTrigger } from '../pivot/pivot.ts';
import type { EventDraft, PivotBody, PivotOutcome } from './messages.ts';
import { toSlotBody, toSlotVenueBody } from './trip-body.ts';

/** What of the slots is no longer as it was; slots are compared by identity. */
function slotChanges(before: Trip, after: Trip) {
  const known = new Set(before.slots);
  const kept = new Set(after.slots.map((slot) => slot.id));
  return {
    slots: after.slots
      .filter((slot) => !known.has(slot))
      .map((slot) => ({ day: slot.dayNumber, slot: toSlotBody(after, slot) })),
    removed_slot_ids: before.slots.filter((slot) => !kept.has(slot.id)).map((slot) => slot.id),
  };
}

export function slotChanged(before: Trip, after: Trip, by: string, slotId: string, action: SlotAction): EventDraft {
  const { status } = after.slots.find((slot) => slot.id === slotId)!;
  return { type: 'slot_changed', by, slot_id: slotId, action, status, ...slotChanges(before, after) };
}

/** `by`: null where the calendar did it. */
export function tripStatus(before: Trip, after: Trip, by: string | null): EventDraft {
  const { status, endDate, party } = after;
  return { type: 'trip_status', by, status, end_date: endDate, party, ...slotChanges(before, after) };
}

export const memberBodies = (members: readonly TripMember[]) =>
  members.map(({ userId, role }) => ({ user_id: userId, role }));

export function memberChanged(
  after: Trip,
  by: string | null,
  userId: string | null,
  change: 'joined' | 'left' | 'removed',
): EventDraft {
  return { type: 'member_changed', by, change, user_id: userId, members: memberBodies(after.members) };
}

/** A plan as its asker and the companions see it. `trip`: the one that it was made for. */
export function toPivotBody(trip: Trip, eventId: string, plan: PivotPlan, expiresAt: number): PivotBody {
  return {
    event_id: eventId,
    source: plan.source,
    expires_at: new Date(expiresAt).toISOString(),
    options: plan.options.map(({ id, reason, changes, venues }) => ({
      id,
      reason: reason.text,
      reason_code: reason.code,
      changes: changes.map(({ slotId, from, to, start, end }) => {
        const slot = trip.slots.find((candidate) => candidate.id === slotId)!;
        const at = (minutes: number) => wallClock(dateOfDay(trip, slot.dayNumber), minutes, trip.city.timeZone);
        const venue = to === null ? null : (trip.venues[to] ?? venues.find((brought) => brought.id === to) ?? null);
        return {
          slot_id: slotId,
          from,
          to,
          venue: venue && toSlotVenueBody(venue),
          starts_at: at(start),
          ends_at: at(end),
        };
      }),
    })),
    reason: plan.reason,
  };
}

export function pivotSuggested(
  by: string | null,
  trigger: PivotTrigger,
  mood: Mood | null,
  note: string | null,
  pivot: PivotBody,
): EventDraft {
  return { type: 'pivot_suggested', by, trigger, mood, note, ...pivot };
}

export function pivotResolved(
  before: Trip,
  after: Trip,
  by: string | null,
  eventId: string,
  response: PivotOutcome,
  optionId: string | null,
): EventDraft {
  return {
    type: 'pivot_resolved',
    by,
    event_id: eventId,
    response,
    option_id: optionId,
    ...slotChanges(before, after),
  };
}
