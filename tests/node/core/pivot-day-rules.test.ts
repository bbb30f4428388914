import { describe, expect, it } from 'vitest';
import type { Trip, TripSlot } from '../../../core/itinerary/trip.ts';
import { holds } from '../../../core/pivot/apply-pivot.ts';
import { brokenRules, type DayRule, isDayFeasible } from '../../../core/pivot/day-rules.ts';
import type { PivotChange } from '../../../core/pivot/pivot.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { ask, onDay, slotOf, withSlot } from './fixtures/live-trip.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';
import { someVenue } from './fixtures/venues.ts';

const TRIP = plannedTrip({ tags: { interests: ['hiking', 'museums'], food: ['coffee'] } });
const SLOT = slotOf(TRIP, 'day-1-slot-5');
const BEFORE = slotOf(TRIP, 'day-1-slot-4');

/** The trip with a venue of these fields where `SLOT`'s stands. */
function withVenue(fields: Partial<Venue>, slot: Partial<TripSlot> = {}, trip: Trip = TRIP): Trip {
  const venue = { ...trip.venues[SLOT.venueId]!, id: 'another', ...fields };
  return { ...withSlot(trip, SLOT.id, { venueId: venue.id, ...slot }), venues: { ...trip.venues, [venue.id]: venue } };
}
const rules = (trip: Trip, from = 0) => brokenRules(trip, 1, from).map(({ rule }) => rule);

describe('the rules of a day', () => {
  it('hold where nothing was changed', () => {
    for (const day of [1, 2, 3]) expect(isDayFeasible(TRIP, day)).toBe(true);
    expect(rules(withVenue({}))).toEqual([]);
  });

  const broken: [DayRule, Trip][] = [
    ['venue_unknown', withSlot(TRIP, SLOT.id, { venueId: 'nobody-knows' })],
    ['venue_twice', withSlot(TRIP, 'day-2-slot-2', { venueId: SLOT.venueId })],
    ['not_allowed', withVenue({ priceLevel: 4 })],
    ['not_allowed', withVenue({ closedAt: TRIP.startDate })],
    ['wrong_role', withVenue({ category: 'restaurant' })],
    ['outside_its_time', withSlot(TRIP, SLOT.id, { stop: { ...SLOT.stop, latest: SLOT.start - 5 } })],
    ['outside_its_time', withSlot(TRIP, SLOT.id, { stop: { ...SLOT.stop, endBy: SLOT.end - 5 } })],
    ['closed', withVenue({ hours: Array.from({ length: 7 }, () => [[SLOT.start + 5, 1440] as const]) })],
    ['too_short', withVenue({ visitMinutes: 200 })],
    ['no_time_to_get_there', withSlot(TRIP, BEFORE.id, { end: BEFORE.end + 5 })],
    ['over_budget', withVenue({ priceLevel: 3 }, {}, withDear(TRIP))],
    ['same_category', withVenue({ category: TRIP.venues[BEFORE.venueId]!.category })],
  ];
  for (const [rule, trip] of broken) {
    it(`tell of ${rule}`, () => {
      expect(rules(trip)).toContain(rule);
      expect(isDayFeasible(trip, 1)).toBe(false);
    });
  }

  it('do not judge what began before, nor what was skipped', () => {
    const [, trip] = broken[4]!;
    expect(rules(trip, SLOT.start + 1)).toEqual([]);
    expect(rules(withSlot(trip, SLOT.id, { status: 'skipped' }))).toEqual([]);
  });
});

/** With an expensive place in the slot before. */
function withDear(trip: Trip): Trip {
  const dear = { ...trip.venues[BEFORE.venueId]!, priceLevel: 3 };
  return { ...trip, venues: { ...trip.venues, [dear.id]: dear } };
}

describe('an option holds', () => {
  const now = onDay(TRIP, -1, 600);
  const [option] = ask(TRIP, { trigger: 'venue_closed', slotId: SLOT.id }, now).options;
  const draft = (change: Partial<PivotChange>) => ({
    ...option!,
    changes: [{ ...option!.changes[0]!, ...change }],
    venues: [someVenue({ id: 'a-museum', category: 'museum' })],
  });

  it('while the trip is as it was', () => {
    expect(holds(TRIP, option!, now)).toBe(true);
    expect(holds(withSlot(TRIP, 'day-2-slot-1', { status: 'skipped' }), option!, now)).toBe(true);
  });

  it('no longer once its slot was locked, skipped, changed or dropped', () => {
    expect(holds(withSlot(TRIP, SLOT.id, { status: 'locked' }), option!, now)).toBe(false);
    expect(holds(withSlot(TRIP, SLOT.id, { status: 'skipped' }), option!, now)).toBe(false);
    expect(holds(withSlot(TRIP, SLOT.id, { venueId: 'another' }), option!, now)).toBe(false);
    expect(holds({ ...TRIP, slots: TRIP.slots.filter(({ id }) => id !== SLOT.id) }, option!, now)).toBe(false);
  });

  it('no longer once its venue stands elsewhere, or there is no time for it', () => {
    const { to, start } = option!.changes[0]!;
    expect(holds(withSlot(TRIP, 'day-2-slot-2', { venueId: to! }), option!, now)).toBe(false);
    expect(holds(withSlot(TRIP, BEFORE.id, { end: start }), option!, now)).toBe(false);
  });

  it('never where it breaks a rule or touches two days', () => {
    expect(holds(TRIP, draft({ to: 'a-museum' }), now)).toBe(false);
    expect(holds(TRIP, draft({ end: SLOT.stop.endBy + 5 }), now)).toBe(false);
    const other = slotOf(TRIP, 'day-2-slot-2');
    const elsewhere = { slotId: other.id, from: other.venueId, to: null, start: other.start, end: other.end };
    expect(holds(TRIP, { ...option!, changes: [...option!.changes, elsewhere] }, now)).toBe(false);
  });

  it('though the day breaks a rule already, where it adds none', () => {
    const worn = withSlot(TRIP, 'day-1-slot-1', { stop: { ...TRIP.slots[0]!.stop, latest: 0 } });
    expect(isDayFeasible(worn, 1)).toBe(false);
    expect(holds(worn, option!, now)).toBe(true);
  });
});
