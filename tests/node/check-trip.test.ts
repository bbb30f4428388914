/** The checker of planned trips finds each kind of fault in a trip that was good before. */
import { describe, expect, test } from 'vitest';
import { checkTrip } from '../checker/check-trip.ts';
import { CATALOGUE, CITY, cityWith, goodTrip, REQUEST } from '../checker/good-trip.ts';
import { catalogueOf, openStretches, openThroughout, type RawCity } from '../checker/raw-catalogue.ts';
import {
  type CheckedBody,
  type CheckedRequest,
  type CheckedSlot,
  RULES,
  type Rule,
} from '../checker/trip-under-check.ts';

type VenueChange = Partial<RawCity['venues'][number]>;

interface Fault {
  rule: Rule;
  what: string;
  body?: (trip: CheckedBody) => unknown;
  /** Changes of the catalogue's records, and of the slots that show them. */
  records?: Record<string, VenueChange>;
  /** What was asked for, and the body does not answer. */
  request?: Partial<CheckedRequest>;
  /** Who travels, in request and body. */
  party?: { size: number; kind: string };
  notBefore?: number;
  /** Rules that such a fault cannot but break too. */
  also?: Rule[];
}

const slotOf = (trip: CheckedBody, day: number, order: number): CheckedSlot => trip.days[day - 1]!.slots[order - 1]!;

/** Moves a slot to other times of its day, `HH:MM`. */
function at(trip: CheckedBody, day: number, order: number, from: string, to: string) {
  const slot = slotOf(trip, day, order);
  slot.starts_at = slot.starts_at.replace(/T\d\d:\d\d/, `T${from}`);
  slot.ends_at = slot.ends_at.replace(/T\d\d:\d\d/, `T${to}`);
}

function without(trip: CheckedBody, day: number, order: number) {
  trip.days[day - 1]!.slots.splice(order - 1, 1);
}

/** Another place of the city in the same slot, at its times. */
function instead(trip: CheckedBody, day: number, order: number, name: string) {
  const slot = slotOf(trip, day, order);
  const row = CITY.venues.findIndex((venue) => venue.name === name);
  const { category, lat, lng, neighbourhood, price, tags } = CITY.venues[row]!;
  const id = `00000000-0000-5000-8000-0000000000${String(row).padStart(2, '0')}`;
  slot.narrative = slot.narrative.replace(slot.venue.name, name);
  slot.venue = { id, name, category, neighbourhood, location: { lat, lng }, price_level: price, vibe_tags: tags };
}

function travel(trip: CheckedBody, day: number, order: number, way: CheckedSlot['travel_from_previous']) {
  slotOf(trip, day, order).travel_from_previous = way;
}

function called(trip: CheckedBody, day: number, order: number, dayPart: string) {
  slotOf(trip, day, order).day_part = dayPart;
}

function says(trip: CheckedBody, text: string) {
  slotOf(trip, 1, 2).narrative = text;
}

const far = { mode: 'transit', minutes: 30, metres: 9_000 };

