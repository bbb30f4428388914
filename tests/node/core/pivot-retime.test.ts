import { describe, expect, it } from 'vitest';
import { withVenueClosed } from '../../../core/itinerary/closures.ts';
import { travelBetween } from '../../../core/itinerary/travel.ts';
import type { Trip, TripSlot } from '../../../core/itinerary/trip.ts';
import { shortestVisit, visitLength } from '../../../core/itinerary/visit-length.ts';
import { applyPivot } from '../../../core/pivot/apply-pivot.ts';
import type { PivotOption } from '../../../core/pivot/pivot.ts';
import { beginningAt } from '../../../core/pivot/schedule.ts';
import { placeWithLeastCuts } from '../../../core/pivot/shorten.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { dayProblems } from './fixtures/day-problems.ts';
import { ask, liveTrip, onDay, slotOf, withSlot } from './fixtures/live-trip.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';
import { someVenue } from './fixtures/venues.ts';

const WISH = { tags: { interests: ['hiking', 'museums'], food: ['coffee'] } };
const LIVE = liveTrip(WISH);
const PLANNED = plannedTrip(WISH);
const day = (trip: Trip, number = 1) => trip.slots.filter((slot) => slot.dayNumber === number);
const SECOND = day(LIVE)[1]!;
const late = (delayMinutes: number, trip = LIVE, minutes = SECOND.start + 5) =>
  ask(trip, { trigger: 'running_late', delayMinutes }, onDay(trip, 1, minutes));
const standing = (trip: Trip) => day(trip).filter((slot) => slot.status !== 'skipped');

/** What an option costs the day: slots left out, slots replaced, minutes cut, minutes moved. */
function cost(trip: Trip, { changes }: PivotOption): number[] {
  const sum = [0, 0, 0, 0];
  for (const { slotId, from, to, start, end } of changes) {
    const slot = slotOf(trip, slotId);
    if (to === null) sum[0]! += 1;
    else if (to !== from) sum[1]! += 1;
    if (to === null) continue;
    const usual = to === from ? slot.end - slot.start : visitLength(trip.venues[to]!, trip.dimensions);
    sum[2]! += Math.max(0, usual - (end - start));
    sum[3]! += Math.abs(start - slot.start);
  }
  return sum;
}

