import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, weekdayOf } from '../../../core/itinerary/local-time.ts';
import { travelBetween } from '../../../core/itinerary/travel.ts';
import type { Trip, TripSlot, TripStatus } from '../../../core/itinerary/trip.ts';
import { actOnSlot, changeTrip, ENDED, type LocalNow, type SlotAction } from '../../../core/itinerary/trip-changes.ts';
import { type Party, takesParty } from '../../../core/ranking/party-fit.ts';
import type { WeeklyHours } from '../../../core/venue/venue.ts';
import { plannedTrip, SEATTLE_VENUES } from './fixtures/planned-trip.ts';

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const PARTIES: readonly Party[] = [
  { kind: 'couple', size: 2 },
  { kind: 'family', size: 4 },
  { kind: 'friends', size: 7 },
  { kind: 'solo', size: 1 },
];

/** Trips that differ in all that assembly reads. Frozen: a change that wrote to its input would throw. */
const TRIPS = [
  plannedTrip({ days: 4 }),
  plannedTrip({
    days: 3,
    tags: { nightlife: ['cocktails', 'dancing'], rhythm: ['night_owl'], pace: ['fast'] },
    party: { kind: 'friends', size: 4 },
    startArea: { lat: 47.61, lng: -122.33 },
    budgetBand: 'high',
  }),
  plannedTrip({
    days: 2,
    tags: { interests: ['museums', 'hiking'], pace: ['slow'] },
    budgetBand: 'low',
    startDate: '2026-06-05',
  }),
].map(frozen);

/** What a swap asks for: the best alternative, a listed one, what another slot holds or held, or any place of the city. */
type Wish = { of: 'best' | 'alternatives' | 'slots' | 'city'; pick: number };

type Step =
  | { kind: 'act'; action: SlotAction; slot: number; wish: Wish }
  | { kind: 'party'; party: Party }
  | { kind: 'end'; daysOff: number }
  | { kind: 'status'; status: TripStatus };

const anyAct = fc.record({
  kind: fc.constant('act' as const),
  action: fc.constantFrom<SlotAction[]>('swap', 'skip', 'accept', 'lock', 'swap', 'skip', 'accept'),
  // Few slots, so that actions meet.
  slot: fc.integer({ min: 0, max: 9 }),
  wish: fc.record({
    of: fc.constantFrom<Wish['of'][]>('best', 'alternatives', 'slots', 'slots', 'city'),
    pick: fc.nat(400),
  }),
});
const anyParty = fc.record({ kind: fc.constant('party' as const), party: fc.constantFrom(...PARTIES) });
const anyEnd = fc.record({ kind: fc.constant('end' as const), daysOff: fc.integer({ min: -1, max: 2 }) });
const anyStatus = fc.record({
  kind: fc.constant('status' as const),
  status: fc.constantFrom<TripStatus[]>('active', 'active', 'active', 'planning', 'completed', 'shortened'),
});

/** A step, and the hours that pass before it. */
const anyStep: fc.Arbitrary<Step & { hours: number }> = fc
  .tuple(
    fc.oneof(
      { weight: 30, arbitrary: anyAct },
      { weight: 4, arbitrary: anyParty },
      { weight: 1, arbitrary: anyEnd },
      { weight: 1, arbitrary: anyStatus },
    ),
    fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) }),
  )
  .map(([step, hours]) => ({ ...step, hours }));

function wantedVenue(trip: Trip, slot: TripSlot, { of, pick }: Wish) {
  // Of the slots, those that are skipped first: their places are free.
  const freeFirst = trip.slots.toSorted((a, b) => Number(b.status === 'skipped') - Number(a.status === 'skipped'));
  const among = {
    best: [],
    alternatives: slot.alternatives.map((alternative) => alternative.venueId),
    slots: freeFirst.slice(0, 4).map((other) => other.venueId),
    city: SEATTLE_VENUES.map((venue) => venue.id),
  }[of];
  const id = among[pick % Math.max(1, among.length)];
  return SEATTLE_VENUES.find((venue) => venue.id === id);
}

function take(trip: Trip, step: Step, now: LocalNow) {
  switch (step.kind) {
    case 'act': {
      const slot = trip.slots[step.slot % Math.max(1, trip.slots.length)];
      if (!slot) return actOnSlot(trip, 'none', step.action, now);
      return actOnSlot(trip, slot.id, step.action, now, wantedVenue(trip, slot, step.wish));
    }
    case 'party':
      return changeTrip(trip, { party: step.party }, now);
    case 'end':
      return changeTrip(trip, { endDate: addDays(trip.endDate, -step.daysOff) }, now);
    case 'status':
      return changeTrip(trip, { status: step.status }, now);
  }
}

/** Minute by minute, with yesterday's late hours: shares nothing with the code under test. */
function isOpen(hours: WeeklyHours | null, weekday: number, start: number, end: number): boolean {
  for (let minute = start; minute < end; minute++) {
    const open = [-1, 0, 1].some((day) => {
      const intervals = hours?.[(weekday + day + 7) % 7] ?? [];
      return intervals.some(([from, to]) => minute - day * 1440 >= from && minute - day * 1440 < to);
    });
    if (!open) return false;
  }
  return true;
}

