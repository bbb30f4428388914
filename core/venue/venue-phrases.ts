/** How the fields of a venue record are said in a sentence. Every phrase claims what the field holds and no more. */
import type { Venue } from './venue.ts';
import { CATEGORIES, type Category, type VibeTag } from './vocabulary.ts';

/** With its article, for "X is ___" and "X, ___ in Y". */
export const CATEGORY_PHRASES: Readonly<Record<Category, string>> = {
  restaurant: 'a restaurant',
  street_food: 'a street food stop',
  food_hall: 'a food hall',
  cafe: 'a coffee shop',
  bakery: 'a bakery',
  dessert: 'a dessert shop',
  bar: 'a bar',
  wine_bar: 'a wine or sake bar',
  brewery: 'a place to drink beer',
  nightclub: 'a nightclub',
  music_venue: 'a music venue',
  theatre: 'a theatre',
  cinema: 'a cinema',
  market: 'a market',
  shop: 'a shop',
  bookshop: 'a bookshop',
  record_shop: 'a record shop',
  library: 'a library',
  museum: 'a museum',
  gallery: 'an art gallery',
  landmark: 'a landmark',
  viewpoint: 'a viewpoint',
  place_of_worship: 'a place of worship',
  park: 'a park',
  garden: 'a garden',
  beach: 'a beach',
  trail: 'a trail',
  neighbourhood_walk: 'a part of town to see on foot',
  bathhouse: 'a bathhouse or spa',
  zoo_aquarium: 'a place to see animals',
  games: 'a place for games',
  sports_venue: 'a sports ground',
  activity: 'an activity',
};

/** Verb and rest, for "it ___"; the verb `serves` is said only of places where one eats or drinks. */
export const TAG_PHRASES: Readonly<Record<VibeTag, readonly [verb: string, rest: string]>> = {
  'local-favourite': ['draws', 'locals back'],
  'hidden-gem': ['is', 'easy to miss'],
  iconic: ['is', 'a symbol of the city'],
  institution: ['is', 'long established'],
  'community-run': ['is', 'run by its community'],
  indie: ['is', 'independent'],
  'queue-worthy': ['has', 'a queue to expect'],
  'no-reservations': ['takes', 'no reservations'],
  cosy: ['is', 'cosy'],
  quiet: ['is', 'quiet'],
  lively: ['is', 'lively'],
  loud: ['is', 'loud'],
  romantic: ['is', 'romantic'],
  'kid-friendly': ['is', 'good with children'],
  'adults-only': ['is', 'for adults only'],
  'late-night': ['is', 'open late'],
  'early-start': ['is', 'good early in the day'],
  'outdoor-seating': ['has', 'outdoor seats'],
  waterfront: ['is', 'on the water'],
  view: ['has', 'a view'],
  sunset: ['is', 'good at sunset'],
  rooftop: ['has', 'a rooftop'],
  historic: ['is', 'historic'],
  architecture: ['has', 'notable architecture'],
  'modern-design': ['has', 'modern design'],
  artsy: ['is', 'artistic'],
  'contemporary-art': ['has', 'contemporary art'],
  'classical-art': ['has', 'art from before the modern age'],
  'street-art': ['has', 'street art'],
  history: ['tells', 'of history'],
  'indigenous-culture': ['tells', 'of indigenous culture'],
  spiritual: ['is', 'a place of faith'],
  science: ['deals', 'with science and technology'],
  'pop-culture': ['deals', 'with pop culture'],
  literary: ['is', 'for readers'],
  film: ['is', 'for film lovers'],
  'live-music': ['has', 'live music'],
  jazz: ['has', 'jazz'],
  dancing: ['has', 'dancing'],
  'queer-friendly': ['is', 'LGBTQ+ friendly'],
  'people-watching': ['is', 'good for people watching'],
  photogenic: ['is', 'photogenic'],
  shopping: ['is', 'good for shopping'],
  vintage: ['has', 'second-hand and vintage things'],
  crafts: ['has', 'crafts'],
  green: ['has', 'trees and lawns'],
  wild: ['has', 'wild nature'],
  hike: ['is', 'good for a hike'],
  cycling: ['is', 'good by bike'],
  swim: ['is', 'good for swimming'],
  paddling: ['is', 'good by kayak, canoe or boat'],
  picnic: ['is', 'good for picnics'],
  blossom: ['has', 'blossom or leaves in season'],
  animals: ['has', 'animals'],
  active: ['is', 'for the physically active'],
  wellness: ['is', 'for a bath, a spa or a rest'],
  games: ['has', 'games'],
  sports: ['deals', 'with sports'],
  'rainy-day': ['is', 'good in rain'],
  free: ['is', 'free of charge'],
  'cheap-eats': ['is', 'cheap and good'],
  splurge: ['is', 'worth a splurge'],
  'fine-dining': ['is', 'for fine dining'],
  'counter-seating': ['has', 'seats at the counter'],
  'standing-bar': ['is', 'a standing bar'],
  'street-food': ['serves', 'street food'],
  'adventurous-food': ['serves', 'unusual food'],
  'comfort-food': ['serves', 'comfort food'],
  coffee: ['takes', 'coffee seriously'],
  tea: ['serves', 'tea'],
  pastry: ['serves', 'pastry'],
  brunch: ['serves', 'brunch'],
  sweets: ['serves', 'sweets'],
  ramen: ['serves', 'ramen'],
  noodles: ['serves', 'noodles'],
  sushi: ['serves', 'sushi'],
  seafood: ['serves', 'seafood'],
  tacos: ['serves', 'tacos'],
  mole: ['serves', 'regional Mexican cooking'],
  pizza: ['serves', 'pizza'],
  burgers: ['serves', 'burgers'],
  bbq: ['serves', 'food from the barbecue or the grill'],
  dumplings: ['serves', 'dumplings or dim sum'],
  'bagels-deli': ['serves', 'bagels or delicatessen'],
  italian: ['serves', 'Italian food'],
  french: ['serves', 'French food'],
  japanese: ['serves', 'Japanese food'],
  chinese: ['serves', 'Chinese food'],
  korean: ['serves', 'Korean food'],
  'southeast-asian': ['serves', 'Southeast Asian food'],
  'south-asian': ['serves', 'South Asian food'],
  'middle-eastern': ['serves', 'Middle Eastern food'],
  african: ['serves', 'African food'],
  vegetarian: ['serves', 'vegetarian or vegan food'],
  'craft-beer': ['serves', 'craft beer'],
  cocktails: ['serves', 'cocktails'],
  wine: ['serves', 'wine'],
  sake: ['serves', 'sake'],
  mezcal: ['serves', 'mezcal or agave spirits'],
  dive: ['is', 'a dive bar'],
  speakeasy: ['is', 'a hidden bar'],
  karaoke: ['has', 'karaoke'],
};