describe('running late', () => {
  it('moves the rest of the day, in its order, with nothing left out, while that can be', () => {
    const { source, options } = late(30);
    expect(source).toBe('retime');
    const [shift, ...others] = options;
    expect(shift!.reason.code).toBe('shift');
    const after = applyPivot(LIVE, shift!);
    expect(standing(after).map(({ id, venueId }) => [id, venueId])).toEqual(
      standing(LIVE).map(({ id, venueId }) => [id, venueId]),
    );
    expect(slotOf(after, SECOND.id).start).toBe(SECOND.start + 35);
    for (const slot of standing(after)) {
      const was = slotOf(LIVE, slot.id);
      expect(slot.end - slot.start).toBe(was.end - was.start);
      expect(slot).toMatchObject({ status: was.status, narrative: was.narrative });
    }
    expect(others.map(({ reason }) => reason.code)).toEqual(['shorten', 'drop']);
    expect(others[1]!.changes.filter(({ to }) => to === null)).toHaveLength(1);
  });

  it('moves no more than has to be: waiting between visits is used up first', () => {
    const last = standing(LIVE).at(-1)!;
    const loose = withSlot(LIVE, last.id, { start: last.start + 60, end: last.end + 60 });
    const [shift] = late(30, loose).options;
    expect(shift!.changes.map(({ slotId }) => slotId)).not.toContain(last.id);
  });

  it('cuts visits only where that saves a slot, and never under their shortest', () => {
    for (let delay = 15; delay <= 300; delay += 15) {
      const { options } = late(delay);
      const cuts = options.map((option) => cost(LIVE, option)[2]!);
      if (options[0]!.reason.code === 'shorten') {
        const uncut = options.filter((_, i) => cuts[i] === 0).map((option) => cost(LIVE, option));
        for (const [dropped, replaced] of uncut) expect(dropped! + replaced!).toBeGreaterThan(0);
      }
      for (const option of options) expect(dayProblems(applyPivot(LIVE, option), 1)).toEqual([]);
    }
  });

  it('cuts no visit by more than it has to', () => {
    let cuts = 0;
    for (let delay = 15; delay <= 300; delay += 15) {
      const [option] = late(delay).options;
      if (option?.reason.code !== 'shorten') continue;
      for (const change of option.changes) {
        const { start, end } = slotOf(LIVE, change.slotId);
        if (change.end - change.start >= end - start) continue;
        cuts += 1;
        const longer = option.changes.map((other) => (other === change ? { ...other, end: other.end + 5 } : other));
        const after = applyPivot(LIVE, { ...option, changes: longer });
        // The visits behind it could start five minutes later at best: some one of them cannot.
        expect(onceMovedOn(after, change.slotId)).not.toEqual([]);
      }
    }
    expect(cuts).toBeGreaterThan(0);
  });

  it('gives back what was cut in vain, before a wait', () => {
    const [long, short] = day(LIVE).filter(({ stop }) => stop.role === 'activity');
    const stop = { ...long!.stop, earliest: 480, latest: 1200, endBy: 1300 };
    const here = LIVE.venues[SECOND.venueId]!.location;
    const visit = (slot: TripSlot, venue: Venue, from: number) => ({
      ...{ slot: { ...slot, stop }, venue, from },
      ...{ length: venue.visitMinutes, usual: venue.visitMinutes, shortest: shortestVisit(venue) },
    });
    const hours = Array.from({ length: 7 }, () => [[900, 940] as const]);
    const visits = [
      visit(long!, someVenue({ id: 'long', location: here, visitMinutes: 120 }), 660),
      visit(
        short!,
        someVenue({ id: 'closes-soon', location: here, visitMinutes: 60, category: 'library', hours }),
        900,
      ),
    ];
    const placed = placeWithLeastCuts(visits, beginningAt(LIVE, long!, 660, here));
    expect(placed?.map(({ start, end }) => [start, end])).toEqual([
      [660, 780],
      [900, 940],
    ]);
  });

  it('leaves nothing out that would bring nothing forward', () => {
    const [evening, last] = standing(LIVE).slice(-2);
    const loose = withSlot(LIVE, last!.id, { start: last!.start + 60, end: last!.end + 60 });
    const { options } = ask(loose, { trigger: 'running_late', delayMinutes: 20 }, onDay(LIVE, 1, evening!.start));
    expect(options.map(({ reason }) => reason.code)).not.toContain('drop');
    expect(options.length).toBeGreaterThan(0);
  });

  it('replaces what cannot be kept by what the day has room for', () => {
    const slot = day(LIVE)[4]!;
    const closed = withVenueClosed(LIVE, slot.venueId, LIVE.startDate);
    const museum = someVenue({
      id: 'another-museum',
      category: 'museum',
      location: LIVE.venues[slot.venueId]!.location,
    });
    const gallery = { ...museum, id: 'a-gallery', category: 'gallery' } as const;
    const trip = {
      ...withSlot(closed, slot.id, {
        alternatives: [museum, gallery].map(({ id }) => ({ venueId: id, score: 0.9 })),
      }),
      venues: { ...closed.venues, [museum.id]: museum, [gallery.id]: gallery },
    };
    expect(LIVE.venues[day(LIVE)[3]!.venueId]!.category).toBe('museum');
    const [best] = late(15, trip).options;
    expect(best!.changes.find(({ slotId }) => slotId === slot.id)).toMatchObject({ to: 'a-gallery' });
    expect(dayProblems(applyPivot(trip, best!), 1)).toEqual([]);
  });

  it('offers what costs least first: slots left out, slots replaced, minutes cut, minutes moved', () => {
    for (let delay = 15; delay <= 420; delay += 15) {
      const costs = late(delay).options.map((option) => cost(LIVE, option));
      expect(costs.length).toBeGreaterThan(0);
      const sorted = costs.toSorted((a, b) => a.map((x, i) => x - b[i]!).find((difference) => difference !== 0) ?? 0);
      expect(costs).toEqual(sorted);
    }
  });

  it('leaves out no more slots than any choice of them that could be kept', () => {
    for (const trip of [LIVE, liveTrip({ days: 1, tags: { pace: ['fast'] }, budgetBand: 'high' })]) {
      const first = day(trip)[1]!;
      for (let delay = 60; delay <= 480; delay += 60) {
        const [best] = late(delay, trip, first.start).options;
        expect(cost(trip, best!)[0]).toBeLessThanOrEqual(fewestLeftOut(trip, first, first.start + delay));
      }
    }
  });

  it('keeps locked slots where they are, and reaches them in time', () => {
    const lunch = day(LIVE).find(({ stop }) => stop.role === 'lunch')!;
    const locked = withSlot(LIVE, lunch.id, { status: 'locked' });
    for (const delay of [30, 60, 90]) {
      const { options } = late(delay, locked);
      expect(options.length).toBeGreaterThan(0);
      for (const option of options) {
        const after = applyPivot(locked, option);
        expect(slotOf(after, lunch.id)).toMatchObject({ start: lunch.start, end: lunch.end, venueId: lunch.venueId });
        expect(dayProblems(after, 1)).toEqual([]);
      }
    }
    const allLocked = { ...LIVE, slots: LIVE.slots.map((slot) => ({ ...slot, status: 'locked' as const })) };
    expect(late(60, allLocked)).toEqual({ source: 'retime', options: [], reason: 'on_time' });
  });

  it('is counted from the start of the slot while it is to come, and from now once it should have begun', () => {
    const startOf = (minutes: number, trip = LIVE, slotId?: string) => {
      const request = { trigger: 'transit_delay', delayMinutes: 20, slotId } as const;
      return ask(trip, request, onDay(trip, 1, minutes)).options[0]!.changes[0]!;
    };
    expect(startOf(SECOND.start - 4)).toMatchObject({ slotId: SECOND.id, start: SECOND.start + 20 });
    expect(startOf(SECOND.start + 10)).toMatchObject({ slotId: SECOND.id, start: SECOND.start + 30 });
    expect(startOf(-5000, PLANNED, SECOND.id)).toMatchObject({ slotId: SECOND.id, start: SECOND.start + 20 });
  });

  it('means the next slot once more than half of a visit is over, unless the visit is named', () => {
    const third = day(LIVE)[2]!;
    const request = { trigger: 'running_late', delayMinutes: 20 } as const;
    const now = onDay(LIVE, 1, SECOND.end - 10);
    expect(ask(LIVE, request, now).options[0]!.changes[0]).toMatchObject({ slotId: third.id, start: third.start + 20 });
    const named = ask(LIVE, { ...request, slotId: SECOND.id }, now).options.flatMap(({ changes }) => changes);
    expect(named.map(({ slotId }) => slotId)).toContain(SECOND.id);
    expect(late(20, LIVE, standing(LIVE).at(-1)!.end - 1).reason).toBe('nothing_left');
  });
});

