/** A signal on its way to the table: what the edge took from an app, or what a trip's object noted itself. */
import { z } from 'zod';
import { DAY_PARTS } from '../ranking/ranker.ts';
import type { ClientSignal } from './client-signal.ts';
import { CLIENT_SIGNAL_TYPES } from './signal.ts';

const id = z.uuid();

export const signalMessageSchema = z.object({
  v: z.literal(1),
  /** Of the signal: the key under which it is stored once. */
  id,
  kind: z.literal('signal'),
  /** Who did it; the table gets their actor key instead. */
  userId: id,
  type: z.enum([...CLIENT_SIGNAL_TYPES, 'pivot_requested']),
  tripId: id.nullable(),
  slotId: id.nullable(),
  venueId: id.nullable(),
  occurredAt: z.iso.datetime(),
  timeToActionMs: z.int().min(0).nullable(),
  reason: z.string().nullable(),
  context: z.record(z.string(), z.unknown()),
  /** What the trip's object knows of the moment, and vouches for. Null where an app reports: then it is looked up. */
  shown: z
    .object({
      /** `name@version` of what ranked it. */
      modelVersion: z.string().min(1),
      /** From 1. */
      dayOfTrip: z.int().min(1).nullable(),
      dayPart: z.enum(DAY_PARTS).nullable(),
      groupSize: z.int().min(1),
    })
    .nullable(),
});

export type SignalMessage = z.infer<typeof signalMessageSchema>;

export function clientSignalMessage(signal: ClientSignal, userId: string): SignalMessage {
  return {
    v: 1,
    id: signal.id,
    kind: 'signal',
    userId,
    type: signal.type,
    tripId: signal.trip_id ?? null,
    slotId: signal.slot_id ?? null,
    venueId: signal.venue_id ?? null,
    occurredAt: signal.occurred_at,
    timeToActionMs: signal.time_to_action_ms ?? null,
    reason: signal.reason ?? null,
    context: signal.context ?? {},
    shown: null,
  };
}