/** Whether one eats or drinks there, so that it can be said to serve something. */
export function serves({ category }: Venue): boolean {
  return CATEGORIES[category].meal || CATEGORIES[category].nightlife || category === 'dessert';
}

/** Verb and rest of "it ___" for one tag of the venue. */
export function tagPhrase(venue: Venue, tag: VibeTag): readonly [verb: string, rest: string] {
  const [verb, rest] = TAG_PHRASES[tag];
  return verb === 'serves' && !serves(venue) ? ['has', rest] : [verb, rest];
}

/** By price level, for "it ___". */
export const PRICE_PHRASES = [
  'is free',
  'is cheap',
  'is moderately priced',
  'is expensive',
  'is very expensive',
] as const;

/** Scores nearer to each other than this say that neither side mentions the place more. */
const CLEAR_LEAD = 0.2;

/** Who mentions the place more, as a clause; null where scores are missing or tell no clear story. */
export function standingPhrase({ localScore, touristScore }: Venue): string | null {
  if (localScore === null || touristScore === null) return null;
  if (localScore - touristScore >= CLEAR_LEAD) return 'local sources mention it more than guides do';
  if (touristScore - localScore >= CLEAR_LEAD) return 'guides mention it more than local sources do';
  return null;
}

/** Since when the place is known to exist, for "it ___"; null where that is not known. */
export function agePhrase({ firstSeenAt }: Venue): string | null {
  const year = firstSeenAt && Number(firstSeenAt.slice(0, 4));
  return year ? `has been here since at least ${year}` : null;
}

const OUTDOOR: ReadonlySet<Category> = new Set(['park', 'garden', 'beach', 'trail', 'viewpoint', 'neighbourhood_walk']);
const EITHER: ReadonlySet<Category> = new Set([
  'market',
  'landmark',
  'activity',
  'street_food',
  'zoo_aquarium',
  'sports_venue',
]);

/** For "it ___"; null where the category lets one expect as much. */
export function settingPhrase({ category, setting }: Venue): string | null {
  if (setting === 'mixed') return 'is partly indoors and partly outdoors';
  const expected = OUTDOOR.has(category) ? 'outdoor' : 'indoor';
  return setting === expected && !EITHER.has(category) ? null : `is ${setting}s`;
}
