/** How people name a kind of place, besides the vocabulary's own label. The last of each line is kept from training, for validation and test. */
import { CATEGORIES, type Category } from '../../core/venue/vocabulary.ts';
import type { Wording } from './tag-wordings.ts';

const WORDINGS: Readonly<Record<Category, readonly string[]>> = {
  restaurant: ['place to eat', 'dinner spot', 'eatery'],
  street_food: ['food stand', 'stall', 'street cart'],
  food_hall: ['food court', 'hall of stalls', 'hall full of kitchens'],
  cafe: ['cafe', 'coffee bar', 'coffee house'],
  bakery: ['bakery', 'bread shop', 'boulangerie'],
  dessert: ['ice cream parlour', 'sweet shop', 'dessert place'],
  bar: ['bar', 'watering hole', 'pub'],
  wine_bar: ['wine bar', 'sake bar', 'enoteca'],
  brewery: ['brewery', 'taproom', 'brewpub'],
  nightclub: ['club', 'nightclub', 'disco'],
  music_venue: ['concert hall', 'music club', 'gig venue'],
  theatre: ['theatre', 'playhouse', 'stage'],
  cinema: ['cinema', 'movie theater', 'picture house'],
  market: ['market', 'market hall', 'bazaar'],
  shop: ['shop', 'store', 'boutique'],
  bookshop: ['bookstore', 'book shop', 'bookseller'],
  record_shop: ['record store', 'vinyl shop', 'shop for records'],
  library: ['library', 'reading room', 'public library'],
  museum: ['museum', 'exhibition house', 'collection'],
  gallery: ['gallery', 'art space', 'exhibition room'],
  landmark: ['landmark', 'sight', 'monument'],
  viewpoint: ['viewpoint', 'lookout', 'observation deck'],
  place_of_worship: ['temple', 'shrine', 'church', 'cathedral'],
  park: ['park', 'green space', 'city park'],
  garden: ['garden', 'botanical garden', 'gardens'],
  beach: ['beach', 'sandy shore', 'seaside'],
  trail: ['trail', 'path', 'hiking route'],
  neighbourhood_walk: ['street to stroll', 'district', 'quarter to wander'],
  bathhouse: ['bathhouse', 'sento', 'spa'],
  zoo_aquarium: ['zoo', 'aquarium', 'animal park'],
  games: ['arcade', 'bowling alley', 'game hall'],
  sports_venue: ['stadium', 'ballpark', 'arena'],
  activity: ['tour', 'activity', 'thing to do outdoors'],
};

export function categoryWordings(category: Category, which: Wording): readonly string[] {
  const all = WORDINGS[category];
  return which === 'training' ? [...all.slice(0, -1), CATEGORIES[category].label] : all.slice(-1);
}
