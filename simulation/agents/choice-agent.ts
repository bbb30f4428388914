/**
 * The built-in persona agent: a random-utility model (McFadden 1974) with moods, fatigue, aversion to crowds, novelty, noise,
 * and a latent taste that no field of a venue encodes. Needs no key; `docs/simulation.md` describes it. What it knows of a
 * traveller beyond their record stays inside this file.
 *
 * A party decides by average without misery (Masthoff, "Group modeling: selecting a sequence of television items to suit a group
 * of viewers", User Modeling and User-Adapted Interaction 14, 2004, pp. 37-85, where people who choose for a group do so): what
 * a place is worth to it is the mean over its members, and a place that is under `misery` to any of them is out. It asks for
 * another plan by the same rule: on the mean of its members' pressures, or where one can stand it no more. Who travels alone is
 * a party of one, whom nobody overrules.
 */
import { Random } from '../../core/experiment/random.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { CHOICE_MODEL, type Chooser, sigmoid, taste, WEATHER_EXPOSURE } from '../shadow/choice-model.ts';
import { familyOf } from '../shadow/persona.ts';
import { ShadowPlaces } from '../shadow/shadow-places.ts';
import type { Companion } from './companions.ts';
import { type Decision, PIVOT_REASONS, type PivotReason } from './decision.ts';
import type { DecisionCase, DecisionContext, PersonaAgent } from './persona-agent.ts';
import { isFoodSlot } from './persona-state.ts';
import { CHOICE_MODEL_LINEAGE } from './settings.ts';
import type { SimTraveller } from './traveller.ts';

/** Cut-offs of seed 0, the same that the metrics use. */
const TOURIST_TRAP = 0.7;
const LOCAL_BIAS = 0.6;

/** In logits, but for what says otherwise. What is not here is in `CHOICE_MODEL`, which the shadow population shares. */
export const AGENT_MODEL = {
  version: 'choice-model@2',
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
  /**
   * Of a member of a party: a place worth so much less than the outside option is out (alone they would go along about one time
   * in eight), and pressure so far above `pivotAt` turns all round.
   */
  misery: { utility: 2, pressure: 1 },
} as const;

/** Anybody who has a taste. */
type Person = Pick<SimTraveller | Companion, 'id' | 'dimensions' | 'interests'>;

/** Of a party, in a slot. */
interface Member {
  person: Person;
  /** As they stand now. */
  dimensions: Dimensions;
  hidden: Hidden;
  /** Names the person's slot. */
  slot: string;
  /** What else there is to do; of a party, the first one's counts. */
  outside: number;
  moods: number[];
}

interface Hidden {
  /** As they set out, and by their dimensions as they were last seen. */
  chooser: Chooser;
  now: Chooser;
  crowds: number;
  novelty: number;
}

export class ChoiceModelAgent implements PersonaAgent {
  readonly label = AGENT_MODEL.version;
  readonly lineage = CHOICE_MODEL_LINEAGE;
  readonly #seed: number;
  readonly #known: number;
  readonly #latent: number;
  readonly #hidden = new WeakMap<Person, Hidden>();
  readonly #places: ShadowPlaces;

  /** @param latentShare of the variance of taste, in [0, 1) */
  constructor(seed: number, latentShare: number) {
    if (!(latentShare >= 0 && latentShare < 1)) throw new RangeError(`a latent share of ${latentShare}`);
    this.#seed = seed;
    this.#places = new ShadowPlaces(seed);
    this.#known = Math.sqrt(1 - latentShare);
    this.#latent = Math.sqrt(latentShare);
  }

  async decideAll(cases: readonly DecisionCase[]): Promise<Decision[]> {
    return cases.map((one) => this.decide(one));
  }