/** What is wrong with the day once every visit behind a slot is moved on by as much as its end was. */
function onceMovedOn(trip: Trip, slotId: string): string[] {
  const { order } = slotOf(trip, slotId);
  let before = slotOf(trip, slotId);
  const moved = new Map<string, TripSlot>();
  for (const slot of standing(trip).filter((other) => other.order > order)) {
    const way = travelBetween(trip.venues[before.venueId]!.location, trip.venues[slot.venueId]!.location).minutes;
    const start = Math.max(slot.start, Math.ceil((before.end + way) / 5) * 5);
    before = { ...slot, start, end: slot.end + start - slot.start };
    moved.set(slot.id, before);
  }
  return dayProblems({ ...trip, slots: trip.slots.map((slot) => moved.get(slot.id) ?? slot) }, 1);
}

/** By trying every choice of slots to keep, at their shortest, one after the other. */
function fewestLeftOut(trip: Trip, first: TripSlot, free: number): number {
  const rest = day(trip).filter(({ order }) => order >= first.order);
  const before = day(trip).find(({ order }) => order === first.order - 1)!;
  let fewest = rest.length;
  for (let choice = 0; choice < 2 ** rest.length; choice++) {
    const kept = rest.filter((_, i) => choice & (1 << i));
    const changes = new Map<string, Partial<TripSlot>>(rest.map(({ id }) => [id, { status: 'skipped' }]));
    let from = trip.venues[first.venueId]!.location;
    let at = free;
    for (const [i, slot] of kept.entries()) {
      const venue = trip.venues[slot.venueId]!;
      const direct = before.end + travelBetween(trip.venues[before.venueId]!.location, venue.location).minutes;
      const arrival = Math.max(at + travelBetween(from, venue.location).minutes, i === 0 ? direct : 0, slot.start);
      const start = Math.ceil(arrival / 5) * 5;
      const end = start + Math.min(slot.end - slot.start, Math.ceil((venue.visitMinutes * 0.6) / 5) * 5);
      changes.set(slot.id, { start, end });
      [from, at] = [venue.location, end];
    }
    const slots = trip.slots.map((slot) => ({ ...slot, ...changes.get(slot.id) }));
    const problems = dayProblems({ ...trip, slots }, 1).filter((problem) => !problem.endsWith('wrong way'));
    if (problems.length === 0) fewest = Math.min(fewest, rest.length - kept.length);
  }
  return fewest;
}

