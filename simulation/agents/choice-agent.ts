/**
 * The built-in persona agent: a random-utility model (McFadden 1974) with moods, fatigue, aversion to crowds, novelty, noise,
 * and a latent taste that no field of a venue encodes. Needs no key; `docs/simulation.md` describes it. What it knows of a
 * traveller beyond their record stays inside this file.
 */
import { Random } from '../../core/experiment/random.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { Venue } from '../../core/venue/venue.ts';
import {
  CHOICE_MODEL,
  type Chooser,
  type ShadowVenue,
  shadowVenue,
  sigmoid,
  taste,
  WEATHER_EXPOSURE,
} from '../shadow/choice-model.ts';
import { familyOf } from '../shadow/persona.ts';
import { type Decision, PIVOT_REASONS, type PivotReason } from './decision.ts';
import type { DecisionCase, DecisionContext, PersonaAgent } from './persona-agent.ts';
import { isFoodSlot, type PersonaState } from './persona-state.ts';
import { CHOICE_MODEL_LINEAGE } from './settings.ts';
import type { SimTraveller } from './traveller.ts';

/** Cut-offs of seed 0, the same that the metrics use. */
const TOURIST_TRAP = 0.7;
const LOCAL_BIAS = 0.6;

/** In logits, but for what says otherwise. What is not here is in `CHOICE_MODEL`, which the shadow population shares. */
export const AGENT_MODEL = {
  version: 'choice-model@1',
  /** Standard deviation of the taste that is split into known and latent. */
  tasteDeviation: 1,
  /** What the best of a list has to be worth, and what is offered alone: there is always something else to do. */
  outside: { list: 1.2, alone: 0.3 },
  /** Standard deviation of the noise of each venue, and of the slot. */
  noise: 0.6,
  slotNoise: 0.5,
  /** Lost with each place further down the list. */
  attention: 0.2,
  /** Times (2 social - 1)(2 energy - 1); the evening's weighs more (seed 0). */
  social: { day: 0.25, evening: 0.8 },
  /** Tourist traps, where local bias is above 0.6 (seed 0). */
  trap: 1.2,
  /** From the third day on, options of low energy are 20% likelier (seed 0): of the odds. */
  lowEnergyOdds: 1.2,
  lowEnergy: 0.4,
  fatigueFromDay: 3,
  /** Of the energy that a visit asks for beyond what is left; each visit of the day takes a share of its own. */
  fatigue: 2.5,
  visitCost: 0.25,
  /** Times a hidden aversion (mean 1) and the tourist score. */
  crowds: 0.4,
  /** Times a hidden appetite (mean 0) and how little known a place is. */
  novelty: 0.5,
  /** Pressure at which one asks for another plan, and its noise. */
  pivotAt: 1.9,
  pivotNoise: 0.6,
  /** Utility above the outside option from which one stays on. */
  lingerAt: 2.2,
} as const;

interface Hidden {
  chooser: Chooser;
  crowds: number;
  novelty: number;
}

export class ChoiceModelAgent implements PersonaAgent {
  readonly label = AGENT_MODEL.version;
  readonly lineage = CHOICE_MODEL_LINEAGE;
  readonly #seed: number;
  readonly #known: number;
  readonly #latent: number;
  readonly #hidden = new WeakMap<SimTraveller, Hidden>();
  readonly #tastes = new WeakMap<PersonaState['dimensions'], Chooser>();
  readonly #places = new WeakMap<Venue, ShadowVenue>();

  /** @param latentShare of the variance of taste, in [0, 1) */
  constructor(seed: number, latentShare: number) {
    if (!(latentShare >= 0 && latentShare < 1)) throw new RangeError(`a latent share of ${latentShare}`);
    this.#seed = seed;
    this.#known = Math.sqrt(1 - latentShare);
    this.#latent = Math.sqrt(latentShare);
  }

  async decideAll(cases: readonly DecisionCase[]): Promise<Decision[]> {
    return cases.map((one) => this.decide(one));
  }

