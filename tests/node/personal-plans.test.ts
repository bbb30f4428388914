/** What a traveller is like decides what a traveller is offered, and nothing else does. */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../core/itinerary/assemble.ts';
import { DIMENSION_NAMES, type DimensionName, NEUTRAL_DIMENSIONS } from '../../core/persona/dimensions.ts';
import { readOnboardingTags } from '../../core/persona/onboarding.ts';
import { makePersona, type Persona, personaFromTags } from '../../core/persona/persona.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { rescore } from '../../core/ranking/personal-rescore.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import { dimensionProfile } from '../../core/venue/venue-vector.ts';
import { CATEGORIES } from '../../core/venue/vocabulary.ts';
import { readCatalogues } from '../../platform/database/city-catalogues.ts';
import { InMemoryPlanner, type TripOrder } from '../planning/plan-in-memory.ts';

const catalogues = (await readCatalogues()).filter((file) => file.city.venues.length > 0);
const CITIES = catalogues.map((file) => file.city.slug);
const planner = new InMemoryPlanner(catalogues);

const SOLO: Party = { kind: 'solo', size: 1 };

function order(persona: Persona, rest: Partial<TripOrder> = {}): TripOrder {
  return {
    city: 'seattle',
    startDate: '2027-05-10',
    days: 5,
    persona,
    party: SOLO,
    budgetBand: 'high',
    startArea: null,
    notBefore: 0,
    ...rest,
  };
}

function leaning(dimension: DimensionName, value: number): Persona {
  return makePersona({ ...NEUTRAL_DIMENSIONS, [dimension]: value }, []);
}

function travellerWith(selection: Record<string, string | string[]>): Persona {
  return personaFromTags(readOnboardingTags(selection).tags!);
}

/** For each moment of the trip, venue ids with their scores, best first. */
async function lists(persona: Persona, rest: Partial<TripOrder> = {}, from = planner) {
  const { request, moments } = await from.prepare(order(persona, rest));
  return moments.map(({ order: best, scores }) => best.map((c) => [request.candidates[c]!.id, scores[c]!] as const));
}

async function plannedVenues(persona: Persona, rest: Partial<TripOrder> = {}) {
  const prepared = await planner.prepare(order(persona, rest));
  const trip = planner.trip(prepared, assemble(prepared.request));
  return {
    slots: trip.slots.map((slot) => trip.venues[slot.venueId]!),
    offered: trip.slots.flatMap((slot) => [slot, ...slot.alternatives].map(({ venueId }) => trip.venues[venueId]!)),
  };
}

