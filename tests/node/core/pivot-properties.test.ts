/** Whatever is asked of whatever trip at whatever time: what every pivot keeps. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../../core/itinerary/assemble.ts';
import { addDays } from '../../../core/itinerary/local-time.ts';
import type { Trip, TripSlot } from '../../../core/itinerary/trip.ts';
import { withTravel } from '../../../core/itinerary/trip-changes.ts';
import { applyPivot } from '../../../core/pivot/apply-pivot.ts';
import { isDayFeasible } from '../../../core/pivot/day-rules.ts';
import { MOODS, PIVOT_TRIGGERS, type PivotRequest, type ScoredVenue } from '../../../core/pivot/pivot.ts';
import { InMemoryPlanner } from '../../planning/plan-in-memory.ts';
import { randomTrips } from '../../planning/random-trips.ts';
import { dayProblems } from './fixtures/day-problems.ts';
import { ask } from './fixtures/live-trip.ts';
import { catalogueOf, SEEDED_SLUGS } from './fixtures/venues.ts';

const TRIPS = 60;
const SEED = 20261211;

interface Case {
  trip: Trip;
  candidates: ScoredVenue[];
}
const cases: Case[] = [];

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** As it is stored: with the venues of slots and alternatives, and no others. */
function asStored(trip: Trip): Trip {
  const shown = trip.slots.flatMap((slot) => [slot.venueId, ...slot.alternatives.map(({ venueId }) => venueId)]);
  return { ...trip, venues: Object.fromEntries(shown.map((id) => [id, trip.venues[id]!])) };
}

beforeAll(async () => {
  const files = SEEDED_SLUGS.map((slug) => ({ ...catalogueOf(slug), version: 'as-seeded' }));
  const planner = new InMemoryPlanner(files);
  const orders = randomTrips(
    SEED,
    TRIPS,
    files.map((file) => file.city),
  );
  for (const order of orders) {
    const prepared = await planner.prepare({ ...order, days: Math.min(order.days, 4) });
    const trip = planner.trip(prepared, assemble(prepared.request));
    if (trip.slots.length === 0) continue;
    const candidates = prepared.request.candidates.map((venue, i) => ({ venue, score: 1 - i / 250 }));
    cases.push(frozen({ trip: asStored(trip), candidates }));
  }
});

const anyAsked = fc.record({
  trip: fc.nat({ max: TRIPS - 1 }),
  active: fc.boolean(),
  /** Minutes since the midnight before the trip. */
  clock: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 7 * 60, max: 25 * 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3000, max: 5 * 1440 }) },
  ),
  named: fc.option(fc.nat({ max: 30 }), { freq: 2 }),
  locked: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  skipped: fc.array(fc.nat({ max: 12 }), { maxLength: 2 }),
  request: fc.record({
    trigger: fc.constantFrom(...PIVOT_TRIGGERS),
    mood: fc.constantFrom(...MOODS),
    delayMinutes: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined, freq: 4 }),
    earlyMinutes: fc.option(fc.integer({ min: 5, max: 120 }), { nil: undefined, freq: 2 }),
  }),
  searched: fc.boolean(),
});

interface Asked {
  trip: Trip;
  request: PivotRequest;
  now: { date: string; minutes: number };
  clock: number;
  candidates: ScoredVenue[] | null;
}

function read(drawn: typeof anyAsked extends fc.Arbitrary<infer T> ? T : never): Asked {
  const { trip: planned, candidates } = cases[drawn.trip % cases.length]!;
  const statusOf = (slot: TripSlot, i: number): TripSlot['status'] =>
    drawn.skipped.includes(i) ? 'skipped' : drawn.locked.includes(i) ? 'locked' : slot.status;
  const slots = planned.slots.map((slot, i) => ({ ...slot, status: statusOf(slot, i) }));
  const trip: Trip = { ...planned, slots, status: drawn.active ? 'active' : 'planning' };
  const day = Math.floor(drawn.clock / 1440);
  const slotId = drawn.named === null ? undefined : slots[drawn.named % slots.length]!.id;
  return {
    trip: measured(trip),
    request: { ...drawn.request, slotId },
    now: { date: addDays(trip.startDate, day), minutes: drawn.clock - day * 1440 },
    clock: drawn.clock,
    candidates: drawn.searched ? candidates : null,
  };
}

/** The ways of a day from which slots were skipped by hand. */
function measured(trip: Trip): Trip {
  const first = trip.slots.find((slot) => slot.status !== 'skipped');
  if (!first) return trip;
  let slots = trip.slots;
  for (const day of new Set(slots.map((slot) => slot.dayNumber))) slots = withTravel(trip, slots, day);
  return frozen({ ...trip, slots });
}

