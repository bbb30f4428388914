/**
 * What the pivot model is fed: an option as a row of numbers, beside the others of its pivot. The Worker and training read
 * these lines.
 */

import { travelBetween } from '../../core/itinerary/travel.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import { centred } from '../../core/persona/persona-vector.ts';
import { MOODS, type Mood, PIVOT_TRIGGERS, type PivotTrigger } from '../../core/pivot/pivot.ts';
import { exposureOf } from '../../core/pivot/weather-exposure.ts';
import { partyFit } from '../../core/ranking/party-fit.ts';
import { BUDGET_BANDS, type BudgetBand, DAY_PARTS, type DayPart, type PartyKind } from '../../core/ranking/ranker.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { dimensionProfile, retrievalVector, venueVector } from '../../core/venue/venue-vector.ts';
import { CATEGORIES, type VibeTag } from '../../core/venue/vocabulary.ts';
import { CONDITIONS, type Condition } from '../../core/weather/condition.ts';

/** When and for whom a pivot was asked for. Null: not known. */
export interface PivotMoment {
  trigger: PivotTrigger;
  mood: Mood | null;
  weather: Condition | null;
  dayPart: DayPart | null;
  /** From 1. */
  tripDay: number | null;
  partySize: number | null;
  partyKind: PartyKind | null;
  budget: BudgetBand | null;
  persona: { dimensions: Dimensions; interests: readonly VibeTag[] } | null;
  /** Milliseconds since the epoch. */
  askedAt: number;
}

/** One slot's change. */
export interface OptionChange {
  /** Null: no record of it. */
  from: Venue | null;
  /** `left_out`: nothing stands there any more. */
  to: Venue | 'left_out' | null;
  /** Of either venue, how it has been taken to so far (`VenueRates`). */
  fromRate: number | null;
  toRate: number | null;
  /** Milliseconds since the epoch. */
  startsAt: number;
  endsAt: number;
}

const DIMENSIONS_READ = [
  'pace_preference',
  'social_energy',
  'crowd_tolerance',
  'adventure',
  'cost_sensitivity',
] as const;

const NAMES = [
  ...PIVOT_TRIGGERS.map((trigger) => `trigger_${trigger}`),
  ...MOODS.map((mood) => `mood_${mood}`),
  ...CONDITIONS.map((condition) => `weather_${condition}`),
  ...DAY_PARTS.map((part) => `day_part_${part}`),
  'trip_day',
  'party_size',
  'budget',
  ...DIMENSIONS_READ.map((name) => `persona_${name}`),
  'options',
  'place',
  'changes',
  'replaced',
  'left_out',
  'starts_in_hours',
  'visit_hours',
  'travel_minutes',
  'same_category',
  'same_setting',
  ...[
    'fit',
    'profile_fit',
    'local_fit',
    'price_strain',
    'party_fit',
    'tourist',
    'energy',
    'exposed',
    'meal',
    'price',
    'rate',
  ].flatMap((name) => [name, `${name}_step`]),
  'fit_lead',
  'travel_lead',
  'rate_lead',
] as const;

/** `x_step`: how much more than of what stood there. `x_lead`: how much more than of the best other option. */
export const PIVOT_FEATURE_NAMES: readonly string[] = NAMES;
/** Part of the model's card: raise it when the numbers change. */
export const PIVOT_FEATURES_VERSION = 'pivot-features@1';

