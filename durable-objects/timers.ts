/** The object has one alarm: what it is to wake for, and when. */
import type { Trip } from '../core/itinerary/trip.ts';
import { nextStatus } from '../core/live/trip-course.ts';

/** An ended trip stays in its object for so long, for who looks back at it; then Postgres alone has it. */
export const ARCHIVED_AFTER_MS = 7 * 24 * 3600_000;

export type TimerKind = 'status' | 'pivot_expiry' | 'token_expiry' | 'outbox' | 'archive';

export interface Timer {
  kind: TimerKind;
  /** Milliseconds since the epoch. */
  due: number;
}

/** What timers follow from; null where there is no such thing. Milliseconds since the epoch. */
export interface Awaited {
  trip: Trip | null;
  pivotExpiry: number | null;
  tokenExpiry: number | null;
  outbox: number | null;
  endedAt: number | null;
}

/**
 * Follows from the state alone: whoever acts on a timer changes the state, and a timer that was acted on is none any
 * more, however often the alarm fires.
 */
export function timers({ trip, pivotExpiry, tokenExpiry, outbox, endedAt }: Awaited): Timer[] {
  const status = trip && nextStatus(trip);
  const due: [TimerKind, number | null][] = [
    ['status', status?.due ?? null],
    ['pivot_expiry', pivotExpiry],
    ['token_expiry', tokenExpiry],
    ['outbox', outbox],
    ['archive', endedAt === null ? null : endedAt + ARCHIVED_AFTER_MS],
  ];
  return due.flatMap(([kind, at]) => (at === null ? [] : [{ kind, due: at }])).sort((a, b) => a.due - b.due);
}
