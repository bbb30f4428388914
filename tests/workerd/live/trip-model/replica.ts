/** A trip as a client keeps it: a snapshot, and every event since. */
import { expect } from 'vitest';
import type { DurableMessage } from '../../../../core/live/messages.ts';
import type { TripBody } from '../../../../core/live/trip-body.ts';

/** The trip after the event, which must be the next one. */
export function applied(trip: TripBody, event: DurableMessage): TripBody {
  expect(event.seq, 'the log has no gap').toBe(trip.seq + 1);
  if (event.type === 'member_changed' || event.type === 'pivot_suggested') return { ...trip, seq: event.seq };
  const removed = new Set(event.removed_slot_ids);
  const changed = new Map(event.slots.map(({ slot }) => [slot.id, slot]));
  const days = trip.days.map((day) => ({
    ...day,
    slots: day.slots.filter(({ id }) => !removed.has(id)).map((slot) => changed.get(slot.id) ?? slot),
  }));
  if (event.type !== 'trip_status') return { ...trip, seq: event.seq, days };
  const { status, end_date, party } = event;
  return { ...trip, seq: event.seq, status, end_date, party, days: days.filter(({ date }) => date <= end_date) };
}
