/**
 * How a shadow traveller decides: a logit on a utility of what can be known of traveller and venue, of what nobody
 * knows, and of what came before. `docs/shadow-population.md` describes it; these are its parameters.
 */
import { Random } from '../../core/experiment/random.ts';
import { partyFit } from '../../core/ranking/party-fit.ts';
import type { BudgetBand, DayPart, PartyKind } from '../../core/ranking/ranker.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { venueVector } from '../../core/venue/venue-vector.ts';
import type { Condition } from '../../core/weather/condition.ts';
import { categoryAffinity, type Family, familyOf, type ShadowPersona } from './persona.ts';

export const CHOICE_MODEL = {
  base: 0.55,
  /** Of the category's affinity, less a half. */
  affinity: 1.8,
  /** Of the cosine between what the traveller looks for and what the venue offers. */
  vibe: 2.2,
  /** Of localness (local less tourist score) times the local bias in [-1, 1]. */
  local: 1.3,
  /** A price level over what the budget is at ease with, at a cost sensitivity of a half. */
  price: 0.9,
  party: 0.5,
  /** Of the tourist score, to who cannot stand crowds. */
  crowds: 0.6,
  /** Hidden: how good the place is, one number a venue, of unit variance. */
  quality: 0.7,
  /** Hidden: whether the traveller is its kind of guest; the product of three hidden traits each. */
  style: 0.8,
  /** Sequence effects, all losses. */
  secondMuseum: 1.8,
  foodAfterFood: 1.3,
  sameCategoryAgain: 0.9,
  alreadyBeen: 1.6,
  /** Of the energy that a visit asks for beyond what is left. */
  fatigue: 3,
  /** Times the hidden appetite for variety and the share of the last six visits that were alike. */
  variety: 1.6,
  /** Times the exposure of the venue, in [0, 1]. */
  weather: { clear: -0.2, cloudy: 0, rain: 0.8, heavy_rain: 1.6, snow: 0.9, hot: 0.4 } satisfies Record<
    Condition,
    number
  >,
} as const;

const EASY_PRICE: Record<BudgetBand, number> = { low: 1, mid: 2, high: 4 };
const TRAITS = 3;
const REMEMBERED = 6;
const ACTIVE_TAGS: ReadonlySet<string> = new Set(['active', 'hike', 'cycling', 'swim', 'paddling', 'wild', 'sports']);
export const WEATHER_EXPOSURE = { outdoor: 1, mixed: 0.4, indoor: 0 } as const;

/** A venue, with what the model needs of it again and again. */
export interface ShadowVenue {
  /** In its city. */
  index: number;
  venue: Venue;
  vector: Float32Array;
  family: Family;
  /** Weather is noted with what happens there. */
  outdoorOrActive: boolean;
  /** Known to nobody: in no table, no log, no field of a venue. */
  hidden: { quality: number; style: Float64Array };
}

/** The hidden part follows from seed and venue alone. */
export function shadowVenue(seed: number, venue: Venue, index: number): ShadowVenue {
  const random = Random.of(seed, `venue/${venue.id}`);
  return {
    index,
    venue,
    vector: venueVector(venue),
    family: familyOf(venue.category),
    outdoorOrActive: venue.setting === 'outdoor' || venue.vibeTags.some((tag) => ACTIVE_TAGS.has(tag)),
    hidden: { quality: random.normal(), style: Float64Array.from({ length: TRAITS }, () => random.normal()) },
  };
}

/** A traveller as the model sees them. */
export interface Chooser extends ShadowPersona {
  hidden: { style: Float64Array; variety: number };
}

export function makeChooser(persona: ShadowPersona, random: Random): Chooser {
  return {
    ...persona,
    hidden: {
      style: Float64Array.from({ length: TRAITS }, () => random.normal()),
      // Some come back to what they liked.
      variety: 0.7 + 0.7 * random.normal(),
    },
  };
}

export interface Company {
  kind: PartyKind;
  size: number;
  budget: BudgetBand;
}

