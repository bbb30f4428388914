import { describe, expect, it } from 'vitest';
import { travelBetween } from '../../../core/itinerary/travel.ts';
import type { Trip } from '../../../core/itinerary/trip.ts';
import { actOnSlot } from '../../../core/itinerary/trip-changes.ts';
import { applyPivot } from '../../../core/pivot/apply-pivot.ts';
import { isDayFeasible } from '../../../core/pivot/day-rules.ts';
import { exposedSlots, exposureOf } from '../../../core/pivot/weather-exposure.ts';
import { dayProblems } from './fixtures/day-problems.ts';
import { ask, liveTrip, onDay, slotOf, withSlot } from './fixtures/live-trip.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';
import { someVenue } from './fixtures/venues.ts';

const OUTDOORS = { interests: ['hiking', 'museums'] };
const PLANNED = plannedTrip({ tags: OUTDOORS });
const LIVE = liveTrip({ tags: OUTDOORS });
const SLOT = 'day-1-slot-4';
const LONG_BEFORE = { date: '2026-05-01', minutes: 600 };
const storedFor = (trip: Trip, id: string) => slotOf(trip, id).alternatives.map(({ venueId }) => venueId);

describe('a closed venue', () => {
  it('gives way to stored alternatives of the slot that goes on, reachable from the closed door', () => {
    const slot = slotOf(LIVE, SLOT);
    const now = onDay(LIVE, 1, slot.start + 5);
    const plan = ask(LIVE, { trigger: 'venue_closed' }, now);
    expect(plan).toMatchObject({ source: 'fallback', reason: null });
    expect(plan.options).toHaveLength(3);
    for (const { changes, closedVenueId, reason } of plan.options) {
      const [change] = changes;
      expect(changes).toHaveLength(1);
      expect(change).toMatchObject({ slotId: SLOT, from: slot.venueId });
      expect(LIVE.venues).toHaveProperty(change!.to!);
      const way = travelBetween(LIVE.venues[slot.venueId]!.location, LIVE.venues[change!.to!]!.location).minutes;
      expect(change!.start).toBeGreaterThanOrEqual(now.minutes + way);
      expect(closedVenueId).toBe(slot.venueId);
      expect(reason.code).toBe('open_instead');
      expect(reason.text).toContain(LIVE.venues[change!.to!]!.name);
    }
    expect(new Set(plan.options.map(({ changes }) => changes[0]!.to)).size).toBe(3);
  });

  it('takes the slot that is named, and for a planned trip its start as now', () => {
    for (const slot of PLANNED.slots.filter(({ alternatives }) => alternatives.length > 0)) {
      const { options } = ask(PLANNED, { trigger: 'venue_closed', slotId: slot.id }, LONG_BEFORE);
      for (const { changes } of options) {
        expect(changes.map(({ slotId }) => slotId)).toEqual([slot.id]);
        expect(changes[0]!.start).toBeGreaterThanOrEqual(slot.start);
      }
    }
  });

  it('prefers what is stored for the slot itself, and stays within what the trip stores', () => {
    const own = storedFor(PLANNED, SLOT);
    const { options } = ask(PLANNED, { trigger: 'venue_closed', slotId: SLOT }, LONG_BEFORE);
    expect(own).toContain(options[0]!.changes[0]!.to);
    const bare = withSlot(PLANNED, SLOT, { alternatives: [] });
    const others = new Set(bare.slots.flatMap(({ alternatives }) => alternatives.map(({ venueId }) => venueId)));
    for (const { changes } of ask(bare, { trigger: 'venue_closed', slotId: SLOT }, LONG_BEFORE).options) {
      expect(others).toContain(changes[0]!.to);
    }
  });

  it('is offered nowhere in the trip any more once an option is taken', () => {
    const slot = slotOf(PLANNED, SLOT);
    const [option] = ask(PLANNED, { trigger: 'venue_closed', slotId: SLOT }, LONG_BEFORE).options;
    const after = applyPivot(PLANNED, option!);
    expect(storedFor(after, SLOT)).not.toContain(slot.venueId);
    expect(isDayFeasible(after, 1)).toBe(true);
    for (const { id } of after.slots) {
      const bound = withSlot(after, id, { alternatives: [{ venueId: slot.venueId, score: 1 }] });
      for (const trigger of ['venue_closed', 'weather'] as const) {
        const offered = ask(bound, { trigger, slotId: id }, LONG_BEFORE).options.flatMap(({ changes }) => changes);
        expect(offered.map(({ to }) => to)).not.toContain(slot.venueId);
      }
      const swapped = actOnSlot(bound, id, 'swap', LONG_BEFORE, after.venues[slot.venueId]);
      expect(swapped.ok).toBe(false);
    }
    const known = [{ venue: PLANNED.venues[slot.venueId]!, score: 1 }];
    const moods = ask(after, { trigger: 'mood', mood: 'tired', slotId: SLOT }, LONG_BEFORE, known);
    expect(moods.options).toEqual([]);
  });

  it('gets no option, and says why, where nothing fits', () => {
    const bare = {
      ...PLANNED,
      venues: Object.fromEntries(PLANNED.slots.map(({ venueId }) => [venueId, PLANNED.venues[venueId]!])),
    };
    const plan = ask(bare, { trigger: 'venue_closed', slotId: SLOT }, LONG_BEFORE);
    expect(plan).toEqual({ source: 'fallback', options: [], reason: 'no_alternative_fits' });
  });
});