describe('two travellers', () => {
  test.each(DIMENSION_NAMES)('who differ in %s alone get other lists at every moment', async (dimension) => {
    const [low, high] = await Promise.all([lists(leaning(dimension, 0.2)), lists(leaning(dimension, 0.8))]);
    low.forEach((list, moment) => {
      const ids = (found: typeof list) => found.slice(0, 30).map(([id]) => id);
      expect(ids(list)).not.toEqual(ids(high[moment]!));
    });
  });

  test.each(DIMENSION_NAMES)('of whom one has more %s get what speaks more for it', async (dimension) => {
    const [low, high] = await Promise.all([lists(leaning(dimension, 0.2)), lists(leaning(dimension, 0.8))]);
    const venues = new Map(planner.venuesOf('seattle').map((venue) => [venue.id, venue]));
    const speaksFor = (found: typeof low) => {
      const heads = found.flatMap((list) => list.slice(0, 30).map(([id]) => venues.get(id)!));
      const sum = heads.reduce(
        (total, venue) => total + dimensionProfile(venue)[DIMENSION_NAMES.indexOf(dimension)]!,
        0,
      );
      return sum / heads.length;
    };
    expect(speaksFor(high)).toBeGreaterThan(speaksFor(low));
  });

  test('may differ in twelve dimensions', () => {
    expect(new Set(DIMENSION_NAMES).size).toBe(12);
  });

  test.each(DIMENSION_NAMES)('who differ a little in %s get other scores', async (dimension) => {
    const [less, more] = await Promise.all([lists(leaning(dimension, 0.5)), lists(leaning(dimension, 0.55))]);
    less.forEach((list, moment) => {
      expect(new Map(list)).not.toEqual(new Map(more[moment]!));
    });
  });

  test('who are alike get the same lists, bit for bit, whoever asked before them', async () => {
    const tags = { food: ['ramen', 'coffee'], interests: ['museums', 'views'], pace: 'slow' };
    const sameTags = { pace: ['slow'], interests: ['views', 'museums'], food: ['coffee', 'ramen', 'ramen'] };
    const fresh = new InMemoryPlanner(catalogues);
    for (const city of CITIES) {
      const first = await lists(travellerWith(tags), { city });
      const second = await lists(travellerWith(sameTags), { city }, fresh);
      expect(second).toEqual(first);
      expect(first.length).toBe(15);
      for (const list of first) {
        const scores = list.map(([, score]) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }
    }
  });
});

describe('a museum lover', () => {
  const museumLover = travellerWith({ interests: ['museums', 'history'], rhythm: 'early_bird', nightlife: 'none' });
  const nightOwl = travellerWith({ rhythm: 'night_owl', nightlife: ['cocktails', 'live_music'], atmosphere: 'lively' });

  test.each(CITIES)('gets more museums than a night owl, who gets more nightlife, in %s', async (city) => {
    const [museums, nights] = await Promise.all([
      plannedVenues(museumLover, { city }),
      plannedVenues(nightOwl, { city }),
    ]);
    const museumsIn = (plan: typeof museums) => plan.slots.filter((v) => v.category === 'museum').length;
    const nightlifeIn = (plan: typeof museums) => plan.slots.filter((v) => CATEGORIES[v.category].nightlife).length;
    expect(museumsIn(museums)).toBeGreaterThan(museumsIn(nights));
    expect(nightlifeIn(nights)).toBeGreaterThan(nightlifeIn(museums));
  });
});

describe('an overrated place', () => {
  const persona = makePersona(NEUTRAL_DIMENSIONS, []);
  const venues = new Map(planner.venuesOf('seattle').map((venue) => [venue.id, venue]));

  test('falls behind its equals in retrieval', () => {
    const hits = [...venues.keys()].sort().map((id) => ({ id, similarity: 0.5 }));
    const one = hits[0]!.id;
    const marked = (overrated: boolean) =>
      new Map([...venues].map(([id, venue]) => [id, { ...venue, overrated: id === one && overrated }]));
    const place = (overrated: boolean) =>
      selectCandidates(hits.slice(0, 100), marked(overrated), SOLO, '2027-05-10', 'high').findIndex(
        ({ id }) => id === one,
      );
    expect(place(false)).toBe(0);
    expect(place(true)).toBe(99);
    expect(hits.length).toBeGreaterThan(RETRIEVED);
  });

  test('falls behind a place that is like it in all else, at every moment', async () => {
    const { request, moments } = await planner.prepare(order(persona));
    const silent = { ranked: [], confidence: 0, source: 'offline', modelVersion: 'none' } as const;
    const asked = moments.map(({ context }) => ({ context, archetypeRanking: { ...silent, ranked: [] } }));
    const twins = request.candidates.flatMap((venue) => [
      { ...venue, overrated: false },
      { ...venue, id: `${venue.id}-overrated`, overrated: true },
    ]);
    for (const { scores } of rescore(persona, twins, asked)) {
      for (let i = 0; i < twins.length; i += 2) expect(scores[i + 1]!).toBeLessThan(scores[i]!);
    }
  });
});

describe('a family', () => {
  const FAMILY: Party = { kind: 'family', size: 4 };
  // Tastes that call for bars as loudly as they can.
  const drinker = travellerWith({ nightlife: ['cocktails', 'dive_bars', 'dancing', 'wine'], rhythm: 'night_owl' });
  const forAdults = (venue: { category: keyof typeof CATEGORIES; vibeTags: readonly string[] }) =>
    CATEGORIES[venue.category].nightlife || venue.vibeTags.includes('adults-only');

  test.each(CITIES)('is offered no bar and nothing for adults only in %s, not even to swap to', async (city) => {
    const [family, friends] = await Promise.all([
      plannedVenues(drinker, { city, party: FAMILY }),
      plannedVenues(drinker, { city, party: { kind: 'friends', size: 4 } }),
    ]);
    expect(family.offered.filter(forAdults)).toEqual([]);
    expect(friends.offered.filter(forAdults).length).toBeGreaterThan(0);
  });
});
