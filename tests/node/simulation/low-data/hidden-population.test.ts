import { describe, expect, it } from 'vitest';
import { ARCHETYPES, archetypesByDistance } from '../../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES } from '../../../../core/persona/dimensions.ts';
import { catalogueCities } from '../../../../simulation/agents/catalogue-cities.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';
import { travelledCities } from '../../../../simulation/agents/settings.ts';
import { SimCity } from '../../../../simulation/agents/sim-city.ts';
import { HIDDEN_MIX, UNSEEN_KINDS } from '../../../../simulation/low-data/hidden-archetypes.ts';
import { HiddenPopulation } from '../../../../simulation/low-data/hidden-population.ts';
import { OFFERS, offersOf, questionsTo } from '../../../../simulation/low-data/offers.ts';

const cities = travelledCities(await catalogueCities()).map((city) => new SimCity(city));
const SEED = 4;

const offersTo = (kind: 'seen' | 'unseen', index: number, seed = SEED) => {
  const hidden = new HiddenPopulation(seed);
  const traveller = hidden.traveller(kind, index);
  return offersOf({ traveller, cities, seed, asked: (context, venue) => hidden.answer(context, venue) });
};

describe('a hidden traveller', () => {
  it('is offered 60 places in four trips, none twice, and answers the same whenever asked', () => {
    const offers = offersTo('seen', 0);
    expect(offers.length).toBeGreaterThan(OFFERS.trips * OFFERS.days * 3 - 6);
    expect(new Set(offers.map(({ venue }) => venue.id)).size).toBe(offers.length);
    expect(offers.map(({ at }) => at)).toEqual(offers.map(({ at }) => at).sort((a, b) => a - b));
    expect(offersTo('seen', 0)).toEqual(offers);
    expect(offersTo('seen', 0, SEED + 1)).not.toEqual(offers);
    for (const { probability } of offers) expect(probability).toSatisfy((p: number) => p > 0 && p < 1);
  });

  it('answers by the probability that the ceiling is measured with', () => {
    const offers = Array.from({ length: 30 }, (_, index) => offersTo('seen', index)).flat();
    const expected = offers.reduce((sum, { probability }) => sum + probability!, 0);
    const variance = offers.reduce((sum, { probability: p }) => sum + p! * (1 - p!), 0);
    const taken = offers.filter(({ accepted }) => accepted).length;
    expect(Math.abs(taken - expected)).toBeLessThan(4 * Math.sqrt(variance));
  });

  it('tells the app nothing but a record, and that with an error', () => {
    const hidden = new HiddenPopulation(SEED);
    const known = JSON.stringify(hidden.traveller('seen', 3));
    expect(Object.keys(JSON.parse(known))).toEqual([
      ...[
        'index',
        'id',
        'archetypeId',
        'number',
        'warm',
        'dimensions',
        'interests',
        'party',
        'companions',
        'budget',
        'trip',
      ],
    ]);
    const stranger = { ...hidden.traveller('seen', 3) };
    const context = { traveller: stranger, trip: 0, state: { dimensions: stranger.dimensions, energy: 1 } };
    const moment = { day: 1, dayPart: 'morning', weather: 'clear', today: [], visited: [] } as const;
    expect(() => hidden.answer({ ...context, ...moment }, cities[0]!.venues[0]!)).toThrow(/not of this population/);
  });

  it('decides otherwise than the synthetic agent of the same seed would', () => {
    const agent = new ChoiceModelAgent(SEED, 0.3);
    const hidden = new HiddenPopulation(SEED);
    let [other, all] = [0, 0];
    for (let index = 0; index < 10; index++) {
      const traveller = hidden.traveller('seen', index);
      offersOf({
        traveller,
        cities,
        seed: SEED,
        asked: (context, venue) => {
          const answer = hidden.answer(context, venue);
          all++;
          if (answer.accepted !== agent.wouldTake(context, venue)) other++;
          return answer;
        },
      });
    }
    expect(other / all).toBeGreaterThan(0.15);
  });
});

describe('the hidden population', () => {
  it('has the twelve in another mix, and three that lie far from each of them', () => {
    expect(Object.keys(HIDDEN_MIX).sort()).toEqual(ARCHETYPES.map(({ id }) => id).sort());
    expect(new Set(Object.values(HIDDEN_MIX)).size).toBeGreaterThan(3);
    for (const { dimensions, id } of UNSEEN_KINDS) {
      expect(ARCHETYPES.map((one) => one.id)).not.toContain(id);
      expect(archetypesByDistance(dimensions)[0]!.distance).toBeGreaterThan(0.15);
      for (const name of DIMENSION_NAMES) expect(dimensions[name]).toSatisfy((x: number) => x >= 0 && x <= 1);
    }
  });

  it('can be asked single questions, each by itself', () => {
    const hidden = new HiddenPopulation(SEED);
    const traveller = hidden.traveller('seen', 5);
    const asked = questionsTo({ traveller, cities, seed: SEED, asked: (c, v) => hidden.answer(c, v) }, 8);
    expect(new Set(asked.map(({ venue }) => venue.id)).size).toBe(asked.length);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.every(({ trip, seen }) => trip < 0 && seen === traveller.dimensions)).toBe(true);
  });
});