/** What the venue is to this traveller, each number NaN where it is not known. */
function venueFacts(
  venue: Venue | null,
  rate: number | null,
  moment: PivotMoment,
  looksFor: Float32Array | null,
): number[] {
  if (!venue) return new Array<number>(11).fill(Number.NaN);
  const { persona, partyKind, partySize } = moment;
  const local =
    venue.localScore === null || venue.touristScore === null ? Number.NaN : venue.localScore - venue.touristScore;
  const profile = dimensionProfile(venue);
  const wants = persona ? centred(persona.dimensions) : null;
  return [
    looksFor ? dot(looksFor, venueVector(venue)) : Number.NaN,
    wants ? wants.reduce((sum, want, i) => sum + want * profile[i]!, 0) / DIMENSION_NAMES.length : Number.NaN,
    persona ? (2 * persona.dimensions.local_vs_tourist_bias - 1) * local : Number.NaN,
    persona ? persona.dimensions.cost_sensitivity * venue.priceLevel : Number.NaN,
    partyKind ? partyFit(venue, { kind: partyKind, size: partySize ?? 1 }) : Number.NaN,
    venue.touristScore ?? Number.NaN,
    venue.energy,
    { none: 0, partly: 0.5, fully: 1 }[exposureOf(venue)],
    CATEGORIES[venue.category].meal ? 1 : 0,
    venue.priceLevel,
    known(rate),
  ];
}

/** One-hot; all unknown where the value is. */
function among<Value>(values: readonly Value[], value: Value | null): number[] {
  return values.map((one) => (value === null ? Number.NaN : one === value ? 1 : 0));
}

const known = (value: number | null) => value ?? Number.NaN;
const same = <Value>(a: Value | undefined, b: Value | undefined) =>
  a === undefined || b === undefined ? Number.NaN : a === b ? 1 : 0;

/**
 * A row an option, in their order.
 * @param options what is offered, best first; the changes of each in the order of the day, at least one
 * @returns each [PIVOT_FEATURE_NAMES.length]; NaN: not known
 */
export function pivotFeatures(moment: PivotMoment, options: readonly (readonly OptionChange[])[]): Float32Array[] {
  const { persona } = moment;
  const looksFor = persona && retrievalVector(centred(persona.dimensions), persona.interests);
  const told = [
    ...among(PIVOT_TRIGGERS, moment.trigger),
    ...MOODS.map((mood) => (mood === moment.mood ? 1 : 0)),
    ...among(CONDITIONS, moment.weather),
    ...among(DAY_PARTS, moment.dayPart),
    known(moment.tripDay),
    known(moment.partySize),
    moment.budget === null ? Number.NaN : BUDGET_BANDS.indexOf(moment.budget),
    ...DIMENSIONS_READ.map((name) => persona?.dimensions[name] ?? Number.NaN),
    options.length,
  ];
  const rows = options.map((changes, place) => {
    // What it is about: the first venue that it brings, else its first change.
    const main = changes.find(({ from, to }) => to !== 'left_out' && to?.id !== from?.id) ?? changes[0]!;
    const from = main.from;
    const to = main.to === 'left_out' ? null : main.to;
    const before = venueFacts(from, main.fromRate, moment, looksFor);
    const after = venueFacts(to, main.toRate, moment, looksFor);
    const minutes = from && to ? travelBetween(from.location, to.location).minutes : Number.NaN;
    return {
      fit: after[0]!,
      minutes,
      rate: known(main.toRate),
      values: [
        ...told,
        place,
        changes.length,
        changes.filter((one) => one.to !== 'left_out' && one.to?.id !== one.from?.id).length,
        changes.filter((one) => one.to === 'left_out').length,
        (main.startsAt - moment.askedAt) / 3_600_000,
        (main.endsAt - main.startsAt) / 3_600_000,
        minutes,
        same(from?.category, to?.category),
        same(from?.setting, to?.setting),
        ...after.flatMap((value, i) => [value, value - before[i]!]),
      ],
    };
  });
  return rows.map((row, i) =>
    Float32Array.from([
      ...row.values,
      lead(rows, i, ({ fit }) => fit),
      lead(rows, i, ({ minutes }) => minutes),
      lead(rows, i, ({ rate }) => rate),
    ]),
  );
}

/** More than the most of the others; NaN where there are none, or nothing is known. */
function lead<Row>(rows: readonly Row[], i: number, of: (row: Row) => number): number {
  const others = rows.flatMap((row, j) => (j === i || Number.isNaN(of(row)) ? [] : [of(row)]));
  return others.length > 0 ? of(rows[i]!) - Math.max(...others) : Number.NaN;
}