/** The parts that make up a utility, in logits; `known` is a function of persona and venue fields. */
export interface Taste {
  known: number;
  hidden: number;
}

export function taste(chooser: Chooser, { venue, vector, hidden }: ShadowVenue, company: Company): Taste {
  const { stored, persona } = chooser;
  const m = CHOICE_MODEL;
  const localness =
    venue.localScore === null || venue.touristScore === null ? 0 : venue.localScore - venue.touristScore;
  const over = Math.max(0, venue.priceLevel - EASY_PRICE[company.budget]);
  let style = 0;
  for (let i = 0; i < TRAITS; i++) style += chooser.hidden.style[i]! * hidden.style[i]!;
  return {
    known:
      m.base +
      m.affinity * (categoryAffinity(stored, venue.category) - 0.5) +
      m.vibe * dot(persona.retrieval, vector) +
      m.local * (2 * stored.local_vs_tourist_bias - 1) * localness -
      m.price * over * (0.4 + 1.2 * stored.cost_sensitivity) +
      m.party * Math.max(-1, Math.min(1, partyFit(venue, company))) -
      m.crowds * (1 - persona.dimensions.crowd_tolerance) * (venue.touristScore ?? 0),
    hidden: m.quality * hidden.quality + (m.style * style) / Math.sqrt(TRAITS),
  };
}

export interface SituationOfStop {
  dayPart: DayPart;
  tripDay: number;
  /** A meal is had here whatever came before. */
  isMeal: boolean;
  weather: Condition;
}

/** What of the trip so far bears on the next choice. */
export class Course {
  readonly #everBeen: ReadonlySet<string>;
  readonly #chooser: Chooser;
  #today: ShadowVenue[] = [];
  #recent: Family[] = [];
  #spent = 0;

  /** `everBeen`: venues of the traveller's earlier trips. */
  constructor(chooser: Chooser, everBeen: ReadonlySet<string>) {
    this.#chooser = chooser;
    this.#everBeen = everBeen;
  }

  beginDay(): void {
    this.#today = [];
    this.#spent = 0;
  }

  take(place: ShadowVenue): void {
    this.#today.push(place);
    this.#recent = [...this.#recent, place.family].slice(-REMEMBERED);
    this.#spent += place.venue.energy;
  }

  hasBeen(venueId: string): boolean {
    return this.#everBeen.has(venueId);
  }

  /** In logits, mostly below 0. */
  effect({ venue, family }: ShadowVenue, { dayPart, tripDay, isMeal, weather }: SituationOfStop): number {
    const m = CHOICE_MODEL;
    const last = this.#today.at(-1);
    let loss = 0;
    if (venue.category === 'museum' && this.#today.some((one) => one.venue.category === 'museum'))
      loss += m.secondMuseum;
    if (family === 'food' && last?.family === 'food' && !isMeal) loss += m.foodAfterFood;
    if (last && last.venue.category === venue.category && !isMeal) loss += m.sameCategoryAgain;
    if (this.hasBeen(venue.id)) loss += m.alreadyBeen;
    loss += m.fatigue * Math.max(0, venue.energy - this.#energyLeft(dayPart, tripDay));
    if (this.#recent.length > 0 && !isMeal) {
      const alike = this.#recent.filter((one) => one === family).length / this.#recent.length;
      loss += m.variety * this.#chooser.hidden.variety * alike;
    }
    return -loss - m.weather[weather] * WEATHER_EXPOSURE[venue.setting];
  }

  /** The arc of a day: mornings are strong, evenings depend on who one is, and every visit and every day takes its part. */
  #energyLeft(dayPart: DayPart, tripDay: number): number {
    const { social_energy, night_owl, pace_preference } = this.#chooser.persona.dimensions;
    const base =
      dayPart === 'morning' ? 0.75 : dayPart === 'afternoon' ? 0.7 : 0.4 + 0.5 * ((social_energy + night_owl) / 2);
    const days = 0.06 * Math.max(0, tripDay - 2);
    return base + 0.3 * (pace_preference - 0.5) - 0.07 * this.#spent - days;
  }
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