const FAULTS: Fault[] = [
  { rule: 'request', what: 'another city', request: { city: 'tokyo' } },
  { rule: 'request', what: 'another party', request: { party: { size: 3, kind: 'friends' } } },
  { rule: 'request', what: 'another budget', request: { budget: 'mid' } },
  { rule: 'days', what: 'a day too few', request: { days: 3 }, body: (trip) => (trip.end_date = '2027-03-15') },
  { rule: 'days', what: 'another first day', body: (trip) => (trip.start_date = '2027-03-12') },
  { rule: 'days', what: 'another last day', body: (trip) => (trip.end_date = '2027-03-15') },
  { rule: 'days', what: 'days out of turn', body: (trip) => (trip.days[1]!.day = 3) },
  { rule: 'days', what: 'a start before the trip can begin', notBefore: 9 * 60 },
  {
    rule: 'days',
    what: 'a slot on the day after its own',
    body: (trip) => {
      const slot = slotOf(trip, 1, 6);
      slot.starts_at = '2027-03-14T23:30:00-07:00';
      slot.ends_at = '2027-03-15T00:30:00-07:00';
    },
  },
  {
    rule: 'record',
    what: 'a place that the city does not have',
    body: (t) => (slotOf(t, 1, 6).venue.name = 'Beech Tavern'),
  },
  { rule: 'record', what: 'a place at another location', body: (t) => (slotOf(t, 1, 6).venue.location.lat += 0.01) },
  { rule: 'record', what: 'another price level', body: (t) => (slotOf(t, 1, 2).venue.price_level = 0) },
  {
    rule: 'record',
    what: 'a tag that the record lacks',
    body: (t) => (slotOf(t, 1, 2).venue.vibe_tags = ['quiet', 'view']),
  },
  {
    rule: 'offset',
    what: "the winter's offset after clocks went forward",
    body: (trip) => {
      for (const slot of trip.days[1]!.slots) {
        slot.starts_at = slot.starts_at.replace('-07:00', '-08:00');
        slot.ends_at = slot.ends_at.replace('-07:00', '-08:00');
      }
    },
  },
  { rule: 'offset', what: 'a time without offset', body: (t) => (slotOf(t, 2, 5).starts_at = '2027-03-14T18:00:00') },
  {
    rule: 'order',
    what: 'an end before the start',
    body: (t) => at(t, 2, 5, '19:00', '18:00'),
    also: ['visit-length'],
  },
  { rule: 'order', what: 'two visits at once', body: (t) => at(t, 2, 2, '08:45', '09:45'), also: ['travel'] },
  { rule: 'order', what: 'numbers out of turn', body: (t) => (slotOf(t, 1, 3).order = 2) },
  { rule: 'opening-hours', what: 'a place that opens later', body: (t) => at(t, 1, 2, '09:30', '11:00') },
  {
    rule: 'opening-hours',
    what: 'a visit that lasts past closing',
    records: { 'Cedar Noodles': { hours: { daily: '11:30-12:45' } } },
  },
  {
    rule: 'opening-hours',
    what: 'the weekly day off',
    records: { 'Birch Museum': { hours: { 'sun-fri': '10:00-17:00' } } },
  },
  {
    rule: 'opening-hours',
    what: 'a night that ends too early',
    records: { 'Fir Tavern': { hours: { daily: '20:00-24:00' } } },
  },
  { rule: 'opening-hours', what: 'unknown hours', records: { 'Dogwood Park': { hours: undefined as never } } },
  { rule: 'travel', what: 'a way that is not told', body: (t) => travel(t, 1, 2, null) },
  { rule: 'travel', what: 'a way from nowhere', body: (t) => travel(t, 1, 1, far) },
  { rule: 'travel', what: 'no way from the start area', request: { start_area: 'Northside' } },
  {
    rule: 'travel',
    what: 'less time than the way takes',
    body: (t) => at(t, 1, 2, '09:05', '10:35'),
    records: { 'Birch Museum': { hours: 'always' } },
  },
  {
    rule: 'travel',
    what: 'a way through walls',
    body: (t) => travel(t, 1, 2, { mode: 'walk', minutes: 8, metres: 400 }),
  },
  { rule: 'travel', what: 'a walk at a run', body: (t) => travel(t, 1, 2, { mode: 'walk', minutes: 6, metres: 580 }) },
  { rule: 'travel', what: 'a bus at motorway speed', body: (t) => travel(t, 1, 2, { ...far, metres: 20_000 }) },
  { rule: 'travel', what: 'an unknown mode', body: (t) => travel(t, 1, 2, { ...far, mode: 'helicopter' }) },
  {
    rule: 'repeat',
    what: 'a place on two days',
    body: (trip) => {
      instead(trip, 2, 4, 'Dogwood Park');
      travel(trip, 2, 4, far);
      travel(trip, 2, 5, far);
    },
  },
  { rule: 'meal', what: 'lunch too early', body: (t) => at(t, 2, 3, '11:25', '12:25'), also: ['day-part'] },
  { rule: 'meal', what: 'a dinner at midnight', body: (t) => at(t, 2, 5, '21:00', '22:00') },
  { rule: 'meal', what: 'a place that serves no lunch', records: { 'Ivy Tacos': { meals: ['dinner'] } } },
  { rule: 'meal', what: 'a restaurant to look at', records: { 'Juniper Books': { category: 'restaurant' } } },
  { rule: 'day-part', what: 'a morning after noon', body: (t) => called(t, 2, 4, 'morning'), also: ['narrative'] },
  { rule: 'day-part', what: 'an afternoon at night', body: (t) => called(t, 1, 6, 'afternoon'), also: ['narrative'] },
  { rule: 'day-part', what: 'an evening after lunch', body: (t) => called(t, 2, 4, 'evening'), also: ['narrative'] },
  { rule: 'budget', what: 'a place beyond the budget', records: { 'Elm Kitchen': { price: 3 } } },
  { rule: 'budget', what: 'two places of the highest level', records: { 'Birch Museum': { price: 2 } } },
  { rule: 'party', what: 'a bar with children', party: { size: 4, kind: 'family' } },
  {
    rule: 'party',
    what: 'adults only with children',
    party: { size: 4, kind: 'family' },
    records: { 'Fir Tavern': { category: 'games' }, 'Dogwood Park': { tags: ['adults-only'] } },
  },
  {
    rule: 'party',
    what: 'a counter for six',
    party: { size: 6, kind: 'friends' },
    records: { 'Cedar Noodles': { tags: ['counter-seating'] } },
  },
  { rule: 'variety', what: 'two museums in a day', records: { 'Dogwood Park': { category: 'museum' } } },
  {
    rule: 'variety',
    what: 'the same kind three times in a day',
    records: { 'Birch Museum': { category: 'park' }, 'Fir Tavern': { category: 'park' } },
  },
  {
    rule: 'variety',
    what: 'the same kind twice in a row',
    body: (t) => {
      without(t, 2, 3);
      travel(t, 2, 3, far);
      t.days[1]!.notes = ['no_feasible_lunch'];
    },
    records: { 'Juniper Books': { category: 'garden' } },
  },
  { rule: 'closed', what: 'a place that is gone', records: { 'Hazel Garden': { closed: '2027-03-14' } } },
  { rule: 'visit-length', what: 'a glance', body: (t) => at(t, 2, 2, '10:00', '10:30') },
  { rule: 'visit-length', what: 'half a day in a shop', body: (t) => at(t, 2, 4, '14:00', '15:30') },
  {
    rule: 'completeness',
    what: 'a day without lunch that does not say so',
    body: (t) => {
      without(t, 2, 3);
      travel(t, 2, 3, far);
    },
  },
  { rule: 'completeness', what: 'a note that is not so', body: (t) => t.days[0]!.notes.push('no_feasible_dinner') },
  { rule: 'completeness', what: 'a note that nobody knows', body: (t) => t.days[0]!.notes.push('rain') },
  { rule: 'completeness', what: 'an empty day', body: (t) => (t.days[1]!.slots = []) },
  { rule: 'completeness', what: 'an empty day that is none', body: (t) => t.days[1]!.notes.push('nothing_feasible') },
  { rule: 'narrative', what: 'a text on another place', body: (t) => says(t, 'The morning is at Larch Hall.') },
  { rule: 'narrative', what: 'a name from nowhere', body: (t) => says(t, 'Birch Museum holds a Rembrandt.') },
  { rule: 'narrative', what: 'another year', body: (t) => says(t, 'Birch Museum has been here since at least 1889.') },
  { rule: 'narrative', what: 'another time of day', body: (t) => says(t, 'Spend the evening at Birch Museum.') },
  { rule: 'narrative', what: 'a price that it has not', body: (t) => says(t, 'Birch Museum is free.') },
  { rule: 'narrative', what: 'the open air', body: (t) => says(t, 'Birch Museum is outdoors.') },
];

