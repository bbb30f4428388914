import { describe, expect, it } from 'vitest';
import { groupCandidates } from '../../../../core/group/group-candidates.ts';
import { ARCHETYPES, archetype } from '../../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../../../core/persona/dimensions.ts';
import { isWarm } from '../../../../core/persona/persona.ts';
import type { MlRequest } from '../../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../../core/venue/venue.ts';
import { alikeShare } from '../../../../simulation/agents/archetypes.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';
import { LiveTraveller, NO_PAST } from '../../../../simulation/agents/live-traveller.ts';
import { pastOf } from '../../../../simulation/agents/past.ts';
import type { DecisionContext } from '../../../../simulation/agents/persona-agent.ts';
import type { RankerView } from '../../../../simulation/agents/recommender.ts';
import { llmStandIn } from '../../../../simulation/agents/recommenders/llm-standin.ts';
import { productionRecommender } from '../../../../simulation/agents/recommenders/production.ts';
import { trainedRecommender } from '../../../../simulation/agents/recommenders/trained.ts';
import { SimCity } from '../../../../simulation/agents/sim-city.ts';
import { armsOf, tripsOf } from '../../../../simulation/agents/simulate.ts';
import { type SimTraveller, travellerAt } from '../../../../simulation/agents/traveller.ts';
import { simulation } from './scene.ts';

const { cities } = simulation();
const places = cities.map((city) => new SimCity(city));
const request = { seed: 3, archetypes: ARCHETYPES.map(({ id }) => id), cities: places.map(({ slug }) => slug) };
const many = Array.from({ length: 1200 }, (_, i) => travellerAt(request, i));
const ids = (venues: readonly Venue[]) => venues.map(({ id }) => id);

describe('a party', () => {
  it('is as many people as it says, each near an archetype and with an id of their own', () => {
    for (const { party, companions } of many) expect(companions).toHaveLength(party.size - 1);
    const all = many.flatMap(({ id, companions }) => [id, ...ids(companions as never)]);
    expect(new Set(all).size).toBe(all.length);
    for (const { archetypeId, dimensions, interests } of many.flatMap(({ companions }) => companions)) {
      const about = archetype(archetypeId);
      expect(interests).toBe(about.tags);
      const off = DIMENSION_NAMES.map((name) => Math.abs(dimensions[name] - about.dimensions[name]));
      expect(Math.max(...off)).toBeLessThan(0.5);
      expect(Math.max(...off)).toBeGreaterThan(0);
    }
  });

  it('is alike by the share that is written for its kind: couples and families more than friends', () => {
    for (const kind of ['couple', 'family', 'friends'] as const) {
      const pairs = many.flatMap(({ party, archetypeId, companions }) =>
        party.kind === kind ? companions.map((one) => one.archetypeId === archetypeId) : [],
      );
      expect(pairs.filter(Boolean).length / pairs.length, kind).toBeCloseTo(alikeShare(kind), 1);
    }
    expect(alikeShare('friends')).toBeLessThan(Math.min(alikeShare('couple'), alikeShare('family')));
  });
});

describe('what a party decides', () => {
  const traveller = many.find(({ party }) => party.size === 4)!;
  const at = (trip: number, companions?: readonly Dimensions[]): DecisionContext => ({
    traveller,
    trip,
    state: { dimensions: traveller.dimensions, energy: 1 },
    ...(companions && { companions }),
    day: 1,
    dayPart: 'afternoon',
    weather: 'cloudy',
    today: [],
    visited: [],
  });
  const agent = new ChoiceModelAgent(3, 0.3);
  const { venues } = places[0]!;
  const taken = (companions?: readonly Dimensions[]) =>
    venues.map((venue, i) => agent.wouldTake(at(i, companions), venue));

  it('is what its traveller decides where nobody has a say', () => {
    expect(taken([])).toEqual(taken());
    expect(taken(traveller.companions.map(({ dimensions }) => dimensions))).not.toEqual(taken());
  });

  const keen = { ...traveller.dimensions, local_vs_tourist_bias: 0, crowd_tolerance: 1, social_energy: 1 };
  const cool = { ...keen, local_vs_tourist_bias: 1, social_energy: 0 };
  const averse = { ...keen, local_vs_tourist_bias: 1, crowd_tolerance: 0, social_energy: 0 };
  const busy = venues.find(({ energy }) => energy > 0.6)!;
  const trap: Venue = { ...busy, touristScore: 1, localScore: 0, priceLevel: 1 };
  const eaten = venues.find(({ meals }) => meals.length > 0)!;
  /** Of 200 evenings, those on which they would go there. */
  const times = (lead: Dimensions, ...others: Dimensions[]) => {
    // What one looks for is that of the first day: of the records as well.
    const companions = others.map((dimensions, i) => ({ ...traveller.companions[i]!, dimensions }));
    const one: SimTraveller = { ...traveller, dimensions: lead, companions };
    const state = { dimensions: lead, energy: 1 };
    return Array.from({ length: 200 }, (_, i) =>
      agent.wouldTake({ ...at(i, others), traveller: one, state, dayPart: 'evening', today: [eaten] }, trap),
    ).filter(Boolean).length;
  };

  it('is what they would like on the whole, whoever asks', () => {
    expect(times(cool)).toBeLessThan(times(cool, keen, keen, keen) / 2);
    expect(times(keen, keen, keen, cool)).toBeLessThan(times(keen, keen, keen, keen));
  });

  it('is nothing that one of them cannot stand, however much the others would like it', () => {
    expect(times(keen, keen, keen, keen)).toBeGreaterThan(100);
    expect(times(keen, keen, keen, averse)).toBe(0);
  });
});