/** A trip without slots that rules forbid once others are skipped: two alike may have become neighbours. */
const feasibleDays = (trip: Trip) =>
  [...new Set(trip.slots.map((slot) => slot.dayNumber))].filter((day) => dayProblems(trip, day).length === 0);

describe('any pivot', () => {
  it('offers at most three options, each of which leaves one day changed and feasible', () => {
    const offered: Record<string, number> = {};
    fc.assert(
      fc.property(anyAsked, (drawn) => {
        const { trip, request, now, clock, candidates } = read(drawn);
        const plan = ask(trip, request, now, candidates);
        expect(ask(trip, request, now, candidates)).toEqual(plan);
        expect(plan.options.length).toBeLessThanOrEqual(3);
        expect(plan.reason === null).toBe(plan.options.length > 0);
        expect(new Set(plan.options.map(({ id }) => id)).size).toBe(plan.options.length);
        expect(new Set(plan.options.map(({ changes }) => JSON.stringify(changes))).size).toBe(plan.options.length);

        const fine = feasibleDays(trip);
        for (const option of plan.options) {
          offered[request.trigger] = (offered[request.trigger] ?? 0) + 1;
          expect(option.reason.text).toMatch(/^\S.*\.$/);
          expect(option.reason.text).not.toMatch(/undefined|null|NaN/);
          const before = option.changes.map(({ slotId }) => trip.slots.find((slot) => slot.id === slotId)!);
          const [dayNumber, ...others] = new Set(before.map((slot) => slot.dayNumber));
          expect(others).toEqual([]);
          expect(before.map(({ status }) => status)).not.toContain('locked');
          expect(before.map(({ status }) => status)).not.toContain('skipped');

          const after = frozen(applyPivot(trip, option));
          expect(after.seq).toBe(trip.seq + 1);
          if (fine.includes(dayNumber!)) {
            expect(dayProblems(after, dayNumber!)).toEqual([]);
            expect(isDayFeasible(after, dayNumber!)).toBe(true);
          }
          const passed = clock - (dayNumber! - 1) * 1440;
          const changed = new Map(option.changes.map((change) => [change.slotId, change]));
          expect(after.slots.map(({ id }) => id)).toEqual(trip.slots.map(({ id }) => id));
          for (const [i, was] of trip.slots.entries()) {
            const is = after.slots[i]!;
            const change = changed.get(was.id);
            if (was.dayNumber !== dayNumber) expect(is).toBe(was);
            else if (!change) expect({ ...is, travel: null }).toEqual({ ...was, travel: null });
            else {
              expect(change.from).toBe(was.venueId);
              expect(was.end).toBeGreaterThan(passed);
              const status = change.to === null ? 'skipped' : change.to === was.venueId ? was.status : 'swapped';
              expect(is.status).toBe(status);
              if (change.to === null) continue;
              expect(is).toMatchObject({ venueId: change.to, start: change.start, end: change.end });
              // What begins anew begins later than now; an early traveller may end what goes on.
              if (is.venueId !== was.venueId || is.start !== was.start) expect(is.start).toBeGreaterThanOrEqual(passed);
              if (plan.source !== 'search') expect(trip.venues).toHaveProperty(change.to);
            }
          }
        }
      }),
      { numRuns: 1500, seed: SEED },
    );
    for (const trigger of PIVOT_TRIGGERS) expect(offered[trigger], trigger).toBeGreaterThan(50);
  });
});

describe('the rules of a day', () => {
  it('hold in every day that was planned, and agree with the checker on every day that was tampered with', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: -90, max: 90 }), fc.nat({ max: 2 }), (n, m, minutes, kind) => {
        const { trip } = cases[n % cases.length]!;
        for (const day of new Set(trip.slots.map((slot) => slot.dayNumber)))
          expect(isDayFeasible(trip, day)).toBe(true);
        const slot = trip.slots[m % trip.slots.length]!;
        const tampered: Partial<TripSlot> =
          kind === 0
            ? { start: slot.start + minutes, end: slot.end + minutes }
            : kind === 1
              ? { venueId: Object.keys(trip.venues)[m % Object.keys(trip.venues).length]! }
              : { end: slot.start + Math.max(5, slot.end - slot.start - Math.abs(minutes)) };
        const changed = measured({
          ...trip,
          slots: trip.slots.map((other) => (other === slot ? { ...other, ...tampered } : other)),
        });
        const problems = dayProblems(changed, slot.dayNumber).filter((problem) => !problem.endsWith('too long'));
        expect([isDayFeasible(changed, slot.dayNumber), problems]).toEqual([problems.length === 0, problems]);
      }),
      { numRuns: 500, seed: SEED },
    );
  });
});
