import { describe, expect, expectTypeOf, it } from 'vitest';
import { ARCHETYPES } from '../../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES } from '../../../../core/persona/dimensions.ts';
import type { MlRequest } from '../../../../core/ranking/ml-ranker.ts';
import { SIGMA } from '../../../../simulation/agents/archetypes.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';
import { LiveTraveller } from '../../../../simulation/agents/live-traveller.ts';
import { liveTogether } from '../../../../simulation/agents/lock-step.ts';
import { pastOf } from '../../../../simulation/agents/past.ts';
import { energyOfDay, movedDimensions } from '../../../../simulation/agents/persona-state.ts';
import type { RankerView, Recommender } from '../../../../simulation/agents/recommender.ts';
import type { TripRecord } from '../../../../simulation/agents/record.ts';
import { SimCity } from '../../../../simulation/agents/sim-city.ts';
import { type Arm, armsOf, COHORT, tripsOf } from '../../../../simulation/agents/simulate.ts';
import { travellerAt } from '../../../../simulation/agents/traveller.ts';
import { simulation } from './scene.ts';

async function trips(one = simulation(), arm: Arm = armsOf(one.settings)[0]!): Promise<TripRecord[]> {
  const records: TripRecord[] = [];
  for await (const record of tripsOf(one, arm)) records.push(record);
  return records;
}
/** What happened, without the objects that it happened with. */
const told = (records: readonly TripRecord[]) =>
  records.map(({ traveller, slots }) => [
    traveller.id,
    slots.map(({ ranked, decision }) => [ranked.map(({ id }) => id), decision]),
  ]);

describe('the population', () => {
  const request = { seed: 3, archetypes: ARCHETYPES.map(({ id }) => id), cities: ['mexico-city', 'tokyo'] };
  const many = Array.from({ length: 2400 }, (_, i) => travellerAt(request, i));

  it('holds as many of each archetype, on trips of 3 to 7 days, in parties of 1 to 4', () => {
    for (const { id } of ARCHETYPES) expect(many.filter((one) => one.archetypeId === id)).toHaveLength(200);
    expect(new Set(many.map(({ trip }) => trip.days))).toEqual(new Set([3, 4, 5, 6, 7]));
    expect(new Set(many.map(({ party }) => party.size))).toEqual(new Set([1, 2, 3, 4]));
    for (const { trip } of many) expect(trip.weather).toHaveLength(trip.days);
  });

  it('varies each dimension about its archetype by a deviation of 0.1, within [0, 1]', () => {
    for (const { id, dimensions } of ARCHETYPES) {
      const sampled = many.filter((one) => one.archetypeId === id).map((one) => one.dimensions);
      for (const name of DIMENSION_NAMES) {
        const values = sampled.map((one) => one[name]);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...values)).toBeLessThanOrEqual(1);
        // At the ends of the scale the clamp takes half of the noise.
        if (dimensions[name] < 0.25 || dimensions[name] > 0.75) continue;
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
        const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
        expect(mean).toBeCloseTo(dimensions[name], 1);
        expect(Math.abs(deviation - SIGMA)).toBeLessThan(0.03);
      }
    }
  });

  it('gives travellers of one number the same trip, and warm ones to each city', () => {
    for (const { number, trip, warm } of many) {
      const other = many.find((one) => one.number === number)!;
      expect([trip, warm]).toEqual([other.trip, other.warm]);
    }
    for (const city of [0, 1]) {
      const there = many.filter(({ trip }) => trip.city === city);
      expect(there.filter(({ warm }) => warm).length / there.length).toBeCloseTo(0.5, 2);
    }
  });

  it('does not change when archetypes are added or travellers are asked for in another order', () => {
    const few = { ...request, archetypes: ['A8'] };
    expect(travellerAt(few, 5)).toEqual({
      ...many.find((one) => one.archetypeId === 'A8' && one.number === 5),
      index: 5,
    });
  });
});

