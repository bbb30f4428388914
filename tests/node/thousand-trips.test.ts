/**
 * A thousand trips of all kinds, planned by the production code and checked by a checker that shares none of it.
 * `tests/node/check-trip.test.ts` shows that the checker finds what it is there to find.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble } from '../../core/itinerary/assemble.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { actOnSlot } from '../../core/itinerary/trip-changes.ts';
import { readCatalogue } from '../../core/venue/catalogue.ts';
import { toTripBody } from '../../worker/trips/trip-body.ts';
import { checkTrip } from '../checker/check-trip.ts';
import { type Catalogue, catalogueOf, type RawCity, readRawCity } from '../checker/raw-catalogue.ts';
import type { CheckedRequest } from '../checker/trip-under-check.ts';
import { InMemoryPlanner, type TripOrder } from '../planning/plan-in-memory.ts';
import { CLOCK_CHANGES, randomNumbers, randomTrips } from '../planning/random-trips.ts';

const CITIES = ['seattle', 'new-york', 'mexico-city', 'tokyo'];
const CITIES_THAT_CHANGE_CLOCKS = ['seattle', 'new-york'];
const SEED = 20261205;

/** One place in eight closes for good at some time of the two years in which the trips lie. */
function withClosings(city: RawCity): RawCity {
  const random = randomNumbers(SEED);
  const venues = city.venues.map((venue) => {
    const closes = random() < 1 / 8;
    const closed = addDays('2026-12-01', Math.floor(random() * 730));
    return closes ? { ...venue, closed } : venue;
  });
  return { ...city, venues };
}

const rawCities = CITIES.map((slug) => withClosings(readRawCity(slug)));
const files = rawCities.map((city) => {
  const corpus = JSON.parse(readFileSync(new URL(`../../data/corpus/${city.slug}.json`, import.meta.url), 'utf8'));
  return { ...readCatalogue(city, corpus), version: 'with-closings' };
});
const checked = new Map<string, Catalogue>(rawCities.map((city) => [city.slug, catalogueOf(city)]));

function requestOf(order: TripOrder): CheckedRequest {
  return {
    city: order.city,
    start_date: order.startDate,
    days: order.days,
    party: order.party,
    budget: order.budgetBand,
    start_area: order.startArea ?? undefined,
  };
}

test('a thousand generated trips break no hard constraint', { timeout: 120_000 }, async () => {
  const planner = new InMemoryPlanner(files);
  const orders = randomTrips(
    SEED,
    1000,
    files.map((file) => file.city),
  );
  const broken: string[] = [];
  const count = { days: 0, slots: 0, clockChanges: 0, shortTripDays: 0, withoutLunchOrDinner: 0 };
  for (const [i, order] of orders.entries()) {
    const body = await planner.plan(order);
    const violations = checkTrip(body, requestOf(order), checked.get(order.city)!, { notBefore: order.notBefore });
    broken.push(...violations.map(({ rule, at, message }) => `trip ${i} (${order.city}), ${at}: ${rule}: ${message}`));

    count.days += body.days.length;
    count.slots += body.days.reduce((sum, day) => sum + day.slots.length, 0);
    if (CITIES_THAT_CHANGE_CLOCKS.includes(order.city)) {
      count.clockChanges += body.days.filter((day) => CLOCK_CHANGES.includes(day.date)).length;
    }
    if (order.days > 7 || order.notBefore > 0) continue;
    count.shortTripDays += body.days.length;
    count.withoutLunchOrDinner += body.days.filter((day) =>
      day.notes.some((note) => /lunch|dinner|nothing/.test(note)),
    ).length;
  }
  expect(broken).toEqual([]);
  // The trips are real ones: a plan that leaves everything out would break no rule either.
  expect(new Set(orders.map((order) => order.days)).has(30)).toBe(true);
  expect(count.clockChanges).toBeGreaterThan(50);
  expect(count.slots / count.days).toBeGreaterThan(5);
  expect(count.withoutLunchOrDinner / count.shortTripDays).toBeLessThan(0.01);
});

test('an alternative can take the place of its slot without breaking a hard constraint', async () => {
  const planner = new InMemoryPlanner(files);
  const orders = randomTrips(
    SEED + 1,
    60,
    files.map((file) => file.city),
  ).filter((order) => order.days <= 5);
  let swaps = 0;
  for (const order of orders) {
    const prepared = await planner.prepare(order);
    const trip = planner.trip(prepared, assemble(prepared.request));
    const now = { date: order.startDate, minutes: order.notBefore };
    for (const { id, alternatives } of trip.slots) {
      const last = alternatives.at(-1);
      if (!last) continue;
      const result = actOnSlot(trip, id, 'swap', now, trip.venues[last.venueId]);
      if (!result.ok) expect.fail(`${order.city}: ${JSON.stringify(result.problem)}`);
      const swapped = toTripBody(result.trip);
      expect(checkTrip(swapped, requestOf(order), checked.get(order.city)!, { notBefore: order.notBefore })).toEqual(
        [],
      );
      swaps += 1;
    }
  }
  expect(swaps).toBeGreaterThan(100);
});

test('the same order gives the same trip', async () => {
  const cities = files.map((file) => file.city);
  const plan = async () => {
    const planner = new InMemoryPlanner(files);
    const trips = [];
    for (const order of randomTrips(7, 8, cities)) trips.push(await planner.plan(order));
    return trips;
  };
  expect(await plan()).toEqual(await plan());
});