  decide({ context, candidates }: Pick<DecisionCase, 'context' | 'candidates'>): Decision {
    const slot = this.#slotNoise(context);
    const top = candidates[0]!;
    const { reason, pressure } = this.#pressure(context, top, slot.moods);
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const [rank, venue] of candidates.entries()) {
      const felt = this.#utility(context, venue) - AGENT_MODEL.attention * rank;
      if (felt > most) [best, most] = [rank, felt];
    }
    if (pressure > AGENT_MODEL.pivotAt) {
      const confidence = sureness(pressure - AGENT_MODEL.pivotAt);
      return { decision: 'pivot', venueId: null, pivotReason: reason, confidence };
    }
    const margin = most - AGENT_MODEL.outside.list + slot.outside;
    const confidence = sureness(Math.abs(margin));
    if (margin <= 0) return { decision: 'skip', venueId: null, pivotReason: null, confidence };
    const decision = margin > AGENT_MODEL.lingerAt ? 'linger' : 'accept';
    return { decision, venueId: candidates[best]!.id, pivotReason: null, confidence };
  }

  /** With the same moods and noise as `decide`, so that answers of two rankers can be told apart. */
  wouldTake(context: DecisionContext, venue: Venue): boolean {
    const slot = this.#slotNoise(context);
    if (this.#pressure(context, venue, slot.moods).pressure > AGENT_MODEL.pivotAt) return false;
    return this.#utility(context, venue) - AGENT_MODEL.outside.alone + slot.outside > 0;
  }

  #slotNoise(context: DecisionContext): { outside: number; moods: number[] } {
    const random = Random.of(this.#seed, `slot/${slotName(context)}`);
    return {
      outside: AGENT_MODEL.slotNoise * random.normal(),
      moods: PIVOT_REASONS.map(() => AGENT_MODEL.pivotNoise * random.normal()),
    };
  }

  /** Of a venue at a slot; the noise is the pair's own, whichever ranker brought it, and at whatever place. */
  #utility(context: DecisionContext, venue: Venue): number {
    const { traveller, state, day, dayPart, weather } = context;
    const { dimensions } = state;
    const m = AGENT_MODEL;
    const place = this.#place(venue);
    const hidden = this.#hiddenOf(traveller);
    const { known, hidden: latent } = taste(this.#chooser(traveller, state), place, {
      ...traveller.party,
      budget: traveller.budget,
    });
    const tourist = venue.touristScore ?? 0.3;
    let felt =
      CHOICE_MODEL.base +
      this.#known * (known - CHOICE_MODEL.base) +
      (this.#latent * m.tasteDeviation * latent) / LATENT_DEVIATION;
    const social = dayPart === 'evening' ? m.social.evening : m.social.day;
    felt += social * (2 * dimensions.social_energy - 1) * (2 * venue.energy - 1);
    if (dimensions.local_vs_tourist_bias > LOCAL_BIAS && tourist > TOURIST_TRAP) felt -= m.trap;
    if (day >= m.fatigueFromDay && venue.energy <= m.lowEnergy) felt += Math.log(m.lowEnergyOdds);
    felt -= m.fatigue * Math.max(0, venue.energy - energyLeft(context));
    felt -= m.crowds * hidden.crowds * tourist;
    felt += m.novelty * hidden.novelty * (0.5 - tourist);
    felt -= CHOICE_MODEL.weather[weather] * WEATHER_EXPOSURE[venue.setting];
    felt -= sequenceLoss(context, venue, hidden.chooser.hidden.variety);
    const noise = Random.of(this.#seed, `noise/${slotName(context)}/${venue.id}`);
    return felt + m.noise * noise.normal();
  }

  /** The strongest reason to ask for another plan, seen what stands first. */
  #pressure(context: DecisionContext, top: Venue, moods: readonly number[]): { reason: PivotReason; pressure: number } {
    const { traveller, state, dayPart, weather, today } = context;
    const { dimensions } = state;
    const hidden = this.#hiddenOf(traveller);
    const wet = CHOICE_MODEL.weather[weather] * WEATHER_EXPOSURE[top.setting];
    const hungry = dayPart !== 'morning' && !today.some(isFoodSlot) && !isFoodSlot(top);
    const pressures: Record<PivotReason, number> = {
      tired: 3 * Math.max(0, top.energy - energyLeft(context)),
      too_crowded: 1.6 * (1 - dimensions.crowd_tolerance) * Math.max(0.3, hidden.crowds) * (top.touristScore ?? 0),
      want_food: hungry ? 0.3 + dimensions.food_priority : 0,
      want_quiet: 1.8 * (1 - dimensions.social_energy) * Math.max(0, top.energy - 0.5),
      weather: Math.max(0, wet),
    };
    let reason: PivotReason = 'tired';
    let pressure = Number.NEGATIVE_INFINITY;
    for (const [i, name] of PIVOT_REASONS.entries()) {
      const felt = pressures[name] > 0 ? pressures[name] + moods[i]! : 0;
      if (felt > pressure) [reason, pressure] = [name, felt];
    }
    return { reason, pressure };
  }

  #hiddenOf(traveller: SimTraveller): Hidden {
    let hidden = this.#hidden.get(traveller);
    if (!hidden) {
      const random = Random.of(this.#seed, `hidden/${traveller.id}`);
      const style = Float64Array.from({ length: 3 }, () => random.normal());
      const variety = 0.7 + 0.7 * random.normal();
      hidden = {
        chooser: {
          tags: {},
          stored: traveller.dimensions,
          persona: makePersona(traveller.dimensions, traveller.interests),
          hidden: { style, variety },
        },
        crowds: 1 + 0.5 * random.normal(),
        novelty: random.normal(),
      };
      this.#hidden.set(traveller, hidden);
    }
    return hidden;
  }

  /** By the dimensions as they are now: objects that never change. */
  #chooser(traveller: SimTraveller, { dimensions }: PersonaState): Chooser {
    let chooser = this.#tastes.get(dimensions);
    if (!chooser) {
      // What one looks for stays that of the first day; how much each thing counts moves.
      chooser = { ...this.#hiddenOf(traveller).chooser, stored: dimensions };
      this.#tastes.set(dimensions, chooser);
    }
    return chooser;
  }

  #place(venue: Venue): ShadowVenue {
    let place = this.#places.get(venue);
    if (!place) {
      place = shadowVenue(this.#seed, venue, 0);
      this.#places.set(venue, place);
    }
    return place;
  }
}

