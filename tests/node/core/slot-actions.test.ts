import { describe, expect, it } from 'vitest';
import type { Trip } from '../../../core/itinerary/trip.ts';
import { actOnSlot, changeTrip, type LocalNow, type SlotAction } from '../../../core/itinerary/trip-changes.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { changed, problem, slotOf } from './fixtures/change.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';
import { someVenue } from './fixtures/venues.ts';

const TRIP = plannedTrip();
/** The day before the trip. */
const BEFORE: LocalNow = { date: '2026-06-02', minutes: 600 };
/** The second activity of the first day: something before it, something after it. */
const SLOT = 'day-1-slot-4';
const act = (trip: Trip, slotId: string, action: SlotAction, now = BEFORE, wanted?: Venue) =>
  actOnSlot(trip, slotId, action, now, wanted);

describe('accepting and locking', () => {
  it('mark the slot and leave all others the same objects', () => {
    for (const [action, status] of [
      ['accept', 'accepted'],
      ['lock', 'locked'],
    ] as const) {
      const trip = changed(act(TRIP, SLOT, action));
      expect(slotOf(trip, SLOT)).toEqual({ ...slotOf(TRIP, SLOT), status });
      for (const slot of trip.slots) if (slot.id !== SLOT) expect(slot).toBe(slotOf(TRIP, slot.id));
    }
  });

  it('keep a locked slot from being skipped or swapped, until it is accepted again', () => {
    const locked = changed(act(TRIP, SLOT, 'lock'));
    expect(problem(act(locked, SLOT, 'skip'))).toEqual({ code: 'slot_locked' });
    expect(problem(act(locked, SLOT, 'swap'))).toEqual({ code: 'slot_locked' });
    expect(changed(act(changed(act(locked, SLOT, 'accept')), SLOT, 'skip')).seq).toBe(TRIP.seq + 3);
  });
});

describe('skipping', () => {
  it('takes the slot out of the day: the next one is reached from the one before', () => {
    const trip = changed(act(TRIP, SLOT, 'skip'));
    expect(slotOf(trip, SLOT).status).toBe('skipped');
    const [before, after] = [slotOf(trip, 'day-1-slot-3'), slotOf(trip, 'day-1-slot-5')];
    expect(before).toBe(slotOf(TRIP, 'day-1-slot-3'));
    expect(after.travel).not.toEqual(slotOf(TRIP, 'day-1-slot-5').travel);
    expect({ ...after, travel: null }).toEqual({ ...slotOf(TRIP, 'day-1-slot-5'), travel: null });
    for (const slot of trip.slots.filter((slot) => slot.dayNumber > 1)) expect(slot).toBe(slotOf(TRIP, slot.id));
  });

  it('is undone by accepting: the day is as it was', () => {
    for (const { id } of TRIP.slots) {
      const restored = changed(act(changed(act(TRIP, id, 'skip')), id, 'accept'));
      expect(restored.slots).toEqual(
        TRIP.slots.map((slot) => (slot.id === id ? { ...slot, status: 'accepted' } : slot)),
      );
    }
  });

  it('is undone in the middle of the day too, at the time that was planned', () => {
    const now = { date: TRIP.startDate, minutes: slotOf(TRIP, SLOT).start - 5 };
    const restored = changed(act(changed(act(TRIP, SLOT, 'skip', now)), SLOT, 'accept', now));
    expect(slotOf(restored, SLOT)).toMatchObject({ start: slotOf(TRIP, SLOT).start, end: slotOf(TRIP, SLOT).end });
  });

  it('cannot be undone once its place is elsewhere in the trip', () => {
    const { venueId, stop } = slotOf(TRIP, SLOT);
    const skipped = changed(act(TRIP, SLOT, 'skip'));
    const elsewhere = skipped.slots.find(
      (slot) => slot.dayNumber === 2 && slot.stop.role === stop.role && slot.stop.dayPart === stop.dayPart,
    )!;
    const free = {
      ...skipped,
      slots: skipped.slots.map((slot) => (slot.id === elsewhere.id ? { ...slot, venueId } : slot)),
    };
    expect(problem(act(free, SLOT, 'accept'))).toEqual({ code: 'venue_already_in_trip' });
  });

  it('cannot be undone once the room is gone', () => {
    const skipped = changed(act(TRIP, SLOT, 'skip'));
    const { start, end } = slotOf(TRIP, SLOT);
    const crowded = {
      ...skipped,
      slots: skipped.slots.map((slot) =>
        slot.id === 'day-1-slot-3'
          ? { ...slot, end: end + 30 }
          : slot.id === 'day-1-slot-5'
            ? { ...slot, start: end + 35 }
            : slot,
      ),
    };
    expect(start).toBeLessThan(end);
    expect(problem(act(crowded, SLOT, 'accept'))).toMatchObject({ code: 'venue_not_feasible' });
  });

  it('leaves nothing to lock', () => {
    expect(problem(act(changed(act(TRIP, SLOT, 'skip')), SLOT, 'lock'))).toEqual({ code: 'slot_skipped' });
  });
});