  decide({ context, candidates }: Pick<DecisionCase, 'context' | 'candidates'>): Decision {
    const party = this.#partyOf(context);
    const { reason, over } = this.#pressure(context, party, candidates[0]!);
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const [rank, venue] of candidates.entries()) {
      const felt = this.#worth(context, party, venue, AGENT_MODEL.outside.list) - AGENT_MODEL.attention * rank;
      if (felt > most) [best, most] = [rank, felt];
    }
    if (over > 0) return { decision: 'pivot', venueId: null, pivotReason: reason, confidence: sureness(over) };
    const margin = most - AGENT_MODEL.outside.list + party[0]!.outside;
    const confidence = sureness(Math.abs(margin));
    if (margin <= 0) return { decision: 'skip', venueId: null, pivotReason: null, confidence };
    const decision = margin > AGENT_MODEL.lingerAt ? 'linger' : 'accept';
    return { decision, venueId: candidates[best]!.id, pivotReason: null, confidence };
  }

  /** With the same moods and noise as `decide`, so that answers of two rankers can be told apart. */
  wouldTake(context: DecisionContext, venue: Venue): boolean {
    const party = this.#partyOf(context);
    if (this.#pressure(context, party, venue).over > 0) return false;
    const { alone } = AGENT_MODEL.outside;
    return this.#worth(context, party, venue, alone) - alone + party[0]!.outside > 0;
  }

  /** Who decides in this slot, the one who asks first, each with the noise of the slot. */
  #partyOf(context: DecisionContext): Member[] {
    const { traveller, state, companions = [] } = context;
    const member = (person: Person, dimensions: Dimensions): Member => {
      const slot = `${person.id}/${slotName(context)}`;
      const random = Random.of(this.#seed, `slot/${slot}`);
      const outside = AGENT_MODEL.slotNoise * random.normal();
      const moods = PIVOT_REASONS.map(() => AGENT_MODEL.pivotNoise * random.normal());
      return { person, dimensions, hidden: this.#hiddenOf(person), slot, outside, moods };
    };
    return [
      member(traveller, state.dimensions),
      ...companions.map((dimensions, i) => member(traveller.companions[i]!, dimensions)),
    ];
  }

  /** Of a venue to a party: the mean of its members' utilities; nothing where it is misery to one. */
  #worth(context: DecisionContext, party: readonly Member[], venue: Venue, outside: number): number {
    const least = party.length > 1 ? outside - AGENT_MODEL.misery.utility : Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const member of party) {
      const felt = this.#utility(context, member, venue);
      if (felt < least) return Number.NEGATIVE_INFINITY;
      sum += felt;
    }
    return sum / party.length;
  }

  /** Of a venue at a slot to one; the noise is the pair's own, whichever ranker brought it, and at whatever place. */
  #utility(context: DecisionContext, member: Member, venue: Venue): number {
    const { traveller, day, dayPart, weather } = context;
    const { dimensions, hidden } = member;
    const m = AGENT_MODEL;
    const place = this.#places.of(venue);
    const { known, hidden: latent } = taste(chooserNow(hidden, dimensions), place, {
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
    const noise = Random.of(this.#seed, `noise/${member.slot}/${venue.id}`);
    return felt + m.noise * noise.normal();
  }

  /** The strongest reason to ask for another plan, seen what stands first; they ask where `over` is above 0. */
  #pressure(context: DecisionContext, party: readonly Member[], top: Venue): { reason: PivotReason; over: number } {
    const { pivotAt, misery } = AGENT_MODEL;
    const felt = party.map((member) => this.#pressures(context, member, top));
    const mean = PIVOT_REASONS.map((_, i) => felt.reduce((sum, one) => sum + one[i]!, 0) / felt.length);
    let found = strongest(mean, pivotAt);
    if (party.length === 1) return found;
    for (const one of felt) {
      const alone = strongest(one, pivotAt + misery.pressure);
      if (alone.over > Math.max(0, found.over)) found = alone;
    }
    return found;
  }

  /** Of one, by reason. */
  #pressures(context: DecisionContext, { dimensions, hidden, moods }: Member, top: Venue): number[] {
    const { dayPart, weather, today } = context;
    const wet = CHOICE_MODEL.weather[weather] * WEATHER_EXPOSURE[top.setting];
    const hungry = dayPart !== 'morning' && !today.some(isFoodSlot) && !isFoodSlot(top);
    const pressures: Record<PivotReason, number> = {
      tired: 3 * Math.max(0, top.energy - energyLeft(context)),
      too_crowded: 1.6 * (1 - dimensions.crowd_tolerance) * Math.max(0.3, hidden.crowds) * (top.touristScore ?? 0),
      want_food: hungry ? 0.3 + dimensions.food_priority : 0,
      want_quiet: 1.8 * (1 - dimensions.social_energy) * Math.max(0, top.energy - 0.5),
      weather: Math.max(0, wet),
    };
    return PIVOT_REASONS.map((name, i) => (pressures[name] > 0 ? pressures[name] + moods[i]! : 0));
  }

  #hiddenOf(person: Person): Hidden {
    let hidden = this.#hidden.get(person);
    if (!hidden) {
      const random = Random.of(this.#seed, `hidden/${person.id}`);
      const style = Float64Array.from({ length: 3 }, () => random.normal());
      const variety = 0.7 + 0.7 * random.normal();
      const chooser: Chooser = {
        tags: {},
        stored: person.dimensions,
        persona: makePersona(person.dimensions, person.interests),
        hidden: { style, variety },
      };
      hidden = {
        chooser,
        now: chooser,
        crowds: 1 + 0.5 * random.normal(),
        novelty: random.normal(),
      };
      this.#hidden.set(person, hidden);
    }
    return hidden;
  }
}

/** What one looks for stays that of the first day; how much each thing counts moves with dimensions that never change themselves. */
function chooserNow(hidden: Hidden, dimensions: Dimensions): Chooser {
  if (hidden.now.stored !== dimensions) hidden.now = { ...hidden.chooser, stored: dimensions };
  return hidden.now;
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

function strongest(pressures: readonly number[], limit: number): { reason: PivotReason; over: number } {
  let most = 0;
  for (let i = 1; i < pressures.length; i++) if (pressures[i]! > pressures[most]!) most = i;
  return { reason: PIVOT_REASONS[most]!, over: pressures[most]! - limit };
}

const slotName = ({ trip, day, dayPart }: DecisionContext) => `${trip}/${day}/${dayPart}`;
/** In [0, 1): 0 where it might as well be the other way. */
const sureness = (margin: number) => 2 * sigmoid(margin) - 1;
