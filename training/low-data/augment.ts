/**
 * Variations of real sequences of decisions (seed 4, strategy 2): other places, the same intent. Each venue is replaced by a near
 * one of its city, moments and persona are jittered, whole weeks pass; order, day parts and every decision stay.
 */
import { v5 as uuidv5 } from 'uuid';
import { Random } from '../../core/experiment/random.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import type { Condition } from '../../core/weather/condition.ts';
import { byActor, type DecisionRow, isReal } from './decision-row.ts';
import { apart, learnedFrom } from './intent.ts';
import { type NearVenues, similarityOf } from './near-venues.ts';

export const AUGMENTATION = {
  version: 'augmentation@1',
  variations: 20,
  /** Standard deviation of the jitter of each dimension, the same for all rows of a variation. */
  persona: 0.03,
  /** Chance that the weather of a day turns to its neighbour's. */
  weather: 0.25,
  /** Later by up to so many whole weeks: the weekday stays. */
  weeks: 8,
  /** What is learned from a variation lies within this of what is learned from the original, or it is drawn again, so often. */
  intent: 0.05,
  draws: 5,
} as const;

export const DERIVED = 'real_user_derived';

const NEIGHBOUR: Record<Condition, Condition> = {
  clear: 'cloudy',
  cloudy: 'clear',
  rain: 'cloudy',
  heavy_rain: 'rain',
  snow: 'cloudy',
  hot: 'clear',
};

export interface Variation {
  /** The traveller that it was made from, and its number among theirs. */
  of: string;
  number: number;
  rows: DecisionRow[];
  /** Between what is learned from it and from the original, in [0, 1]. */
  apart: number;
  /** Shares of the rows whose place is another one, and whose category is the same; mean similarity of the places. */
  replaced: number;
  sameCategory: number;
  similarity: number;
}

export interface Augmented {
  variations: Variation[];
  /** Variations that never came near enough to the original's intent: they are not among `variations`. */
  leftOut: number;
  /** How far the originals lie apart from each other: the mean over pairs; null with fewer than two. */
  betweenTravellers: number | null;
  /** Share of the variations that lie nearer to their own original than to anybody else's; null with fewer than two. */
  nearestIsOwn: number | null;
}

/** Of the real rows alone: nothing is derived from what is synthetic or derived. The same rows and seed give the same variations. */
export function augment(
  rows: readonly DecisionRow[],
  near: NearVenues,
  seed: number,
  variations: number = AUGMENTATION.variations,
): Augmented {
  const originals = [...byActor(rows.filter(isReal))].map(([actor, own]) => ({
    actor,
    own,
    learned: learnedFrom(own),
  }));
  const made: Variation[] = [];
  let leftOut = 0;
  for (const { actor, own, learned } of originals) {
    for (let number = 1; number <= variations; number++) {
      const variation = faithful(actor, own, learned, near, seed, number);
      if (variation) made.push(variation);
      else leftOut++;
    }
  }
  const pairs = originals.flatMap(({ learned }, i) =>
    originals.slice(i + 1).map((other) => apart(learned, other.learned)),
  );
  const own = made.filter(({ of, rows, apart: toOwn }) => {
    const learned = learnedFrom(rows);
    return originals.every(({ actor, learned: other }) => actor === of || apart(learned, other) > toOwn);
  });
  return {
    variations: made,
    leftOut,
    betweenTravellers: pairs.length === 0 ? null : mean(pairs),
    nearestIsOwn: pairs.length === 0 || made.length === 0 ? null : own.length / made.length,
  };
}

function faithful(
  actor: string,
  own: readonly DecisionRow[],
  learned: Dimensions,
  near: NearVenues,
  seed: number,
  number: number,
): Variation | null {
  for (let draw = 0; draw < AUGMENTATION.draws; draw++) {
    const rows = varied(actor, own, near, Random.of(seed, `augment/${actor}/${number}/${draw}`), `${seed}/${number}`);
    const distance = apart(learnedFrom(rows), learned);
    if (distance > AUGMENTATION.intent) continue;
    const share = (holds: (row: DecisionRow, before: DecisionRow) => number) =>
      mean(rows.map((row, i) => holds(row, own[i]!)));
    return {
      of: actor,
      number,
      rows,
      apart: distance,
      replaced: share((row, before) => (row.venue.id === before.venue.id ? 0 : 1)),
      sameCategory: share((row, before) => (row.venue.category === before.venue.category ? 1 : 0)),
      similarity: share((row, before) => similarityOf(row.venue, before.venue)),
    };
  }
  return null;
}

function varied(
  actor: string,
  own: readonly DecisionRow[],
  near: NearVenues,
  random: Random,
  name: string,
): DecisionRow[] {
  const variant = derivedId(`${name}/${actor}`);
  const later = (1 + random.int(AUGMENTATION.weeks)) * 7 * 86_400_000;
  const moved = DIMENSION_NAMES.map(() => AUGMENTATION.persona * random.normal());
  const weather = new Map<string, boolean>();
  // A place that was decided on stays out: the original says already what becomes of it.
  const used = new Set(own.map(({ venue }) => venue.id));
  return own.map((row) => {
    const choices = near.of(row.city, row.venue).filter(({ venue }) => !used.has(venue.id));
    const venue =
      choices.length > 0
        ? choices[random.weighted(choices.map(({ similarity }) => similarity ** 4))]!.venue
        : row.venue;
    used.add(venue.id);
    const day = `${row.trip}/${row.tripDay}`;
    if (!weather.has(day)) weather.set(day, random.chance(AUGMENTATION.weather));
    const { dimensions, interests } = row.persona;
    return {
      ...row,
      id: derivedId(`${name}/${row.id}`),
      actor: variant,
      trip: derivedId(`${name}/${row.trip}`),
      at: row.at + later,
      venue,
      weather: row.weather && weather.get(day) ? NEIGHBOUR[row.weather] : row.weather,
      persona: { dimensions: shifted(dimensions, moved), interests },
      source: DERIVED,
      derivedFrom: { row: row.id, actor },
    };
  });
}

function shifted(dimensions: Dimensions, moved: readonly number[]): Dimensions {
  const entries = DIMENSION_NAMES.map((name, i) => [name, clamp(dimensions[name] + moved[i]!)] as const);
  return Object.fromEntries(entries) as Dimensions;
}

const NAMESPACE = '0b6a8a52-64d7-5a0f-9a53-6f1b7ad3c0d4';
const derivedId = (name: string) => uuidv5(`${DERIVED}/${name}`, NAMESPACE);
const clamp = (x: number) => Math.min(1, Math.max(0, x));
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