describe('early', () => {
  const LUNCH = day(LIVE)[2]!;
  const NEXT = day(LIVE)[3]!;
  const AFTER_NEXT = day(LIVE)[4]!;
  const early = (minutes: number, earlyMinutes?: number, trip = LIVE) =>
    ask(trip, { trigger: 'early', earlyMinutes }, onDay(trip, 1, minutes));

  it('pulls the rest forward, or only the next visit, or makes that one longer', () => {
    const { options, source } = early(LUNCH.end - 30);
    expect(source).toBe('retime');
    expect(options.map(({ reason }) => reason.code)).toEqual(['pull_forward', 'stay_longer', 'pull_next']);
    for (const option of options) {
      const after = applyPivot(LIVE, option);
      expect(slotOf(after, NEXT.id).start).toBeLessThan(NEXT.start);
      expect(slotOf(after, LUNCH.id).end).toBeLessThan(LUNCH.end);
      expect(standing(after).map(({ venueId }) => venueId)).toEqual(standing(LIVE).map(({ venueId }) => venueId));
      for (const slot of standing(after)) expect(slot.start).toBeLessThanOrEqual(slotOf(LIVE, slot.id).start);
      expect(dayProblems(after, 1)).toEqual([]);
    }
    const [all, longer, alone] = options.map((option) => applyPivot(LIVE, option));
    expect(slotOf(all!, AFTER_NEXT.id).start).toBeLessThan(AFTER_NEXT.start);
    expect(slotOf(longer!, NEXT.id).end).toBe(NEXT.end);
    expect(slotOf(alone!, NEXT.id).end).toBeLessThan(NEXT.end);
    for (const trip of [longer!, alone!]) expect(slotOf(trip, AFTER_NEXT.id)).toMatchObject(AFTER_NEXT);
  });

  it('pulls forward by no more than was asked, and nothing behind a locked slot', () => {
    const [asked] = early(LUNCH.end - 30, 15).options;
    for (const { slotId, start } of asked!.changes)
      expect(start).toBeGreaterThanOrEqual(slotOf(LIVE, slotId).start - 15);
    const locked = withSlot(LIVE, AFTER_NEXT.id, { status: 'locked' });
    for (const { changes } of early(LUNCH.end - 30, undefined, locked).options) {
      expect(changes.map(({ slotId }) => slotId).sort()).toEqual([LUNCH.id, NEXT.id].sort());
    }
  });

  it('leaves what stands behind a locked slot where it is, though it could move', () => {
    const loose = withSlot(LIVE, NEXT.id, { status: 'locked', end: NEXT.end - 30 });
    const market = day(LIVE)[1]!;
    for (const { changes } of early(market.end - 20, undefined, loose).options) {
      expect(changes.map(({ slotId }) => slotId)).not.toContain(AFTER_NEXT.id);
    }
    expect(early(market.end - 20, undefined, loose).options).not.toEqual([]);
  });

  it('on a trip that is only planned keeps what comes before, and the way from there', () => {
    const loose = withSlot(PLANNED, LUNCH.id, { end: LUNCH.end - 20 });
    const request = { trigger: 'early', slotId: NEXT.id, earlyMinutes: 60 } as const;
    const { options } = ask(loose, request, onDay(loose, -3, 600));
    expect(options[0]!.changes[0]).toMatchObject({ slotId: NEXT.id, start: NEXT.start - 20 });
  });

  it('says so where nothing can begin earlier', () => {
    expect(early(LUNCH.end)).toEqual({ source: 'retime', options: [], reason: 'nothing_earlier' });
  });
});