describe('swapping', () => {
  it('takes the best alternative that fits, and what stood there can stand there again', () => {
    for (const slot of TRIP.slots.filter((s) => s.alternatives.length > 0)) {
      const trip = changed(act(TRIP, slot.id, 'swap'));
      const swapped = slotOf(trip, slot.id);
      expect(swapped.venueId).toBe(slot.alternatives[0]!.venueId);
      expect(swapped.status).toBe('swapped');
      expect(swapped.score).toBe(slot.alternatives[0]!.score);
      expect(swapped.alternatives).toContainEqual({ venueId: slot.venueId, score: slot.score });
      expect(swapped.alternatives.map((a) => a.venueId)).not.toContain(swapped.venueId);
      expect(swapped.alternatives).toEqual(swapped.alternatives.toSorted((a, b) => b.score - a.score));
      expect(swapped.narrative).toContain(trip.venues[swapped.venueId]!.name);
    }
  });

  it('leaves all but the way to the next slot as it is', () => {
    const trip = changed(act(TRIP, SLOT, 'swap'));
    for (const slot of trip.slots) {
      const was = slotOf(TRIP, slot.id);
      if (slot.id === SLOT) continue;
      if (slot.id === 'day-1-slot-5') expect({ ...slot, travel: null }).toEqual({ ...was, travel: null });
      else expect(slot).toBe(was);
    }
  });

  it('takes a venue that is asked for by name, and its record into the trip', () => {
    const { location } = TRIP.venues[slotOf(TRIP, SLOT).venueId]!;
    const wanted = someVenue({ id: 'the-one', location, visitMinutes: 30, category: 'library' });
    const trip = changed(act(TRIP, SLOT, 'swap', BEFORE, wanted));
    expect(slotOf(trip, SLOT)).toMatchObject({ venueId: 'the-one', status: 'swapped', score: 0 });
    expect(trip.venues['the-one']).toBe(wanted);
    expect(TRIP.venues).not.toHaveProperty('the-one');
  });

  it('passes over alternatives that are in the trip by now', () => {
    const [first, second] = slotOf(TRIP, SLOT).alternatives;
    const taken = {
      ...TRIP,
      slots: TRIP.slots.map((s) => (s.id === 'day-3-slot-4' ? { ...s, venueId: first!.venueId } : s)),
    };
    expect(slotOf(changed(act(taken, SLOT, 'swap')), SLOT).venueId).toBe(second!.venueId);
  });

  it('goes back to the first venue when it is swapped back by name', () => {
    const was = slotOf(TRIP, SLOT);
    const back = changed(act(changed(act(TRIP, SLOT, 'swap')), SLOT, 'swap', BEFORE, TRIP.venues[was.venueId]!));
    expect(slotOf(back, SLOT)).toMatchObject({ venueId: was.venueId, score: was.score });
  });

  it('starts nothing before now', () => {
    const slot = slotOf(TRIP, SLOT);
    const now = { date: TRIP.startDate, minutes: slot.start };
    const result = act(TRIP, SLOT, 'swap', now);
    if (result.ok) expect(slotOf(result.trip, SLOT).start).toBeGreaterThanOrEqual(slot.start);
    expect(result.ok).toBe(true);
  });
});

