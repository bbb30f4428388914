/** A pivot as its row in Postgres is to be. */
import type { JobOf } from '../platform/queue/jobs.ts';
import type { StoredPivot } from './pivot-store.ts';

const instant = (ms: number) => new Date(ms).toISOString();

export function pivotEventJob(tripId: string, pivot: StoredPivot): JobOf<'pivot_event'> {
  const { eventId, userId, request, body, askedAt, expiresAt, latencyMs, resolution, options } = pivot;
  return {
    v: 1,
    id: `pivot:${eventId}:${resolution ? 'resolved' : 'asked'}`,
    kind: 'pivot_event',
    eventId,
    tripId,
    userId,
    askedBy: pivot.byProduct ? 'product' : 'traveller',
    slotId: request.slotId ?? options[0]?.changes[0]?.slotId ?? null,
    trigger: request.trigger,
    mood: request.mood ?? null,
    source: body.source,
    options: body.options.map(({ id, reason_code, changes }) => ({
      id,
      reason_code,
      changes: changes.map(({ venue: _, ...change }) => change),
    })),
    latencyMs,
    createdAt: instant(askedAt),
    expiresAt: instant(expiresAt),
    response: resolution?.response ?? null,
    optionId: resolution?.optionId ?? null,
    respondedAt: resolution ? instant(resolution.at) : null,
  };
}
