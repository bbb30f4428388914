/**
 * What the types of Google's places (Tables A and B of "Place Types (New)") say in our vocabulary. A tag is given only
 * where the type states it: an `italian_restaurant` is Italian, but no `tourist_attraction` is iconic for that.
 */
import type { Category, VibeTag } from './vocabulary.ts';

type Meaning = [category: Category | null, ...tags: VibeTag[]];

const TYPES: Record<string, Meaning> = {
  restaurant: ['restaurant'],
  african_restaurant: ['restaurant', 'african'],
  american_restaurant: ['restaurant'],
  asian_restaurant: ['restaurant'],
  barbecue_restaurant: ['restaurant', 'bbq'],
  bar_and_grill: ['restaurant'],
  bistro: ['restaurant'],
  breakfast_restaurant: ['restaurant'],
  brunch_restaurant: ['restaurant', 'brunch'],
  chinese_restaurant: ['restaurant', 'chinese'],
  deli: ['restaurant', 'bagels-deli'],
  dim_sum_restaurant: ['restaurant', 'chinese', 'dumplings'],
  diner: ['restaurant'],
  dumpling_restaurant: ['restaurant', 'dumplings'],
  ethiopian_restaurant: ['restaurant', 'african'],
  fine_dining_restaurant: ['restaurant', 'fine-dining'],
  french_restaurant: ['restaurant', 'french'],
  german_restaurant: ['restaurant'],
  greek_restaurant: ['restaurant'],
  hamburger_restaurant: ['restaurant', 'burgers'],
  indian_restaurant: ['restaurant', 'south-asian'],
  indonesian_restaurant: ['restaurant', 'southeast-asian'],
  italian_restaurant: ['restaurant', 'italian'],
  japanese_izakaya_restaurant: ['restaurant', 'japanese'],
  japanese_restaurant: ['restaurant', 'japanese'],
  korean_barbecue_restaurant: ['restaurant', 'korean', 'bbq'],
  korean_restaurant: ['restaurant', 'korean'],
  lebanese_restaurant: ['restaurant', 'middle-eastern'],
  malaysian_restaurant: ['restaurant', 'southeast-asian'],
  mediterranean_restaurant: ['restaurant'],
  mexican_restaurant: ['restaurant'],
  middle_eastern_restaurant: ['restaurant', 'middle-eastern'],
  noodle_shop: ['restaurant', 'noodles'],
  persian_restaurant: ['restaurant', 'middle-eastern'],
  pizza_restaurant: ['restaurant', 'pizza'],
  ramen_restaurant: ['restaurant', 'japanese', 'ramen'],
  seafood_restaurant: ['restaurant', 'seafood'],
  spanish_restaurant: ['restaurant'],
  steak_house: ['restaurant'],
  sushi_restaurant: ['restaurant', 'japanese', 'sushi'],
  taco_restaurant: ['restaurant', 'tacos'],
  thai_restaurant: ['restaurant', 'southeast-asian'],
  turkish_restaurant: ['restaurant', 'middle-eastern'],
  vegan_restaurant: ['restaurant', 'vegetarian'],
  vegetarian_restaurant: ['restaurant', 'vegetarian'],
  vietnamese_restaurant: ['restaurant', 'southeast-asian'],
  food_court: ['food_hall'],
  cafe: ['cafe'],
  coffee_shop: ['cafe'],
  coffee_roastery: ['cafe', 'coffee'],
  cat_cafe: ['cafe', 'animals'],
  dog_cafe: ['cafe', 'animals'],
  tea_house: ['cafe', 'tea'],
  bakery: ['bakery'],
  bagel_shop: ['bakery', 'bagels-deli'],
  pastry_shop: ['bakery', 'pastry'],
  dessert_shop: ['dessert', 'sweets'],
  dessert_restaurant: ['dessert', 'sweets'],
  ice_cream_shop: ['dessert', 'sweets'],
  confectionery: ['dessert', 'sweets'],
  chocolate_shop: ['dessert', 'sweets'],
  bar: ['bar'],
  pub: ['bar'],
  irish_pub: ['bar'],
  beer_garden: ['bar'],
  sports_bar: ['bar', 'sports'],
  cocktail_bar: ['bar', 'cocktails'],
  karaoke: ['bar', 'karaoke'],
  wine_bar: ['wine_bar', 'wine'],
  brewery: ['brewery'],
  brewpub: ['brewery'],
  night_club: ['nightclub', 'dancing'],
  live_music_venue: ['music_venue', 'live-music'],
  concert_hall: ['music_venue', 'live-music'],
  performing_arts_theater: ['theatre'],
  opera_house: ['theatre'],
  movie_theater: ['cinema', 'film'],
  market: ['market'],
  farmers_market: ['market'],
  flea_market: ['market', 'vintage'],
  book_store: ['bookshop', 'literary'],
  gift_shop: ['shop', 'shopping'],
  shopping_mall: ['shop', 'shopping'],
  thrift_store: ['shop', 'vintage'],
  library: ['library', 'literary'],
  museum: ['museum'],
  art_museum: ['museum', 'artsy'],
  history_museum: ['museum', 'history'],
  planetarium: ['museum', 'science'],
  art_gallery: ['gallery', 'artsy'],
  castle: ['landmark', 'historic'],
  cultural_landmark: ['landmark'],
  historical_landmark: ['landmark', 'historic'],
  historical_place: ['landmark', 'historic'],
  monument: ['landmark'],
  sculpture: ['landmark', 'artsy'],
  tourist_attraction: ['landmark'],
  bridge: ['landmark'],
  fountain: ['landmark'],
  plaza: ['landmark'],
  observation_deck: ['viewpoint', 'view'],
  scenic_spot: ['viewpoint', 'view'],
  church: ['place_of_worship', 'spiritual'],
  mosque: ['place_of_worship', 'spiritual'],
  synagogue: ['place_of_worship', 'spiritual'],
  hindu_temple: ['place_of_worship', 'spiritual'],
  buddhist_temple: ['place_of_worship', 'spiritual'],
  shinto_shrine: ['place_of_worship', 'spiritual'],
  park: ['park', 'green'],
  city_park: ['park', 'green'],
  national_park: ['park'],
  state_park: ['park'],
  botanical_garden: ['garden', 'green'],
  garden: ['garden', 'green'],
  beach: ['beach', 'waterfront'],
  marina: ['landmark', 'waterfront'],
  hiking_area: ['trail', 'hike'],
  public_bath: ['bathhouse', 'wellness'],
  sauna: ['bathhouse', 'wellness'],
  spa: ['bathhouse', 'wellness'],
  aquarium: ['zoo_aquarium', 'animals'],
  zoo: ['zoo_aquarium', 'animals'],
  wildlife_park: ['zoo_aquarium', 'animals'],
  bowling_alley: ['games', 'games'],
  video_arcade: ['games', 'games'],
  arena: ['sports_venue', 'sports'],
  stadium: ['sports_venue', 'sports'],
  ice_skating_rink: ['activity', 'active'],
  playground: [null, 'kid-friendly'],
};