function rulesBrokenBy({ body, records, request, party, notBefore = 0 }: Fault): Rule[] {
  const trip = goodTrip();
  for (const slot of trip.days.flatMap((day) => day.slots)) {
    const change = records?.[slot.venue.name];
    slot.venue.category = change?.category ?? slot.venue.category;
    slot.venue.price_level = change?.price ?? slot.venue.price_level;
    slot.venue.vibe_tags = change?.tags ?? slot.venue.vibe_tags;
  }
  trip.party = party ?? trip.party;
  body?.(trip);
  const catalogue = records ? catalogueOf(cityWith(records)) : CATALOGUE;
  const asked = { ...REQUEST, party: party ?? REQUEST.party, ...request };
  return [...new Set(checkTrip(trip, asked, catalogue, { notBefore }).map((violation) => violation.rule))].sort();
}

describe('a good trip', () => {
  test('breaks nothing', () => {
    expect(checkTrip(goodTrip(), REQUEST, CATALOGUE)).toEqual([]);
  });

  test('may leave out lunch if it says so', () => {
    const trip = goodTrip();
    without(trip, 2, 3);
    travel(trip, 2, 3, far);
    trip.days[1]!.notes = ['no_feasible_lunch'];
    expect(checkTrip(trip, REQUEST, CATALOGUE)).toEqual([]);
  });

  test('may hold slots that the traveller skipped, whatever they are', () => {
    const trip = goodTrip();
    slotOf(trip, 1, 2).status = 'skipped';
    at(trip, 1, 2, '03:00', '03:05');
    travel(trip, 1, 3, far);
    expect(checkTrip(trip, REQUEST, CATALOGUE)).toEqual([]);
  });
});

