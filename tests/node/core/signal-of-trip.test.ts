import { describe, expect, it } from 'vitest';
import { signalMessageSchema } from '../../../core/signal/signal-message.ts';
import { slotActionSignal, tripSignal, tripSignalId } from '../../../core/signal/trip-signal.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';

const planned = plannedTrip();
/** The fixture's ids are readable, but a queue takes UUIDs. */
const slot = {
  ...planned.slots[0]!,
  id: '018f0000-0000-7000-8000-0000000000a1',
  venueId: '018f0000-0000-7000-8000-0000000000b1',
};
const trip = {
  ...planned,
  id: '018f0000-0000-7000-8000-0000000000c1',
  slots: [slot, ...planned.slots.slice(1)],
};
const userId = '018f0000-0000-7000-8000-000000000001';
const at = Date.UTC(2026, 4, 4, 10);

describe('a signal that a trip writes', () => {
  it('has an id that follows from trip, seq and place, and from nothing else', () => {
    const id = tripSignalId(trip.id, 7);
    expect(tripSignalId(trip.id, 7)).toBe(id);
    expect(slotActionSignal(trip, slot, 'skip', userId, 7, at + 5).id).toBe(id);
    const others = [tripSignalId(trip.id, 8), tripSignalId(trip.id, 7, 1), tripSignalId(userId, 7)];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('is one that the queue takes, with what the traveller saw', () => {
    const signal = slotActionSignal(trip, slot, 'accept', userId, 2, at, 900);
    expect(signalMessageSchema.parse(JSON.parse(JSON.stringify(signal)))).toEqual(signal);
    expect(signal).toMatchObject({
      type: 'slot_accept',
      tripId: trip.id,
      slotId: slot.id,
      venueId: slot.venueId,
      occurredAt: '2026-05-04T10:00:00.000Z',
      timeToActionMs: 900,
      shown: {
        modelVersion: slot.modelVersion,
        dayOfTrip: slot.dayNumber,
        dayPart: slot.stop.dayPart,
        groupSize: trip.party.size,
      },
    });
  });

  it.each([
    ['accept', 'slot_accept'],
    ['lock', 'slot_accept'],
    ['skip', 'slot_skip'],
    ['swap', 'slot_swap'],
  ] as const)('of %s is a %s', (action, type) => {
    expect(slotActionSignal(trip, slot, action, userId, 2, at)).toMatchObject({ type, context: { action } });
  });

  it('of a swap is about the venue that was given up, and names what took its place', () => {
    const replacement = '018f0000-0000-7000-8000-0000000000ff';
    const after = { ...trip, slots: trip.slots.map((s) => (s === slot ? { ...s, venueId: replacement } : s)) };
    expect(slotActionSignal(after, slot, 'swap', userId, 3, at)).toMatchObject({
      venueId: slot.venueId,
      context: { action: 'swap', replacement_venue_id: replacement },
    });
  });

  it('without a slot has the version of the trip', () => {
    const signal = tripSignal(trip, { type: 'pivot_requested', userId, seq: 4, at, slot: null });
    expect(signal).toMatchObject({
      slotId: null,
      venueId: null,
      shown: { modelVersion: trip.ranking.modelVersion, dayOfTrip: null, dayPart: null },
    });
  });
});
