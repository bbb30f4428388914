/** The hidden population: plays the real travellers of the low-data experiment. What it hides stays inside this file. */
import { Random } from '../../core/experiment/random.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import { makePersona, type Persona } from '../../core/persona/persona.ts';
import { partyFit } from '../../core/ranking/party-fit.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { energyLeft } from '../agents/choice-agent.ts';
import type { DecisionContext } from '../agents/persona-agent.ts';
import { isFoodSlot } from '../agents/persona-state.ts';
import type { SimTraveller } from '../agents/traveller.ts';
import { sigmoid, WEATHER_EXPOSURE } from '../shadow/choice-model.ts';
import { categoryAffinity } from '../shadow/persona.ts';
import { ShadowPlaces } from '../shadow/shadow-places.ts';
import { HIDDEN_MIX, type HiddenArchetype, SEEN_KINDS, UNSEEN_KINDS } from './hidden-archetypes.ts';
import { EASY_PRICE, HIDDEN_MODEL, type HiddenTaste, hiddenTaste } from './hidden-model.ts';
import type { Answer } from './offers.ts';

interface Hidden {
  dimensions: Dimensions;
  taste: HiddenTaste;
  /** By trip and day. */
  personas: Map<string, Persona>;
}

export class HiddenPopulation {
  readonly #seed: number;
  readonly #hidden = new WeakMap<SimTraveller, Hidden>();
  readonly #places: ShadowPlaces;

  /** What nobody knows of a place or of a traveller is unrelated to what the synthetic agent of the same seed has there. */
  constructor(seed: number) {
    this.#seed = Math.imul(seed, 0x9e3779b1) ^ 0x68696464;
    this.#places = new ShadowPlaces(this.#seed);
  }

  /**
   * The traveller of an index, as the app is told of them; a function of seed, kind and index.
   * @param kind `seen`: of the twelve archetypes, by their mix; `unseen`: of those that no synthetic traveller has, in turn
   */
  traveller(kind: 'seen' | 'unseen', index: number): SimTraveller {
    const random = Random.of(this.#seed, `hidden-traveller/${kind}/${index}`);
    const archetype = kind === 'unseen' ? UNSEEN_KINDS[index % UNSEEN_KINDS.length]! : drawn(random);
    const dimensions = around(archetype.dimensions, HIDDEN_MODEL.sigma, random);
    const { kind: partyKind, size } =
      archetype.parties[random.weighted(archetype.parties.map(({ weight }) => weight))]!;
    const traveller: SimTraveller = {
      index,
      id: `${kind}-${index}`,
      archetypeId: archetype.id,
      number: index,
      warm: true,
      dimensions: around(dimensions, HIDDEN_MODEL.toldError, random),
      interests: archetype.tags,
      party: { kind: partyKind, size },
      companions: [],
      budget: archetype.budget,
      trip: { city: index, startDate: addDays('2026-01-01', random.int(365)), days: 0, weather: [] },
    };
    this.#hidden.set(traveller, { dimensions, taste: hiddenTaste(random), personas: new Map() });
    return traveller;
  }

  /** The same for the same traveller, moment and venue, whoever asks and how often. */
  answer(context: DecisionContext, venue: Venue): Answer {
    const { traveller, trip, day, dayPart } = context;
    const slot = `${traveller.id}/${trip}/${day}/${dayPart}`;
    const mood = HIDDEN_MODEL.mood * Random.of(this.#seed, `hidden-mood/${slot}`).normal();
    const probability = sigmoid((this.#utility(context, venue) + mood) / HIDDEN_MODEL.noise);
    const accepted = Random.of(this.#seed, `hidden-decision/${slot}/${venue.id}`).chance(probability);
    return { accepted, probability };
  }

  #utility(context: DecisionContext, venue: Venue): number {
    const m = HIDDEN_MODEL;
    const { traveller, day, weather, today } = context;
    const hidden = this.#hidden.get(traveller);
    if (!hidden) throw new RangeError(`${traveller.id} is not of this population`);
    const { dimensions, retrieval } = this.#personaOf(hidden, context);
    const { taste } = hidden;
    const place = this.#places.of(venue);
    const tourist = venue.touristScore ?? 0.3;
    const localness =
      venue.localScore === null || venue.touristScore === null ? 0 : venue.localScore - venue.touristScore;
    const over = Math.max(0, venue.priceLevel - EASY_PRICE[traveller.budget]);
    let felt = m.base;
    felt += taste.affinityWeight * (categoryAffinity(dimensions, venue.category) - 0.5);
    felt += taste.vibeWeight * dot(retrieval, place.vector);
    felt += m.local * (2 * dimensions.local_vs_tourist_bias - 1) * localness;
    felt += m.fame * (1 - dimensions.local_vs_tourist_bias) * tourist;
    felt -= m.crowds * taste.crowds * (1 - dimensions.crowd_tolerance) * tourist;
    felt -= m.price * over * (0.3 + 1.4 * dimensions.cost_sensitivity);
    felt += m.party * Math.max(-1, Math.min(1, partyFit(venue, traveller.party)));
    felt += m.quality * place.hidden.quality;
    felt += (m.style * alike(taste.style, place.hidden.style)) / Math.sqrt(taste.style.length);
    felt += m.whim * Random.of(this.#seed, `hidden-whim/${traveller.id}/${venue.category}`).normal();
    felt -= m.weather[weather] * WEATHER_EXPOSURE[venue.setting];
    felt -= m.fatigue * Math.max(0, venue.energy - energyLeft(context));
    felt -= m.weary * (day - 1);
    if (!isFoodSlot(venue) && today.some(({ category }) => category === venue.category)) felt -= m.sameCategoryAgain;
    return felt;
  }

  /** As the trip has changed them by then. */
  #personaOf({ dimensions, personas }: Hidden, { traveller, trip, day }: DecisionContext): Persona {
    const key = `${trip}/${day}`;
    let persona = personas.get(key);
    if (!persona) {
      const random = Random.of(this.#seed, `hidden-drift/${traveller.id}/${trip}`);
      const moved = DIMENSION_NAMES.map((name) => {
        return [name, clamp(dimensions[name] + HIDDEN_MODEL.drift * (day - 1) * random.normal())] as const;
      });
      persona = makePersona(Object.fromEntries(moved) as Dimensions, traveller.interests);
      personas.set(key, persona);
    }
    return persona;
  }
}

function drawn(random: Random): HiddenArchetype {
  return SEEN_KINDS[random.weighted(SEEN_KINDS.map(({ id }) => HIDDEN_MIX[id]!))]!;
}

function around(centre: Dimensions, sigma: number, random: Random): Dimensions {
  const noisy = DIMENSION_NAMES.map((name) => [name, clamp(centre[name] + sigma * random.normal())] as const);
  return Object.fromEntries(noisy) as Dimensions;
}

const alike = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const clamp = (x: number) => Math.min(1, Math.max(0, x));