describe('the slot that a pivot concerns', () => {
  const reasonFor = (trip: Trip, slotId: string | undefined, minutes: number) =>
    ask(trip, { trigger: 'venue_closed', slotId }, onDay(trip, 1, minutes)).reason;

  it('is refused where it is unknown, locked, skipped or over', () => {
    const { end } = slotOf(LIVE, SLOT);
    expect(reasonFor(LIVE, 'nobody', 600)).toBe('slot_not_found');
    expect(reasonFor(withSlot(LIVE, SLOT, { status: 'locked' }), SLOT, 600)).toBe('slot_locked');
    expect(reasonFor(withSlot(LIVE, SLOT, { status: 'skipped' }), SLOT, 600)).toBe('slot_skipped');
    expect(reasonFor(LIVE, SLOT, end)).toBe('slot_past');
    expect(reasonFor(LIVE, SLOT, end - 1)).not.toBe('slot_past');
    expect(ask(LIVE, { trigger: 'venue_closed' }, onDay(LIVE, 4, 60)).reason).toBe('nothing_left');
  });

  it('is the one that goes on, else the next to come, skipped ones apart', () => {
    const concerned = (trip: Trip, minutes: number) =>
      ask(trip, { trigger: 'venue_closed' }, onDay(trip, 1, minutes)).options[0]?.changes[0]?.slotId;
    const { start, end } = slotOf(LIVE, SLOT);
    expect(concerned(LIVE, start)).toBe(SLOT);
    expect(concerned(LIVE, start - 1)).toBe(SLOT);
    expect(concerned(LIVE, end)).toBe('day-1-slot-5');
    expect(concerned(withSlot(LIVE, SLOT, { status: 'skipped' }), start)).toBe('day-1-slot-5');
  });
});

describe('rain', () => {
  it('exposes what is outdoors, and last what is partly so and not good in rain', () => {
    expect(exposureOf(someVenue({ setting: 'outdoor' }))).toBe('fully');
    expect(exposureOf(someVenue({ setting: 'mixed' }))).toBe('partly');
    expect(exposureOf(someVenue({ setting: 'mixed', vibeTags: ['rainy-day'] }))).toBe('none');
    expect(exposureOf(someVenue({ setting: 'indoor' }))).toBe('none');
    for (let day = 1; day <= 3; day++) {
      const kinds = exposedSlots(PLANNED, day).map(({ exposure }) => exposure);
      expect(kinds).toEqual(kinds.toSorted());
      expect(exposedSlots(PLANNED, day, 30 * 60)).toEqual([]);
    }
  });

  it('turns outdoor slots into indoor ones: first one, then all of the rest of the day', () => {
    let several = 0;
    for (const trip of [LIVE, liveTrip({ tags: { interests: ['nature', 'hiking'] }, days: 5, budgetBand: 'high' })]) {
      for (let day = 1; day <= 3; day++) {
        const { options } = ask(trip, { trigger: 'weather' }, onDay(trip, day, 9 * 60));
        const [least] = options;
        expect(least!.changes).toHaveLength(1);
        const exposures = options.flatMap(({ changes }) => changes.map(({ from }) => exposureOf(trip.venues[from]!)));
        expect(exposures[0]).toBe(exposures.includes('fully') ? 'fully' : 'partly');
        for (const option of options) {
          for (const { from, to } of option.changes) {
            expect(exposureOf(trip.venues[from]!)).not.toBe('none');
            expect(exposureOf(trip.venues[to!]!)).toBe('none');
          }
          expect(dayProblems(applyPivot(trip, option), day)).toEqual([]);
          if (option.changes.length > 1) several += 1;
        }
      }
    }
    expect(several).toBeGreaterThan(2);
  });

  it('leaves alone what is past, locked, or before the slot that is named', () => {
    const exposed = exposedSlots(LIVE, 1).map(({ slot }) => slot);
    const last = exposed.toSorted((a, b) => b.order - a.order)[0]!;
    const { options } = ask(LIVE, { trigger: 'weather', slotId: last.id }, onDay(LIVE, 1, 0));
    for (const { changes } of options) expect(changes.map(({ slotId }) => slotId)).toEqual([last.id]);
    const locked = { ...LIVE, slots: LIVE.slots.map((slot) => ({ ...slot, status: 'locked' as const })) };
    expect(ask(locked, { trigger: 'weather' }, onDay(LIVE, 1, 9 * 60))).toMatchObject({
      options: [],
      reason: 'nothing_exposed',
    });
  });
});

describe('an option taken', () => {
  const [option] = ask(PLANNED, { trigger: 'venue_closed', slotId: SLOT }, LONG_BEFORE).options;

  it('narrates the new venue, marks the slot as swapped, measures the ways and raises seq by one', () => {
    const after = applyPivot(PLANNED, option!);
    const slot = slotOf(after, SLOT);
    const { to, start, end } = option!.changes[0]!;
    expect(slot).toMatchObject({ venueId: to, start, end, status: 'swapped' });
    expect(slot.narrative).toContain(after.venues[to!]!.name);
    expect(slot.score).toBe(slotOf(PLANNED, SLOT).alternatives.find(({ venueId }) => venueId === to)?.score);
    expect(after.seq).toBe(PLANNED.seq + 1);
    expect(dayProblems(after, 1)).toEqual([]);
    for (const was of PLANNED.slots) {
      const is = slotOf(after, was.id);
      if (was.id === SLOT || is === was) continue;
      expect({ ...is, travel: null }).toEqual({ ...was, travel: null });
      expect(was.order).toBe(slotOf(PLANNED, SLOT).order + 1);
      expect(was.dayNumber).toBe(1);
    }
  });

  it('is refused by a trip in which the slot holds something else by now', () => {
    const moved = withSlot(PLANNED, SLOT, { venueId: PLANNED.slots[0]!.venueId });
    expect(() => applyPivot(moved, option!)).toThrow(RangeError);
  });
});