describe('variants', () => {
  it('meet the same travellers with the same past, on the same trips', async () => {
    const one = simulation();
    const runs = await Promise.all(armsOf(one.settings).map((arm) => trips(one, arm)));
    const before = runs.map((records) => records.map(({ traveller }) => traveller));
    expect(before[1]).toEqual(before[0]);
    expect(before[2]).toEqual(before[0]);
    const first = runs.map((records) => records.map(({ slots }) => slots[0]!.snapshot));
    expect(first[1]).toEqual(first[0]);
  });

  it('meet the same noise: whoever offers the same lists gets the same decisions', async () => {
    const one = simulation({ variants: ['random', 'llm'] }, { llm: null });
    const [random] = armsOf(one.settings);
    const first = await trips(one, random);
    // The same ranker under another name.
    const { random: floor } = await import('../../../../simulation/agents/recommenders/floors.ts');
    const again = simulation({ variants: ['llm'] }, { llm: () => floor });
    expect(told(await trips(again))).toEqual(told(first));
  });

  it('offer ten open places at most, none that was taken or refused on the trip before', async () => {
    for (const { slots } of await trips()) {
      const gone = new Set<string>();
      for (const { ranked, taken } of slots) {
        expect(ranked.length).toBeGreaterThan(0);
        expect(ranked.length).toBeLessThanOrEqual(10);
        expect(new Set(ranked.map(({ id }) => id)).size).toBe(ranked.length);
        expect(ranked.filter(({ id }) => gone.has(id))).toEqual([]);
        if (taken) gone.add(taken.id);
        if (taken?.id !== ranked[0]!.id) gone.add(ranked[0]!.id);
      }
    }
  });

  it('are the same whether travellers go in one group or in several', async () => {
    const apart = simulation({ travellers: COHORT + 20, variants: ['random'] });
    const together = { ...apart, cast: { ...apart.cast, together: true } };
    expect(told(await trips(together))).toEqual(told(await trips(apart)));
  });
});

describe('what rankers see', () => {
  it('is of production types alone', () => {
    expectTypeOf<keyof RankerView>().toEqualTypeOf<
      | 'slotKey'
      | 'seed'
      | 'city'
      | 'persona'
      | 'dimensions'
      | 'companions'
      | 'context'
      | 'moment'
      | 'startDate'
      | 'tripDays'
      | 'candidates'
      | 'pool'
      | 'history'
      | 'historyVenues'
      | 'countingSignals'
      | 'tripCount'
    >();
    expectTypeOf<RankerView['history']>().toEqualTypeOf<MlRequest['history']>();
    expectTypeOf<RankerView['persona']['dimensions']>().toEqualTypeOf<MlRequest['persona']['dimensions']>();
    expectTypeOf<RankerView>().not.toHaveProperty('state');
    expectTypeOf<RankerView>().not.toHaveProperty('traveller');
  });

  it('is the same whatever the traveller hides, until they decide', async () => {
    const { settings, cities } = simulation();
    const places = cities.map((city) => new SimCity(city));
    const traveller = travellerAt({ seed: 7, archetypes: ['A8'], cities: places.map(({ slug }) => slug) }, 0);
    const seen: RankerView[][] = [];
    for (const hidden of [1, 2]) {
      // Another seed of the agent is another taste, mood and noise.
      const agent = new ChoiceModelAgent(hidden, 0.5);
      const past = pastOf(traveller, places, agent, settings.seed);
      const live = new LiveTraveller(traveller, places[traveller.trip.city]!, past);
      const views: RankerView[] = [];
      const watching: Recommender = {
        version: 'watching@1',
        recommend: async (asked) => {
          views.push(...structuredClone(asked.map(({ city: _, ...view }) => view)).map((view) => view as RankerView));
          return asked.map(({ pool }) => ({ ranked: pool.slice(0, 10), modelVersion: 'watching@1', confidence: null }));
        },
      };
      await liveTogether([live], { seed: 7, name: 'x', agent, recommender: watching, reference: null });
      seen.push(views);
    }
    expect(seen[0]![0]).toEqual(seen[1]![0]);
    expect(seen[0]!.slice(1)).not.toEqual(seen[1]!.slice(1));
  });

  it('holds no number of the hidden state', async () => {
    const { cities, settings } = simulation();
    const places = cities.map((city) => new SimCity(city));
    const traveller = travellerAt({ seed: 7, archetypes: ['A3'], cities: places.map(({ slug }) => slug) }, 1);
    const { Random } = await import('../../../../core/experiment/random.ts');
    expect(traveller.companions.length).toBeGreaterThan(0);
    const hidden = new Set(
      [traveller, ...traveller.companions].flatMap(({ id }) => {
        const drawn = Random.of(7, `hidden/${id}`);
        return Array.from({ length: 12 }, () => drawn.normal());
      }),
    );
    for (const { id } of places[traveller.trip.city]!.venues) {
      const random = Random.of(7, `venue/${id}`);
      for (let i = 0; i < 4; i++) hidden.add(random.normal());
    }
    const agent = new ChoiceModelAgent(7, 0.3);
    const live = new LiveTraveller(
      traveller,
      places[traveller.trip.city]!,
      pastOf(traveller, places, agent, settings.seed),
    );
    let numbers = 0;
    const watching: Recommender = {
      version: 'watching@1',
      recommend: async (asked) => {
        for (const { city: _, ...view } of asked) {
          JSON.stringify({ ...view, historyVenues: [...view.historyVenues] }, (_key, value: unknown) => {
            if (typeof value !== 'number') return value;
            numbers++;
            expect(hidden.has(value)).toBe(false);
            return value;
          });
        }
        return asked.map(({ pool }) => ({ ranked: pool.slice(0, 10), modelVersion: 'watching@1', confidence: null }));
      },
    };
    await liveTogether([live], { seed: 7, name: 'x', agent, recommender: watching, reference: null });
    expect(numbers).toBeGreaterThan(10_000);
  });

  it('grows with the feedback of the trip, and is learned from overnight', async () => {
    const one = simulation({ travellers: 12, variants: ['offline'] });
    for (const { traveller, slots } of await trips(one)) {
      const days = Map.groupBy(slots, ({ day }) => day);
      expect(slots[0]!.snapshot === traveller.dimensions).toBe(!traveller.warm);
      for (const today of days.values()) expect(new Set(today.map(({ snapshot }) => snapshot)).size).toBe(1);
      if (slots.some(({ day, decision }) => day === 1 && decision.decision !== 'pivot')) {
        expect(days.get(2)![0]!.snapshot).not.toEqual(days.get(1)![0]!.snapshot);
      }
    }
  });
});