/** Said of nearly everything that one may look at: these decide only where no other type does. */
const VAGUE = new Set(['tourist_attraction', 'historical_place', 'cultural_landmark']);

/** What no traveller goes to see, whatever else it has inside. */
const NO_VISIT = new Set(['lodging', 'hotel', 'hostel', 'gas_station', 'supermarket', 'grocery_store', 'hospital']);

/**
 * The category is that of the primary type or, if it has none or is vague, of the first other type that has one. The
 * tags are those of all types, sorted. Null if no type has a category, or if the first is nothing to visit.
 */
export function readPlaceTypes(
  primaryType: string | undefined,
  types: readonly string[],
): { category: Category; vibeTags: VibeTag[] } | null {
  const all = primaryType === undefined ? types : [primaryType, ...types];
  if (NO_VISIT.has(all[0] ?? '')) return null;
  const vagueLast = [...all.filter((type) => !VAGUE.has(type)), ...all.filter((type) => VAGUE.has(type))];
  const meanings = vagueLast.flatMap((type) => (Object.hasOwn(TYPES, type) ? [TYPES[type]!] : []));
  const category = meanings.map(([named]) => named).find((named) => named !== null);
  if (category == null) return null;
  const vibeTags = meanings.flatMap(([, ...tags]) => tags);
  return { category, vibeTags: [...new Set(vibeTags)].sort() };
}
