/** A venue as 64 numbers: what it offers to each persona dimension, then its themes. Trained item towers take its place later. */
import { DIMENSION_NAMES, type DimensionName } from '../persona/dimensions.ts';
import { unitLength } from './unit-vector.ts';
import type { Venue } from './venue.ts';
import { CATEGORIES, VIBE_TAG_NAMES, VIBE_TAGS, type VibeTag } from './vocabulary.ts';

export const VENUE_VECTOR_LENGTH = 64;
export const VENUE_VECTOR_VERSION = 'venue-themes@1';

/** Weight of the themes against the dimensions. */
const THEME_WEIGHT = 0.9;

/**
 * Weight of each dimension against the others: pace and rhythm shape the day more than the choice of a place, and what
 * one travels for counts most.
 */
const DIMENSION_WEIGHTS: Partial<Record<DimensionName, number>> = {
  pace_preference: 0.3,
  night_owl: 0.6,
  crowd_tolerance: 0.6,
  adventure: 0.8,
  culture: 1.3,
  nature: 1.3,
};
const WEIGHTS = Float64Array.from(DIMENSION_NAMES, (name) => DIMENSION_WEIGHTS[name] ?? 1);

/** What categories and tags speak for, as arrays in the order of the dimensions. */
function loadsOf<Name extends string>(entries: Readonly<Record<Name, { loads: Record<string, number> }>>) {
  const names = Object.keys(entries) as Name[];
  const loads = names.map((name) => [name, Float64Array.from(DIMENSION_NAMES, (d) => entries[name].loads[d] ?? 0)]);
  return Object.fromEntries(loads) as Record<Name, Float64Array>;
}
const CATEGORY_LOADS = loadsOf(CATEGORIES);
const TAG_LOADS = loadsOf(VIBE_TAGS);
const PRICE = DIMENSION_NAMES.indexOf('cost_sensitivity');
const LOCALNESS = DIMENSION_NAMES.indexOf('local_vs_tourist_bias');

/** Each theme ("noodles", "art", ...) has a coordinate of its own; tags that one looks for together share one. */
const THEMES = [...new Set(VIBE_TAG_NAMES.flatMap((tag) => VIBE_TAGS[tag].axis ?? []))];
const COORDINATE = new Map(
  VIBE_TAG_NAMES.flatMap((tag): [VibeTag, number][] => {
    const { axis } = VIBE_TAGS[tag];
    return axis === null ? [] : [[tag, DIMENSION_NAMES.length + THEMES.indexOf(axis)]];
  }),
);
if (DIMENSION_NAMES.length + THEMES.length > VENUE_VECTOR_LENGTH) {
  throw new RangeError(`${THEMES.length} themes do not fit into ${VENUE_VECTOR_LENGTH} numbers`);
}

/** Writes the themes of some tags, together `THEME_WEIGHT` long, behind the dimensions of a venue-space vector. */
function addThemes(vector: Float64Array, tags: readonly VibeTag[]): void {
  let themes = 0;
  for (const tag of tags) {
    const i = COORDINATE.get(tag);
    if (i === undefined || vector[i] !== 0) continue;
    vector[i] = THEME_WEIGHT;
    themes++;
  }
  const scale = 1 / Math.sqrt(themes);
  for (let i = DIMENSION_NAMES.length; themes > 0 && i < vector.length; i++) vector[i]! *= scale;
}

type Described = Pick<Venue, 'category' | 'vibeTags' | 'priceLevel' | 'touristScore' | 'localScore'>;

/**
 * What a venue offers to each persona dimension, in [-1, 1], in the order of `DIMENSION_NAMES`: the sum of what its
 * category and tags speak for, bounded, with local-against-tourist mentions and price level where they are known.
 */
export function dimensionProfile(venue: Described): Float64Array {
  const profile = Float64Array.from(CATEGORY_LOADS[venue.category]);
  for (const tag of venue.vibeTags) {
    const loads = TAG_LOADS[tag];
    for (let i = 0; i < profile.length; i++) profile[i]! += loads[i]!;
  }
  profile[PRICE]! += (1.5 - venue.priceLevel) / 2.5;
  if (venue.touristScore !== null && venue.localScore !== null) {
    profile[LOCALNESS]! += 1.5 * (venue.localScore - venue.touristScore);
  }
  // x / (1 + |x|): bounded, monotone and exact on every machine.
  for (let i = 0; i < profile.length; i++) profile[i]! /= 1 + Math.abs(profile[i]!);
  return profile;
}

function inVenueSpace(dimensions: ArrayLike<number>, tags: readonly VibeTag[]): Float32Array {
  const vector = new Float64Array(VENUE_VECTOR_LENGTH);
  for (let i = 0; i < dimensions.length; i++) vector[i] = dimensions[i]! * WEIGHTS[i]!;
  addThemes(vector, tags);
  return unitLength(vector);
}

/** 64 numbers of unit length. */
export function venueVector(venue: Described): Float32Array {
  return inVenueSpace(dimensionProfile(venue), venue.vibeTags);
}

/** A traveller as a point of the same space: the nearest venues are the candidates. */
export function retrievalVector(centredDimensions: readonly number[], interests: readonly VibeTag[]): Float32Array {
  return inVenueSpace(centredDimensions, interests);
}