describe('a swap is refused', () => {
  const { location } = TRIP.venues[slotOf(TRIP, SLOT).venueId]!;
  const swapTo = (fields: Partial<Venue>) =>
    problem(act(TRIP, SLOT, 'swap', BEFORE, someVenue({ location, ...fields })));

  it('to a venue that the trip holds', () => {
    const other = TRIP.venues[slotOf(TRIP, 'day-2-slot-4').venueId]!;
    expect(problem(act(TRIP, SLOT, 'swap', BEFORE, other))).toEqual({ code: 'venue_already_in_trip' });
    expect(problem(act(TRIP, SLOT, 'swap', BEFORE, TRIP.venues[slotOf(TRIP, SLOT).venueId]!))).toEqual({
      code: 'venue_already_in_trip',
    });
  });

  it.each([
    [{ hours: null }, 'not_allowed'],
    [{ priceLevel: 4 }, 'not_allowed'],
    [{ closedAt: '2026-06-01' }, 'not_allowed'],
    [{ category: 'restaurant', meals: ['lunch'] }, 'wrong_role'],
    [{ hours: [[], [], [], [], [], [], []] }, 'closed'],
    [{ visitMinutes: 300 }, 'no_time'],
  ] as [Partial<Venue>, string][])('to a venue that breaks a rule: %j', (fields, why) => {
    expect(swapTo(fields)).toEqual({ code: 'venue_not_feasible', why });
  });

  it('to the kind of place that stands next to it', () => {
    const next = TRIP.venues[slotOf(TRIP, 'day-1-slot-5').venueId]!;
    expect(swapTo({ category: next.category })).toEqual({ code: 'venue_not_feasible', why: 'same_category' });
  });

  it('to a second expensive place of the day', () => {
    const dear = TRIP.slots.find((slot) => TRIP.venues[slot.venueId]!.priceLevel === 3)!;
    const other = TRIP.slots.find(
      (s) => s.dayNumber === dear.dayNumber && s.id !== dear.id && s.stop.role === 'activity',
    )!;
    const wanted = someVenue({ priceLevel: 3, location: TRIP.venues[other.venueId]!.location, visitMinutes: 30 });
    expect(problem(act(TRIP, other.id, 'swap', BEFORE, wanted))).toEqual({
      code: 'venue_not_feasible',
      why: 'over_budget',
    });
  });

  it('without anything that could stand there', () => {
    const bare = { ...TRIP, slots: TRIP.slots.map((slot) => ({ ...slot, alternatives: [] })) };
    expect(problem(act(bare, SLOT, 'swap'))).toEqual({ code: 'no_alternative' });
  });

  it('once the slot has begun', () => {
    const { start } = slotOf(TRIP, SLOT);
    expect(problem(act(TRIP, SLOT, 'swap', { date: TRIP.startDate, minutes: start + 1 }))).toEqual({
      code: 'slot_started',
    });
    expect(problem(act(TRIP, SLOT, 'swap', { date: '2026-06-04', minutes: 0 }))).toEqual({ code: 'slot_started' });
  });
});

describe('every action', () => {
  it('is refused on a slot that the trip does not have', () => {
    for (const action of ['accept', 'skip', 'swap', 'lock'] as const) {
      expect(problem(act(TRIP, 'day-9-slot-9', action))).toEqual({ code: 'slot_not_found' });
    }
  });

  it.each(['completed', 'shortened', 'cancelled'] as const)('is refused on a trip that is %s', (status) => {
    const ended = { ...TRIP, status };
    for (const action of ['accept', 'skip', 'swap', 'lock'] as const) {
      expect(problem(act(ended, SLOT, action))).toEqual({ code: 'trip_ended', status });
    }
    expect(problem(changeTrip(ended, { status: 'active' }, BEFORE))).toEqual({ code: 'trip_ended', status });
    const party = { kind: 'solo', size: 1 } as const;
    expect(problem(changeTrip(ended, { party }, BEFORE))).toEqual({ code: 'trip_ended', status });
  });

  it('raises seq by one', () => {
    for (const action of ['accept', 'skip', 'swap', 'lock'] as const) {
      expect(changed(act(TRIP, SLOT, action)).seq).toBe(TRIP.seq + 1);
    }
  });
});
