/** Trip requests of all kinds, the same for the same seed. */
import { addDays } from '../../core/itinerary/local-time.ts';
import { ONBOARDING_GROUPS, readOnboardingTags } from '../../core/persona/onboarding.ts';
import { personaFromTags } from '../../core/persona/persona.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { BUDGET_BANDS, PARTY_KINDS, type PartyKind } from '../../core/ranking/ranker.ts';
import type { CityFile } from '../../core/venue/catalogue.ts';
import type { TripOrder } from './plan-in-memory.ts';

const FIRST_DATE = '2026-12-01';
const DATES = 2 * 365;
/** Sundays on which clocks change in the United States. */
export const CLOCK_CHANGES = ['2027-03-14', '2027-11-07', '2028-03-12', '2028-11-05'];
const SIZES: Record<PartyKind, [from: number, to: number]> = {
  solo: [1, 1],
  couple: [2, 2],
  friends: [2, 20],
  family: [2, 12],
  business: [1, 20],
};

/** Mulberry32: numbers in [0, 1) that a seed decides. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Chooser {
  readonly #random: () => number;
  constructor(random: () => number) {
    this.#random = random;
  }
  chance(probability: number): boolean {
    return this.#random() < probability;
  }
  /** Both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }
  real(from: number, to: number): number {
    return from + this.#random() * (to - from);
  }
  of<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }
}

function randomTags(choose: Chooser): Record<string, string[]> {
  const tags: Record<string, string[]> = {};
  for (const [name, group] of Object.entries(ONBOARDING_GROUPS)) {
    if (!choose.chance(0.6)) continue;
    const known = Object.keys(group.tags);
    const count = group.multiple ? choose.between(1, 4) : 1;
    tags[name] = Array.from({ length: count }, () => choose.of(known));
  }
  return tags;
}

function randomParty(choose: Chooser): Party {
  const kind = choose.of(PARTY_KINDS);
  return { kind, size: choose.between(...SIZES[kind]) };
}

function randomStart(choose: Chooser, { bounds, venues }: CityFile): TripOrder['startArea'] {
  if (choose.chance(0.6)) return null;
  if (choose.chance(0.7)) {
    const { lat, lng } = choose.of(venues);
    return { lat, lng };
  }
  return { lat: choose.real(bounds.south, bounds.north), lng: choose.real(bounds.west, bounds.east) };
}

/**
 * Any tags, any party and budget, the cities in turn; a day to two weeks, one in forty a month; a tenth on the weekends
 * of clock changes, one in twenty planned on the day it begins.
 */
export function randomTrips(seed: number, count: number, cities: readonly CityFile[]): TripOrder[] {
  const choose = new Chooser(randomNumbers(seed));
  return Array.from({ length: count }, (_, i): TripOrder => {
    const city = cities[i % cities.length]!;
    const { tags } = readOnboardingTags(randomTags(choose));
    if (!tags) throw new Error('a known tag was refused');
    const anyDate = addDays(FIRST_DATE, choose.between(0, DATES - 1));
    const changeDate = addDays(choose.of(CLOCK_CHANGES), choose.between(-2, 0));
    const days = choose.chance(1 / 40) ? 30 : choose.between(1, 14);
    return {
      city: city.slug,
      startDate: choose.chance(0.1) ? changeDate : anyDate,
      days,
      persona: personaFromTags(tags),
      party: randomParty(choose),
      budgetBand: choose.of(BUDGET_BANDS),
      startArea: randomStart(choose, city),
      notBefore: choose.chance(1 / 20) ? choose.between(0, 24 * 60 - 1) : 0,
    };
  });
}
