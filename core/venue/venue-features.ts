/** A venue as the models see it: everything that its record says, as numbers. No id is among them. */
import { type Location, SETTINGS, type Venue } from './venue.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from './vocabulary.ts';

const PRICE_LEVELS = 5;
const SCORES = ['touristScore', 'localScore', 'crossRefConfidence'] as const;
const ROOM_FOR_TAGS = 160;
const ROOM_FOR_CATEGORIES = 40;
if (VIBE_TAG_NAMES.length > ROOM_FOR_TAGS || CATEGORY_NAMES.length > ROOM_FOR_CATEGORIES) {
  throw new RangeError('the vocabulary has outgrown the venue features: raise their version');
}

const CATEGORY_AT = ROOM_FOR_TAGS;
const SETTING_AT = CATEGORY_AT + ROOM_FOR_CATEGORIES;
const PRICE_AT = SETTING_AT + SETTINGS.length;
const SCORES_AT = PRICE_AT + PRICE_LEVELS;
const REST_AT = SCORES_AT + 2 * SCORES.length;
const REST = 5;
const PLACE_AT = REST_AT + REST;
/** Degrees: a quarter of the country, a city, a few districts, a few streets. */
const PERIODS = [8, 0.8, 0.16, 0.04];

export const VENUE_FEATURES = PLACE_AT + 4 * PERIODS.length;
/** Part of every model's card that reads them: raise it when the numbers change. */
export const VENUE_FEATURES_VERSION = 'venue-features@1';

const TAG_AT = new Map(VIBE_TAG_NAMES.map((tag, i) => [tag, i]));

export type DescribedVenue = Pick<
  Venue,
  | 'category'
  | 'vibeTags'
  | 'setting'
  | 'priceLevel'
  | 'visitMinutes'
  | 'energy'
  | 'overrated'
  | 'meals'
  | 'location'
  | (typeof SCORES)[number]
>;

/**
 * Vibe tags (each 1 / sqrt(their number)), category, setting and price level one-hot; each score with whether it is
 * known; local less tourist score, visit in units of two hours, energy, overrated, whether one eats there; then where it
 * is, as sine and cosine of latitude and longitude over four periods.
 * @returns [VENUE_FEATURES]
 */
export function venueFeatures(venue: DescribedVenue): Float32Array {
  const features = new Float32Array(VENUE_FEATURES);
  for (const tag of venue.vibeTags) features[TAG_AT.get(tag)!] = 1 / Math.sqrt(venue.vibeTags.length);
  features[CATEGORY_AT + CATEGORY_NAMES.indexOf(venue.category)] = 1;
  features[SETTING_AT + SETTINGS.indexOf(venue.setting)] = 1;
  features[PRICE_AT + Math.min(Math.max(venue.priceLevel, 0), PRICE_LEVELS - 1)] = 1;
  for (const [i, name] of SCORES.entries()) {
    const score = venue[name];
    if (score === null) continue;
    features[SCORES_AT + 2 * i] = score;
    features[SCORES_AT + 2 * i + 1] = 1;
  }
  const localness =
    venue.localScore === null || venue.touristScore === null ? 0 : venue.localScore - venue.touristScore;
  features.set(
    [localness, venue.visitMinutes / 120, venue.energy, venue.overrated ? 1 : 0, venue.meals.length > 0 ? 1 : 0],
    REST_AT,
  );
  features.set(placed(venue.location), PLACE_AT);
  return features;
}

function placed({ lat, lng }: Location): number[] {
  return PERIODS.flatMap((period) =>
    [lat, lng].flatMap((degrees) => {
      const turn = (2 * Math.PI * degrees) / period;
      return [0.5 * Math.sin(turn), 0.5 * Math.cos(turn)];
    }),
  );
}
