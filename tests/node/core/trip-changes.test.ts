import { describe, expect, it } from 'vitest';
import type { Trip, TripStatus } from '../../../core/itinerary/trip.ts';
import {
  actOnSlot,
  changeTrip,
  type LocalNow,
  minutesPassed,
  type TripChange,
} from '../../../core/itinerary/trip-changes.ts';
import { takesParty } from '../../../core/ranking/party-fit.ts';
import { changed, problem, slotOf } from './fixtures/change.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';

const TRIP = plannedTrip();
const NIGHT_OUT = plannedTrip({
  tags: { nightlife: ['cocktails', 'dancing'], rhythm: ['night_owl'], pace: ['fast'] },
  party: { kind: 'friends', size: 4 },
});
/** The day before the trip. */
const BEFORE: LocalNow = { date: '2026-06-02', minutes: 600 };
const FAMILY = { kind: 'family', size: 4 } as const;
const change = (trip: Trip, wish: TripChange, now = BEFORE) => changeTrip(trip, wish, now);

describe('a change', () => {
  it('raises seq by one, however much it changes', () => {
    const wish = { status: 'active', party: FAMILY, endDate: '2026-06-04' } as const;
    expect(changed(change(TRIP, wish)).seq).toBe(TRIP.seq + 1);
    expect(changed(change(TRIP, {})).seq).toBe(TRIP.seq + 1);
  });
});

describe('the status of a trip', () => {
  const allowed: Record<string, TripStatus[]> = {
    planning: ['planning', 'active', 'cancelled'],
    active: ['active', 'completed', 'shortened', 'cancelled'],
  };

  it.each(['planning', 'active'] as const)('goes from %s only where it can', (from) => {
    for (const to of ['planning', 'active', 'completed', 'shortened', 'cancelled'] as const) {
      const result = change({ ...TRIP, status: from }, { status: to });
      if (allowed[from]!.includes(to)) expect(changed(result).status).toBe(to);
      else expect(problem(result)).toEqual({ code: 'status_not_allowed', from, to });
    }
  });
});

describe('shortening', () => {
  const active = {
    ...TRIP,
    status: 'active' as const,
    dayNotes: { 1: ['no_feasible_lunch' as const], 3: ['nothing_feasible' as const] },
  };

  it('takes away the days after the new last one, with their notes, and nothing else', () => {
    const trip = changed(change(active, { endDate: '2026-06-04' }));
    expect(trip.endDate).toBe('2026-06-04');
    expect(trip.slots).toHaveLength(TRIP.slots.filter((slot) => slot.dayNumber <= 2).length);
    for (const slot of trip.slots) expect(slot).toBe(slotOf(TRIP, slot.id));
    expect(trip.dayNotes).toEqual({ 1: ['no_feasible_lunch'] });
  });

  it('is refused to a later day, and to one before the first', () => {
    for (const endDate of ['2026-06-06', '2026-06-02']) {
      expect(problem(change(active, { endDate }))).toEqual({ code: 'end_date_not_shorter' });
    }
    expect(changed(change(active, { endDate: active.endDate })).slots).toEqual(active.slots);
  });

  it('ends the trip today where nobody says when', () => {
    const today = { date: '2026-06-04', minutes: 900 };
    expect(changed(change(active, { status: 'shortened' }, today))).toMatchObject({
      status: 'shortened',
      endDate: '2026-06-04',
    });
    const late = { date: '2026-06-09', minutes: 900 };
    expect(changed(change(active, { status: 'shortened' }, late)).endDate).toBe('2026-06-05');
    expect(changed(change(active, { status: 'shortened' }, BEFORE)).endDate).toBe('2026-06-03');
  });
});

describe('another party', () => {
  const bars = NIGHT_OUT.slots.filter((slot) => !takesParty(NIGHT_OUT.venues[slot.venueId]!, FAMILY));

  it('finds a trip with places that do not take children', () => {
    expect(bars.length).toBeGreaterThanOrEqual(3);
  });

  it('makes the places that do not take it give way, or drop out with a note', () => {
    const trip = changed(change(NIGHT_OUT, { party: FAMILY }));
    expect(trip.party).toEqual(FAMILY);
    for (const slot of trip.slots) expect(takesParty(trip.venues[slot.venueId]!, FAMILY)).toBe(true);
    for (const { id, dayNumber, stop } of bars) {
      const now = trip.slots.find((slot) => slot.id === id);
      if (now) expect(now.status).toBe('swapped');
      else
        expect(trip.dayNotes[dayNumber]).toContain(
          `no_feasible_${stop.role === 'activity' ? stop.dayPart : stop.role}`,
        );
    }
  });

  it('drops a place that nothing can stand in for, with one note for that part of the day', () => {
    const bare = { ...NIGHT_OUT, slots: NIGHT_OUT.slots.map((slot) => ({ ...slot, alternatives: [] })) };
    const trip = changed(change(bare, { party: FAMILY }));
    expect(trip.slots.map((slot) => slot.id)).toEqual(
      NIGHT_OUT.slots.filter((slot) => !bars.includes(slot)).map((slot) => slot.id),
    );
    for (const [day, notes] of Object.entries(trip.dayNotes)) expect(new Set(notes).size, day).toBe(notes.length);
    expect(Object.values(trip.dayNotes).flat()).toContain('no_feasible_evening');
  });

  it('leaves the places that take it where they are', () => {
    const trip = changed(change(TRIP, { party: { kind: 'solo', size: 1 } }));
    for (const slot of trip.slots) expect(slot).toBe(slotOf(TRIP, slot.id));
  });

  it('leaves what is locked, what has begun and what is over', () => {
    const [first] = bars;
    const locked = changed(actOnSlot(NIGHT_OUT, first!.id, 'lock', BEFORE));
    expect(slotOf(changed(change(locked, { party: FAMILY })), first!.id)).toMatchObject({
      venueId: first!.venueId,
      status: 'locked',
    });
    const now = { date: '2026-06-05', minutes: 1 };
    const trip = changed(change({ ...NIGHT_OUT, status: 'active' }, { party: FAMILY }, now));
    for (const slot of NIGHT_OUT.slots.filter((s) => s.dayNumber <= 2)) {
      expect(trip.slots.find((s) => s.id === slot.id)?.venueId).toBe(slot.venueId);
    }
    expect(trip.dayNotes).not.toHaveProperty('1');
  });

  it('is taken with all else that is asked for, or with nothing', () => {
    expect(change(NIGHT_OUT, { party: FAMILY, status: 'completed' }).ok).toBe(false);
    expect(change(NIGHT_OUT, { party: FAMILY, endDate: '2027-01-01' }).ok).toBe(false);
  });
});

describe('the minutes of a day that have passed', () => {
  it('are none before it, those since its midnight on it, and more than it has after it', () => {
    expect(minutesPassed(TRIP, 2, { date: '2026-06-03', minutes: 1439 })).toBe(0);
    expect(minutesPassed(TRIP, 2, { date: '2026-06-04', minutes: 600 })).toBe(600);
    expect(minutesPassed(TRIP, 2, { date: '2026-06-05', minutes: 30 })).toBe(1470);
  });
});