describe('rankers', () => {
  const lead = many.find(({ party, companions, archetypeId }) => {
    return party.kind === 'friends' && companions.some((one) => one.archetypeId !== archetypeId);
  })!;
  const viewOf = (traveller: SimTraveller): RankerView => {
    const live = new LiveTraveller(traveller, places[traveller.trip.city]!, NO_PAST);
    live.beginDay(1);
    return { ...live.view(3, 'evening', 0)!, countingSignals: 30 };
  };
  const view = viewOf(lead);
  const without: RankerView = { ...view, companions: [] };
  const byName = ({ id }: Venue) => Number.parseInt(id.slice(-4), 16) / 65_536;
  const ranker = (logit: (venue: Venue) => number) => ({
    modelVersion: 'dlrm@test',
    rank: async ({ candidates, moments }: MlRequest) => ({
      modelVersion: 'dlrm@test',
      logits: moments.map(() => Float32Array.from(candidates, logit)),
    }),
  });
  const first = async (
    recommender: { recommend(views: RankerView[]): Promise<{ ranked: readonly Venue[] }[]> },
    one: RankerView,
  ) => ids((await recommender.recommend([one]))[0]!.ranked);

  it('are told what companions said of themselves, and offer what each of them would be offered', () => {
    expect(view.companions.map(({ dimensions }) => dimensions)).toEqual(lead.companions.map((one) => one.dimensions));
    const found = [view.persona, ...view.companions].map((persona) =>
      places[lead.trip.city]!.candidates(persona, lead.party, lead.budget, lead.trip.startDate),
    );
    expect(ids(view.candidates)).toEqual(ids(groupCandidates(found)));
    for (const own of found) expect(ids(view.candidates)).not.toEqual(ids(own));
  });

  it('of production rank for all, trained ones among them; the stand-in ranks for the one who asks', async () => {
    const cold = productionRecommender('offline');
    const trained = trainedRecommender(ranker(byName), cold);
    expect(await first(cold, view)).not.toEqual(await first(productionRecommender('offline'), without));
    expect(await first(trained, view)).not.toEqual(await first(cold, view));
    // To whom all is one sways nobody: the others decide.
    const indifferent = trainedRecommender(
      ranker(() => 0),
      cold,
    );
    expect(await first(indifferent, without)).toEqual(ids(view.pool).sort().slice(0, 10));
    const others = cold.party(view).matrix.moments[2]!.utilities.slice(1);
    const [best] = await first(indifferent, view);
    const place = view.candidates.findIndex(({ id }) => id === best);
    for (const own of others) expect(own.filter((x) => x > own[place]!).length).toBeLessThan(40);
    expect(await first(llmStandIn, view)).toEqual(await first(llmStandIn, without));
  });

  it('give more say to who had less of the days before', async () => {
    const cold = productionRecommender('offline');
    const { members, matrix, weights } = cold.party(view);
    expect(weights).toEqual(members.map(() => 1));
    const [own, other] = matrix.moments[2]!.utilities;
    const best = view.candidates.map((_, c) => c).sort((a, b) => own![b]! - other![b]! - (own![a]! - other![a]!))[0]!;
    const at = Date.parse(view.startDate) + 1;
    const venueId = view.candidates[best]!.id;
    const later: RankerView = {
      ...view,
      candidates: [...view.candidates],
      context: { ...view.context, tripDay: 2 },
      history: [{ venueId, accepted: true, at, tripDay: 1, dayPart: 'evening' }],
    };
    const say = cold.party(later).weights;
    expect(say[0]).toBeLessThan(1);
    expect(say[0]).toBeLessThan(say[1]!);
  });

  it('make the rule on conflict hold for some parties, and never for who travels alone', async () => {
    const one = simulation({ travellers: 96, variants: ['hybrid'] }, { hybridRanker: ranker(byName) });
    const ruled = new Map<string, Set<number>>();
    const slotsOf = new Map<string, number>();
    for await (const { traveller, slots } of tripsOf(one, armsOf(one.settings)[0]!)) {
      for (const { arbitration } of slots) {
        if (!arbitration) continue;
        const { rule, served } = arbitration;
        const sizes = ruled.get(rule) ?? new Set();
        ruled.set(rule, sizes.add(traveller.party.size));
        slotsOf.set(`${rule}/${served}`, (slotsOf.get(`${rule}/${served}`) ?? 0) + 1);
      }
    }
    expect(ruled.get('group_conflict')?.size ?? 0).toBeGreaterThan(0);
    expect(ruled.get('group_conflict')).not.toContain(1);
    expect(slotsOf.get('cold/llm')).toBeGreaterThan(0);
    expect(slotsOf.get('default/ml')).toBeGreaterThan(0);
  });
});

describe('the past of the warm', () => {
  it('holds one to five trips, and is warm whatever their number', () => {
    const agent = new ChoiceModelAgent(3, 0.3);
    const pasts = many.slice(0, 240).map((traveller) => ({ traveller, past: pastOf(traveller, places, agent, 3) }));
    for (const { traveller, past } of pasts) {
      if (!traveller.warm) expect(past).toBe(NO_PAST);
      else expect(isWarm(past.countingSignals), String(past.trips)).toBe(true);
    }
    const numbers = pasts.flatMap(({ traveller, past }) => (traveller.warm ? [past.trips] : []));
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5]));
  });
});