/** Everything that is wrong with a trip. */
function broken(trip: Trip): string[] {
  const problems: string[] = [];
  const standing = trip.slots.filter((slot) => slot.status !== 'skipped');
  const ids = standing.map((slot) => slot.venueId);
  if (new Set(ids).size < ids.length) problems.push('a venue stands twice');
  if (new Set(trip.slots.map((slot) => slot.id)).size < trip.slots.length) problems.push('a slot stands twice');
  for (let day = 1; day <= daysBetween(trip.startDate, trip.endDate) + 1; day++) {
    const slots = standing.filter((slot) => slot.dayNumber === day);
    for (const [i, slot] of slots.entries()) {
      const venue = trip.venues[slot.venueId];
      if (!venue) {
        problems.push(`${slot.id}: no record of ${slot.venueId}`);
        continue;
      }
      const before = slots[i - 1];
      const from = before ? trip.venues[before.venueId]!.location : trip.startArea;
      const way = from ? travelBetween(from, venue.location) : null;
      if (before && slot.order <= before.order) problems.push(`${slot.id}: out of order`);
      if (slot.travel?.minutes !== way?.minutes || slot.travel?.metres !== way?.metres)
        problems.push(`${slot.id}: wrong way`);
      if (before && slot.start < before.end + way!.minutes) problems.push(`${slot.id}: starts before one can be there`);
      if (slot.end <= slot.start) problems.push(`${slot.id}: no length`);
      if (slot.start < slot.stop.earliest || slot.start > slot.stop.latest || slot.end > slot.stop.endBy) {
        problems.push(`${slot.id}: outside its stop`);
      }
      const weekday = weekdayOf(addDays(trip.startDate, day - 1));
      if (!isOpen(venue.hours, weekday, slot.start, slot.end)) problems.push(`${slot.id}: ${venue.id} is closed`);
      const meal = slot.stop.role;
      if (meal !== 'activity' && !venue.meals.includes(meal)) problems.push(`${slot.id}: no ${meal} at ${venue.id}`);
      if (slot.alternatives.some((alternative) => alternative.venueId === slot.venueId)) {
        problems.push(`${slot.id}: stands in for itself`);
      }
    }
    const highest = { low: 2, mid: 3, high: 4 }[trip.budgetBand];
    const dear = slots.filter((slot) => trip.venues[slot.venueId]!.priceLevel >= highest).length;
    if (trip.budgetBand !== 'high' && dear > 1) problems.push(`day ${day}: ${dear} expensive places`);
  }
  if (trip.slots.some((slot) => slot.dayNumber > daysBetween(trip.startDate, trip.endDate) + 1)) {
    problems.push('a slot stands after the last day');
  }
  return problems;
}

const sameVisit = (a: TripSlot, b: TripSlot) => a.venueId === b.venueId && a.start === b.start && a.end === b.end;

const anyTrip = fc.constantFrom(...TRIPS);
/** Minutes since the midnight that begins the trip: from the evening before into the second day. */
const anyClock = fc.integer({ min: -4 * 60, max: 40 * 60 });

describe('any sequence of changes', () => {
  it('begins with trips in which nothing is wrong', () => {
    for (const trip of TRIPS) expect(broken(trip)).toEqual([]);
  });

  it('keeps every promise of the trip', () => {
    const swapped = { times: 0 };
    fc.assert(
      fc.property(anyTrip, anyClock, fc.array(anyStep, { minLength: 5, maxLength: 40 }), (start, from, steps) => {
        let trip = start;
        let clock = from;
        for (const step of steps) {
          clock += step.hours * 60;
          const day = Math.floor(clock / 1440);
          const result = take(trip, step, { date: addDays(trip.startDate, day), minutes: clock - day * 1440 });
          if (!result.ok) {
            if (ENDED.has(trip.status)) expect(result.problem.code).toBe('trip_ended');
            continue;
          }
          const after = frozen(result.trip);
          expect(ENDED.has(trip.status)).toBe(false);
          expect(broken(after)).toEqual([]);
          expect(after.seq).toBe(trip.seq + 1);

          const acted = step.kind === 'act' ? trip.slots[step.slot % trip.slots.length]!.id : null;
          for (const was of trip.slots) {
            const is = after.slots.find((slot) => slot.id === was.id);
            if (was.status === 'locked' && is) expect(sameVisit(was, is)).toBe(true);
            if (was.status === 'locked' && !is) expect(step.kind === 'end' || step.kind === 'status').toBe(true);
            if (acted && was.id !== acted) {
              expect(is).toBeDefined();
              // Only the way to it may differ, and only on the same day.
              if (is !== was) expect({ ...is, travel: null }).toEqual({ ...was, travel: null });
              if (was.dayNumber !== trip.slots.find((slot) => slot.id === acted)!.dayNumber) expect(is).toBe(was);
            }
            const begun = clock > (was.dayNumber - 1) * 1440 + was.start;
            if (step.kind === 'party' && begun) expect(is).toMatchObject({ venueId: was.venueId, status: was.status });
            if (step.kind === 'party' && is && !begun && was.status !== 'locked' && was.status !== 'skipped') {
              expect(takesParty(after.venues[is.venueId]!, after.party)).toBe(true);
            }
            if (is?.status === 'swapped' && !sameVisit(was, is)) {
              swapped.times++;
              expect((is.dayNumber - 1) * 1440 + is.start).toBeGreaterThanOrEqual(clock);
            }
          }
          trip = after;
        }
      }),
      { numRuns: 400 },
    );
    // The sequences reach what they are for.
    expect(swapped.times).toBeGreaterThan(100);
  });
});
