/** A decision as numbers: persona, venue, moment, and what the traveller has decided before. Nothing of it is the outcome. */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { centred } from '../../core/persona/persona-vector.ts';
import { partyFit } from '../../core/ranking/party-fit.ts';
import { BUDGET_BANDS, DAY_PARTS } from '../../core/ranking/ranker.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { dimensionProfile, retrievalVector, venueVector } from '../../core/venue/venue-vector.ts';
import { CATEGORIES } from '../../core/venue/vocabulary.ts';
import type { Condition } from '../../core/weather/condition.ts';
import { type FeatureTable, featureTable } from '../trees/feature-table.ts';
import { byActor, type DecisionRow, type OpenCase } from './decision-row.ts';

const WETNESS: Record<Condition, number> = { clear: 0, cloudy: 0.2, hot: 0.4, snow: 0.7, rain: 0.7, heavy_rain: 1 };
const EXPOSURE = { outdoor: 1, mixed: 0.4, indoor: 0 } as const;

/** Raise it when the numbers change. */
export const DECISION_FEATURES_VERSION = 'decision-features@1';

export const DECISION_FEATURE_NAMES: readonly string[] = [
  ...DIMENSION_NAMES.map((name) => `persona_${name}`),
  ...DIMENSION_NAMES.map((name) => `offers_${name}`),
  ...['price', 'tourist', 'local', 'localness', 'energy', 'visit_hours', 'exposure', 'meal', 'overrated'],
  ...['fit', 'profile_fit', 'local_fit', 'price_strain', 'party_fit', 'crowd_strain'],
  ...['trip_day', 'day_part', 'wet', 'party_size', 'budget'],
  ...['decided', 'taken_share', 'taken_share_of_category', 'likeness', 'visits_today', 'category_today'],
];

interface SeenVenue {
  vector: Float32Array;
  profile: Float64Array;
}

const seenVenues = new WeakMap<Venue, SeenVenue>();

/** Made once: venue records never change. */
export function seenVenue(venue: Venue): SeenVenue {
  let seen = seenVenues.get(venue);
  if (!seen) {
    seen = { vector: venueVector(venue), profile: dimensionProfile(venue) };
    seenVenues.set(venue, seen);
  }
  return seen;
}

/** What an actor's decisions so far say. */
class History {
  decided = 0;
  #taken = 0;
  readonly #ofCategory = new Map<string, { n: number; taken: number }>();
  readonly #liked = new Float64Array(64);
  readonly #refused = new Float64Array(64);
  #day = '';
  #today: Venue[] = [];

  numbers({ venue, trip, tripDay }: OpenCase): number[] {
    const { n, taken } = this.#ofCategory.get(venue.category) ?? { n: 0, taken: 0 };
    const today = this.#day === `${trip}/${tripDay}` ? this.#today : [];
    const { vector } = seenVenue(venue);
    const refused = this.decided - this.#taken;
    let likeness = 0;
    for (let i = 0; i < vector.length; i++) {
      const lean = this.#liked[i]! / Math.max(1, this.#taken) - this.#refused[i]! / Math.max(1, refused);
      likeness += vector[i]! * lean;
    }
    return [
      this.decided,
      shrunk(this.#taken, this.decided),
      shrunk(taken, n),
      this.#taken > 0 && refused > 0 ? likeness : Number.NaN,
      today.length,
      today.filter(({ category }) => category === venue.category).length,
    ];
  }

  add({ venue, trip, tripDay, accepted }: DecisionRow): void {
    const { vector } = seenVenue(venue);
    const sum = accepted ? this.#liked : this.#refused;
    for (let i = 0; i < vector.length; i++) sum[i]! += vector[i]!;
    const of = this.#ofCategory.get(venue.category) ?? { n: 0, taken: 0 };
    this.#ofCategory.set(venue.category, { n: of.n + 1, taken: of.taken + (accepted ? 1 : 0) });
    this.decided++;
    const day = `${trip}/${tripDay}`;
    if (day !== this.#day) [this.#day, this.#today] = [day, []];
    if (!accepted) return;
    this.#taken++;
    this.#today.push(venue);
  }
}

/** Drawn toward a half as by two decisions. */
const shrunk = (taken: number, n: number) => (taken + 1) / (n + 2);

export interface DecisionTable<Row> {
  /** Actors in the order of their first row, each in order of time. */
  rows: readonly Row[];
  /** Decisions of the actor before each row. */
  before: Int32Array;
  features: FeatureTable;
}

/** Each row after what its actor had decided before it. */
export function decisionTable(rows: readonly DecisionRow[]): DecisionTable<DecisionRow> {
  const ordered: DecisionRow[] = [];
  const before: number[] = [];
  const numbers: Float32Array[] = [];
  for (const own of byActor(rows).values()) {
    const history = new History();
    for (const row of own) {
      ordered.push(row);
      before.push(history.decided);
      numbers.push(caseNumbers(row, history));
      history.add(row);
    }
  }
  return {
    rows: ordered,
    before: Int32Array.from(before),
    features: featureTable(DECISION_FEATURE_NAMES, numbers),
  };
}

/** Cases in their order, each after what its actor had decided before it. */
export function caseTable(cases: readonly OpenCase[], decided: readonly DecisionRow[]): FeatureTable {
  const past = byActor(decided);
  const numbers = cases.map((one) => {
    const history = new History();
    for (const row of past.get(one.actor) ?? []) if (row.at < one.at) history.add(row);
    return caseNumbers(one, history);
  });
  return featureTable(DECISION_FEATURE_NAMES, numbers);
}

function caseNumbers(one: OpenCase, history: History): Float32Array {
  const { venue, persona, party, budget, weather, dayPart, tripDay } = one;
  const { dimensions, interests } = persona;
  const { vector, profile } = seenVenue(venue);
  const wants = centred(dimensions);
  const { touristScore, localScore } = venue;
  const localness = touristScore === null || localScore === null ? Number.NaN : localScore - touristScore;
  const exposure = EXPOSURE[venue.setting];
  return Float32Array.from([
    ...DIMENSION_NAMES.map((name) => dimensions[name]),
    ...profile,
    venue.priceLevel,
    touristScore ?? Number.NaN,
    localScore ?? Number.NaN,
    localness,
    venue.energy,
    venue.visitMinutes / 60,
    exposure,
    CATEGORIES[venue.category].meal ? 1 : 0,
    venue.overrated ? 1 : 0,
    dot(retrievalVector(wants, interests), vector),
    wants.reduce((sum, want, i) => sum + want * profile[i]!, 0) / wants.length,
    (2 * dimensions.local_vs_tourist_bias - 1) * localness,
    dimensions.cost_sensitivity * venue.priceLevel,
    party ? partyFit(venue, party) : Number.NaN,
    (1 - dimensions.crowd_tolerance) * (touristScore ?? Number.NaN),
    tripDay,
    DAY_PARTS.indexOf(dayPart),
    weather ? WETNESS[weather] * exposure : Number.NaN,
    party?.size ?? Number.NaN,
    budget ? BUDGET_BANDS.indexOf(budget) : Number.NaN,
    ...history.numbers(one),
  ]);
}