/** Of quality and style together, as `taste` weighs them. */
const LATENT_DEVIATION = Math.hypot(CHOICE_MODEL.quality, CHOICE_MODEL.style);

/** What the trip and the visits of the day leave, in [0, 1]. */
export function energyLeft({ state, today }: Pick<DecisionContext, 'state' | 'today'>): number {
  const spent = today.reduce((sum, { energy }) => sum + energy, 0);
  return Math.max(0, state.energy - AGENT_MODEL.visitCost * spent);
}

/** What was had already pleases less. */
function sequenceLoss({ today, visited }: DecisionContext, venue: Venue, variety: number): number {
  const m = CHOICE_MODEL;
  const last = today.at(-1);
  let loss = 0;
  if (venue.category === 'museum' && today.some(({ category }) => category === 'museum')) loss += m.secondMuseum;
  if (last && last.category === venue.category) loss += m.sameCategoryAgain;
  const recent = visited.slice(-6);
  if (recent.length > 0 && !isFoodSlot(venue)) {
    const family = familyOf(venue.category);
    loss += (m.variety * variety * recent.filter((one) => familyOf(one.category) === family).length) / recent.length;
  }
  return loss;
}

const slotName = ({ traveller, trip, day, dayPart }: DecisionContext) => `${traveller.id}/${trip}/${day}/${dayPart}`;
/** In [0, 1): 0 where it might as well be the other way. */
const sureness = (margin: number) => 2 * sigmoid(margin) - 1;
