/** The single draws: reasons, thresholds, what the policy shows, what the choice depends on. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { INTENTIONS } from '../../../core/signal/signal.ts';
import { catalogueCities } from '../../../simulation/agents/catalogue-cities.ts';
import { SHADOW_ARCHETYPES } from '../../../simulation/shadow/axes.ts';
import { type Company, Course, makeChooser, type ShadowVenue, taste } from '../../../simulation/shadow/choice-model.ts';
import { SWIPES, swipeThreshold } from '../../../simulation/shadow/discovery.ts';
import {
  drawIntention,
  FALLBACK_INTENTION,
  INTENTION_WEIGHTS,
  type IntentionCase,
  intentionWeights,
} from '../../../simulation/shadow/intentions.ts';
import { appealOf, drawByUnits, GRID, inclusionUnits } from '../../../simulation/shadow/logging-policy.ts';
import { shadowPersona } from '../../../simulation/shadow/persona.ts';
import { ReadyCity } from '../../../simulation/shadow/shadow-city.ts';

const anything: IntentionCase = {
  venue: { priceLevel: 4, touristScore: 0.9 },
  company: { kind: 'friends', size: 4, budget: 'low' },
  beenThere: true,
};
const sum = (xs: Iterable<number>) => [...xs].reduce((total, x) => total + x, 0);

describe('why a place is refused', () => {
  it('has the stated weights where every reason can be', () => {
    expect(intentionWeights(anything)).toEqual(INTENTION_WEIGHTS);
  });

  it.each<[string, Partial<IntentionCase>, string]>([
    ['alone, nobody disagrees', { company: { kind: 'solo', size: 1, budget: 'low' } }, 'group_conflict'],
    ['a cheap place is no mismatch', { venue: { priceLevel: 2, touristScore: 0.9 } }, 'price_mismatch'],
    ['nor a dear one to who can pay', { company: { kind: 'friends', size: 4, budget: 'mid' } }, 'price_mismatch'],
    ['an empty place is not crowded', { venue: { priceLevel: 4, touristScore: 0.1 } }, 'too_crowded'],
    ['a new place was not seen before', { beenThere: false }, 'already_been'],
  ])('%s: the weight goes to the fallback', (_, change, intention) => {
    const weights: Record<string, number> = intentionWeights({ ...anything, ...change });
    expect(weights[intention]).toBe(0);
    expect(weights[FALLBACK_INTENTION]).toBeCloseTo(
      INTENTION_WEIGHTS[FALLBACK_INTENTION] + (INTENTION_WEIGHTS as Record<string, number>)[intention]!,
    );
    expect(sum(Object.values(weights))).toBeCloseTo(sum(Object.values(INTENTION_WEIGHTS)));
  });

  it('is drawn among what can be, and nothing else', () => {
    const random = Random.of(1, 'reasons');
    const alone: IntentionCase = {
      venue: { priceLevel: 0, touristScore: null },
      company: { kind: 'solo', size: 1, budget: 'low' },
      beenThere: false,
    };
    const drawn = new Set(Array.from({ length: 3000 }, () => drawIntention(alone, random)));
    expect([...drawn].sort()).toEqual(['not_interested', 'other', 'too_far', 'wrong_time']);
    expect(new Set(Array.from({ length: 3000 }, () => drawIntention(anything, random)))).toEqual(new Set(INTENTIONS));
  });
});

describe('the threshold of a swipe', () => {
  const thresholds = Array.from({ length: 765 }, (_, user) => swipeThreshold(1, user));

  it("is each traveller's own, within 15% of the common one, and spread over all of that", () => {
    const shares = thresholds.map((threshold) => threshold / SWIPES.threshold - 1);
    for (const share of shares) expect(Math.abs(share)).toBeLessThanOrEqual(0.15);
    expect(Math.min(...shares)).toBeLessThan(-0.13);
    expect(Math.max(...shares)).toBeGreaterThan(0.13);
  });

  it('follows from seed and traveller', () => {
    expect(swipeThreshold(1, 7)).toBe(thresholds[7]);
    expect(swipeThreshold(2, 7)).not.toBe(thresholds[7]);
  });
});

describe('the logging policy', () => {
  const random = Random.of(1, 'policy');
  const cases = Array.from({ length: 300 }, () => {
    const n = 1 + random.int(120);
    const appeals = Array.from({ length: n }, () => appealOf(0.02 + 0.96 * random.uniform()));
    return { appeals, count: 1 + random.int(Math.min(n, 18)) };
  });

  it('states probabilities that sum to what is shown, none above 1, and none at 0', () => {
    for (const { appeals, count } of cases) {
      const units = inclusionUnits(appeals, count);
      expect(sum(units)).toBe(count * GRID);
      expect(Math.max(...units)).toBeLessThanOrEqual(GRID);
      expect(Math.min(...units)).toBeGreaterThan(0);
    }
  });

  it('shows as many as it is to', () => {
    for (const { appeals, count } of cases) {
      const drawn = drawByUnits(inclusionUnits(appeals, count), random);
      expect(new Set(drawn).size).toBe(count);
    }
  });

  it('shows each as often as it says', () => {
    const units = inclusionUnits([0.2, 0.5, 0.5, 1, 4, 9, 30], 2);
    const shown = new Float64Array(7);
    const rounds = 40_000;
    for (let i = 0; i < rounds; i++) for (const k of drawByUnits(units, random)) shown[k]!++;
    units.forEach((unit, k) => {
      const p = unit / GRID;
      // Four standard errors.
      expect(Math.abs(shown[k]! / rounds - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / rounds) + 1e-9);
    });
  });
});

describe('the choice', async () => {
  const tokyo = (await catalogueCities()).find(({ slug }) => slug === 'tokyo')!;
  const ready = new ReadyCity(1, tokyo);
  const archetype = (id: string) => SHADOW_ARCHETYPES.find((one) => one.id === id)!;
  const chooserOf = (id: string) => {
    const random = Random.of(1, id);
    return makeChooser(shadowPersona(archetype(id), random), random);
  };
  const solo: Company = { kind: 'solo', size: 1, budget: 'low' };
  const places = (wanted: (place: ShadowVenue) => boolean) => ready.places.filter(wanted);
  const mean = (xs: readonly number[]) => sum(xs) / xs.length;
  const afternoon = { dayPart: 'afternoon', tripDay: 1, isMeal: false, weather: 'cloudy' } as const;

  it('depends on more than any venue field says: two venues alike in all fields are not alike', () => {
    const chooser = chooserOf('culture/moderate/low/solo/local');
    const [place] = ready.places;
    const twin = new ReadyCity(1, { ...tokyo, venues: [{ ...place!.venue, id: 'another' }] }).places[0]!;
    expect(taste(chooser, twin, solo).known).toBe(taste(chooser, place!, solo).known);
    expect(taste(chooser, twin, solo).hidden).not.toBe(taste(chooser, place!, solo).hidden);
  });

  it('hides a part of unit size: it differs from place to place, for nobody in particular', () => {
    const hidden = ready.places.map((place) => place.hidden.quality);
    expect(Math.abs(mean(hidden))).toBeLessThan(0.2);
    expect(mean(hidden.map((q) => q * q))).toBeGreaterThan(0.7);
  });

  it('goes by persona: museums to the cultured, dear places not to the poor', () => {
    const museums = places(({ venue }) => venue.category === 'museum');
    const liked = (id: string) => mean(museums.map((place) => taste(chooserOf(id), place, solo).known));
    expect(liked('culture/moderate/low/solo/local')).toBeGreaterThan(liked('adventure/moderate/low/solo/local') + 0.5);
    const dear = places(({ venue }) => venue.priceLevel >= 3);
    const rich: Company = { ...solo, budget: 'high' };
    const chooser = chooserOf('food/moderate/low/solo/local');
    for (const place of dear) {
      expect(taste(chooser, place, rich).known).toBeGreaterThan(taste(chooser, place, solo).known);
    }
  });

  it('goes by what came before: no second museum, no food after food, nothing wild when tired, no place twice', () => {
    const chooser = chooserOf('culture/moderate/low/solo/local');
    const of = (category: string) => places(({ venue }) => venue.category === category);
    const effectAfter = (taken: ShadowVenue[], next: ShadowVenue, been: string[] = []) => {
      const course = new Course(chooser, new Set(been));
      course.beginDay();
      for (const place of taken) course.take(place);
      return course.effect(next, afternoon);
    };
    const [first, second] = of('museum');
    const [park] = of('park');
    const [gallery] = of('gallery');
    expect(effectAfter([first!, park!], second!)).toBeLessThan(effectAfter([gallery!, park!], second!) - 1);
    const [cafe, other] = of('cafe');
    expect(effectAfter([cafe!], other!)).toBeLessThan(effectAfter([park!], other!) - 1);
    const [hike] = of('trail');
    expect(effectAfter(places(({ venue }) => venue.energy >= 0.6).slice(0, 5), hike!)).toBeLessThan(
      effectAfter([], hike!) - 0.5,
    );
    expect(effectAfter([], park!, [park!.venue.id])).toBeLessThan(effectAfter([], park!) - 1);
  });

  it('goes by the weather where one is out in it', () => {
    const course = new Course(chooserOf('nature/moderate/low/solo/local'), new Set());
    const [outside] = places(({ venue }) => venue.setting === 'outdoor');
    const [inside] = places(({ venue }) => venue.setting === 'indoor' && venue.energy < 0.4);
    const wet = { ...afternoon, weather: 'heavy_rain' } as const;
    expect(course.effect(outside!, wet)).toBeLessThan(course.effect(outside!, afternoon) - 1);
    expect(course.effect(inside!, wet)).toBe(course.effect(inside!, afternoon));
  });
});