describe('a trained ranker', () => {
  it('is asked for the warm alone', async () => {
    const asked: number[] = [];
    const ranker = {
      modelVersion: 'dlrm@test',
      rank: async ({ history, candidates, moments }: MlRequest) => {
        asked.push(history.length);
        return { modelVersion: 'dlrm@test', logits: moments.map(() => new Float32Array(candidates.length)) };
      },
    };
    const one = simulation({ variants: ['dlrm'] }, { trained: { dlrm: ranker } });
    const records = await trips(one);
    expect(asked.length).toBeGreaterThan(0);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(20);
    const versions = (warm: boolean) =>
      new Set(
        records.filter(({ traveller }) => traveller.warm === warm).flatMap(({ slots }) => slots[0]!.modelVersion),
      );
    expect(versions(true)).toEqual(new Set(['dlrm@test', 'dlrm@test,group-nash@1']));
    expect([...versions(false)].join()).not.toContain('dlrm');
  });
});

describe('the persona on its way', () => {
  const { dimensions } = ARCHETYPES[0]!;

  it('loses a tenth of its energy a day from the third on', () => {
    expect([1, 2, 3, 4, 7].map((day) => energyOfDay(day).toFixed(1))).toEqual(['1.0', '1.0', '0.9', '0.8', '0.5']);
  });

  it('slows down with a pivot for rest, and wants food more after food', () => {
    const pivot = { decision: 'pivot', venueId: null, pivotReason: 'tired', confidence: 1 } as const;
    expect(movedDimensions(dimensions, pivot, null).pace_preference).toBeLessThan(dimensions.pace_preference);
    const accept = { decision: 'accept', venueId: 'x', pivotReason: null, confidence: 1 } as const;
    const places = simulation().cities[0]!.venues;
    const meal = places.find(({ category }) => category === 'restaurant')!;
    const park = places.find(({ category }) => category === 'park')!;
    expect(movedDimensions(dimensions, accept, meal).food_priority).toBeGreaterThan(dimensions.food_priority);
    expect(movedDimensions(dimensions, accept, park)).toBe(dimensions);
  });

  it('takes places of little energy more often from the third day on, and fewer tourist traps with a local bias', async () => {
    const records = await trips(simulation({ travellers: 240, variants: ['random'] }));
    const taken = records.flatMap(({ traveller, slots }) =>
      slots.flatMap(({ day, ranked, taken }) =>
        ranked.map((venue) => ({ traveller, day, venue, taken: taken?.id === venue.id })),
      ),
    );
    const rate = (of: typeof taken) => of.filter((one) => one.taken).length / of.length;
    const low = (day: (n: number) => boolean) => rate(taken.filter((one) => day(one.day) && one.venue.energy <= 0.4));
    const high = (day: (n: number) => boolean) => rate(taken.filter((one) => day(one.day) && one.venue.energy > 0.6));
    const [early, late] = [(n: number) => n < 3, (n: number) => n >= 3];
    expect(low(late) / high(late)).toBeGreaterThan(low(early) / high(early));
    const trap = (local: (bias: number) => boolean) =>
      rate(
        taken.filter(
          ({ traveller, venue }) =>
            local(traveller.dimensions.local_vs_tourist_bias) && (venue.touristScore ?? 0) > 0.7,
        ),
      );
    expect(trap((bias) => bias > 0.65)).toBeLessThan(trap((bias) => bias < 0.5) / 2);
  });

  it('follows the known part of its taste less, the more of it is latent', async () => {
    const headShare = async (latentShares: number[]) => {
      const one = simulation({ travellers: 120, variants: ['offline'], latentShares });
      const slots = (await trips(one)).flatMap((record) => record.slots);
      return slots.filter(({ taken, ranked }) => taken && ranked.indexOf(taken) < 3).length / slots.length;
    };
    expect(await headShare([0])).toBeGreaterThan(await headShare([0.8]));
  });
});
