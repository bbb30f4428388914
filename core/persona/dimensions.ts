/** The named persona dimensions of `data/persona/dimensions.json`, the one list that every part reads. */
import data from '../../data/persona/dimensions.json' with { type: 'json' };

export const DIMENSION_NAMES = [
  'local_vs_tourist_bias',
  'pace_preference',
  'food_priority',
  'food_adventurousness',
  'social_energy',
  'crowd_tolerance',
  'culture',
  'nature',
  'adventure',
  'cost_sensitivity',
  'night_owl',
  'family_focus',
] as const;
export type DimensionName = (typeof DIMENSION_NAMES)[number];

/** Each in [0, 1]. */
export type Dimensions = Record<DimensionName, number>;

export interface DimensionEntry {
  name: DimensionName;
  /** What 0 and 1 mean. */
  zero: string;
  one: string;
  /** The value of a traveller of whom nothing is known. */
  neutral: number;
}

export const DIMENSIONS = data.dimensions as readonly DimensionEntry[];

export const NEUTRAL_DIMENSIONS = Object.fromEntries(DIMENSIONS.map((d) => [d.name, d.neutral])) as Dimensions;
