/** Signals that a trip's object writes of what its members do: their ids follow from the trip and its `seq`. */
import { v5 as uuidv5 } from 'uuid';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import type { SlotAction } from '../itinerary/trip-changes.ts';
import type { SignalMessage } from './signal-message.ts';

const NAMESPACE = '6f3d6e0c-3c52-4f0e-9a55-0d6a5f3b7c11';

/** The id of the `nth` signal (from 0) of the change that made the trip's `seq`: the same however often it is asked for. */
export function tripSignalId(tripId: string, seq: number, nth = 0): string {
  return uuidv5(nth === 0 ? `${tripId}/${seq}` : `${tripId}/${seq}/${nth}`, NAMESPACE);
}

export interface TripEvent {
  type: SignalMessage['type'];
  userId: string;
  /** The trip's `seq` after the change. */
  seq: number;
  /** Which of the change's signals, from 0. */
  nth?: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** The slot as it was shown; null where the signal is about the trip. */
  slot: TripSlot | null;
  /** Default: that of the slot. */
  venueId?: string | null;
  timeToActionMs?: number | null;
  /** Without free text and positions: these rows outlive the person. */
  context?: Record<string, unknown>;
}

export function tripSignal(trip: Pick<Trip, 'id' | 'party' | 'ranking'>, event: TripEvent): SignalMessage {
  const { slot, type, userId, seq, nth, at } = event;
  return {
    v: 1,
    id: tripSignalId(trip.id, seq, nth),
    kind: 'signal',
    userId,
    type,
    tripId: trip.id,
    slotId: slot?.id ?? null,
    venueId: event.venueId ?? slot?.venueId ?? null,
    occurredAt: new Date(at).toISOString(),
    timeToActionMs: event.timeToActionMs ?? null,
    reason: null,
    context: event.context ?? {},
    shown: {
      modelVersion: slot?.modelVersion ?? trip.ranking.modelVersion,
      dayOfTrip: slot?.dayNumber ?? null,
      dayPart: slot?.stop.dayPart ?? null,
      groupSize: trip.party.size,
    },
  };
}

const TYPE_OF_ACTION = {
  accept: 'slot_accept',
  // Who locks a slot keeps it.
  lock: 'slot_accept',
  skip: 'slot_skip',
  swap: 'slot_swap',
} as const satisfies Record<SlotAction, SignalMessage['type']>;

/**
 * The signal of a slot action. `slot`: as it was shown, before the change; `trip` and `seq`: after it. A swap is about
 * the venue that was given up, and names the one that took its place in `context.replacement_venue_id`.
 */
export function slotActionSignal(
  trip: Pick<Trip, 'id' | 'party' | 'ranking' | 'slots'>,
  slot: TripSlot,
  action: SlotAction,
  userId: string,
  seq: number,
  at: number,
  timeToActionMs: number | null = null,
): SignalMessage {
  const now = trip.slots.find((other) => other.id === slot.id);
  const replaced = action === 'swap' && now && now.venueId !== slot.venueId;
  return tripSignal(trip, {
    type: TYPE_OF_ACTION[action],
    userId,
    seq,
    at,
    slot,
    timeToActionMs,
    context: { action, ...(replaced ? { replacement_venue_id: now.venueId } : {}) },
  });
}
