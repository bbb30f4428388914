/** From an archetype to a traveller: onboarding tags, and eight dimensions with a jitter that is kept. */

import type { Random } from '../../core/experiment/random.ts';
import type { DimensionName, Dimensions } from '../../core/persona/dimensions.ts';
import { dimensionsFromTags, interestsFromTags, type OnboardingTags } from '../../core/persona/onboarding.ts';
import { makePersona, type Persona } from '../../core/persona/persona.ts';
import type { Category } from '../../core/venue/vocabulary.ts';
import type { AxisValues } from './axes.ts';

/** Around the archetype, evenly. */
export const JITTER = 0.05;

/**
 * The dimensions that are jittered, and stored as they come out, in `persona_dimensions`: affinities to categories are a
 * function of these alone, so nothing is lost. The other four of the list are those of the onboarding tags.
 */
export const STORED_DIMENSIONS = [
  'local_vs_tourist_bias',
  'food_priority',
  'social_energy',
  'culture',
  'nature',
  'adventure',
  'cost_sensitivity',
  'night_owl',
] as const satisfies readonly DimensionName[];
export type StoredDimension = (typeof STORED_DIMENSIONS)[number];

const FOCUS_TAGS: Record<AxisValues['focus'], OnboardingTags> = {
  food: { food: ['foodie'] },
  culture: { interests: ['art', 'history', 'museums'] },
  nature: { interests: ['gardens', 'nature', 'views'], rhythm: ['early_bird'] },
  nightlife: { nightlife: ['cocktails', 'live_music'], atmosphere: ['lively'], rhythm: ['night_owl'] },
  adventure: { interests: ['outdoors', 'sports'], adventure: ['bold'] },
};
/** Of which each traveller picks one or two: what tells two of an archetype apart besides the jitter. */
const TASTES: Record<AxisValues['focus'], { group: string; tags: readonly string[] }> = {
  food: {
    group: 'food',
    tags: ['street_food', 'noodles', 'seafood', 'japanese', 'mexican', 'pastry', 'coffee', 'italian'],
  },
  culture: { group: 'interests', tags: ['architecture', 'books', 'film', 'design', 'crafts', 'spiritual', 'science'] },
  nature: { group: 'interests', tags: ['hiking', 'water', 'photography', 'animals', 'wellness'] },
  nightlife: { group: 'nightlife', tags: ['craft_beer', 'dancing', 'dive_bars', 'wine', 'sake', 'mezcal', 'karaoke'] },
  adventure: { group: 'interests', tags: ['hiking', 'cycling', 'water', 'games', 'street_art'] },
};
const PACE_TAGS = { leisurely: 'slow', moderate: 'moderate', packed: 'fast' } as const;
const COMPANY_TAGS = { solo: 'solo', couple: 'couple', friends: 'friends', family: 'children' } as const;
const COMPASS_TAGS = { landmarks: 'landmarks', local: 'local_first' } as const;

/** In the form in which tags are stored, each list sorted. */
export function archetypeTags({ focus, pace, budget, company, compass }: AxisValues): OnboardingTags {
  return {
    ...FOCUS_TAGS[focus],
    pace: [PACE_TAGS[pace]],
    budget: [budget],
    company: [COMPANY_TAGS[company]],
    locals: [COMPASS_TAGS[compass]],
  };
}

/** What an archetype likes before any jitter. */
export function archetypeDimensions(values: AxisValues): Pick<Dimensions, StoredDimension> {
  const dimensions = dimensionsFromTags(archetypeTags(values));
  return Object.fromEntries(STORED_DIMENSIONS.map((name) => [name, clamp(dimensions[name])])) as Pick<
    Dimensions,
    StoredDimension
  >;
}

export interface ShadowPersona {
  tags: OnboardingTags;
  /** As stored: with the jitter, 4 decimals. */
  stored: Pick<Dimensions, StoredDimension>;
  persona: Persona;
}

export function shadowPersona(values: AxisValues, random: Random): ShadowPersona {
  const { group, tags: choices } = TASTES[values.focus];
  const wanted = random.shuffle([...choices]).slice(0, 1 + random.int(2));
  const base = archetypeTags(values);
  const tags = { ...base, [group]: [...(base[group] ?? []), ...wanted].sort() };
  const archetype = archetypeDimensions(values);
  const stored = Object.fromEntries(
    STORED_DIMENSIONS.map((name) => [name, clamp(round4(archetype[name] + JITTER * (2 * random.uniform() - 1)))]),
  ) as Pick<Dimensions, StoredDimension>;
  const dimensions = { ...dimensionsFromTags(tags), ...stored };
  return { tags, stored, persona: makePersona(dimensions, interestsFromTags(tags)) };
}

/** What a category is, to an appetite; each family hangs on one stored dimension. */
export const FAMILIES = ['food', 'nightlife', 'culture', 'nature', 'active', 'browsing'] as const;
export type Family = (typeof FAMILIES)[number];

const FAMILY_DIMENSION: Record<Family, StoredDimension> = {
  food: 'food_priority',
  nightlife: 'night_owl',
  culture: 'culture',
  nature: 'nature',
  active: 'adventure',
  browsing: 'social_energy',
};

const FAMILY: Record<string, Family> = {
  bar: 'nightlife',
  wine_bar: 'nightlife',
  brewery: 'nightlife',
  nightclub: 'nightlife',
  music_venue: 'nightlife',
  museum: 'culture',
  gallery: 'culture',
  landmark: 'culture',
  place_of_worship: 'culture',
  theatre: 'culture',
  cinema: 'culture',
  library: 'culture',
  bookshop: 'culture',
  park: 'nature',
  garden: 'nature',
  beach: 'nature',
  viewpoint: 'nature',
  trail: 'active',
  activity: 'active',
  sports_venue: 'active',
  games: 'active',
  zoo_aquarium: 'nature',
  market: 'browsing',
  shop: 'browsing',
  record_shop: 'browsing',
  neighbourhood_walk: 'browsing',
  bathhouse: 'browsing',
};

export function familyOf(category: Category): Family {
  return FAMILY[category] ?? 'food';
}

/** In [0, 1]. */
export function categoryAffinity(stored: Pick<Dimensions, StoredDimension>, category: Category): number {
  return stored[FAMILY_DIMENSION[familyOf(category)]];
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));
const round4 = (x: number) => Math.round(x * 1e4) / 1e4;