describe('a fault', () => {
  test.each(FAULTS)('$rule: $what', (fault) => {
    expect(rulesBrokenBy(fault)).toEqual([fault.rule, ...(fault.also ?? [])].sort());
  });

  test('is tried for every rule', () => {
    expect(new Set(FAULTS.map((fault) => fault.rule))).toEqual(new Set(RULES));
  });
});

describe('opening hours', () => {
  const MONDAY = 0;
  const SUNDAY = 6 * 24 * 60;
  const open = (hours: Parameters<typeof openStretches>[0], day: number, from: number, to: number) =>
    openThroughout(openStretches(hours), day + from * 60, day + to * 60);

  test('past midnight belong to the day that they began on', () => {
    expect(open({ sat: '20:00-02:00' }, SUNDAY, 0, 2)).toBe(true);
    expect(open({ sat: '20:00-02:00' }, SUNDAY, 20, 22)).toBe(false);
    expect(open({ sun: '20:00-02:00' }, SUNDAY, 23, 26)).toBe(true);
    expect(open({ sun: '20:00-02:00' }, MONDAY, 0, 2)).toBe(true);
    expect(open({ sun: '20:00-02:00' }, SUNDAY, 0, 1)).toBe(false);
  });

  test('run on where one stretch ends as the next begins', () => {
    expect(open({ sun: '18:00-24:00', mon: '00:00-03:00' }, SUNDAY, 23, 26)).toBe(true);
    expect(open({ daily: '00:00-24:00' }, SUNDAY, 22, 27)).toBe(true);
  });

  test('have a gap where the notation has one', () => {
    expect(open({ daily: '11:30-14:30, 17:00-21:00' }, MONDAY, 13, 18)).toBe(false);
    expect(open({ daily: '11:30-14:30, 17:00-21:00' }, MONDAY, 17, 21)).toBe(true);
  });

  test('name days one by one, in ranges, and in ranges over the Sunday', () => {
    expect(open({ 'mon,wed-fri': '10:00-17:00' }, 24 * 60, 10, 12)).toBe(false);
    expect(open({ 'fri-mon': '10:00-17:00' }, MONDAY, 10, 12)).toBe(true);
    expect(open({ 'fri-mon': '10:00-17:00' }, 24 * 60, 10, 12)).toBe(false);
  });
});
