/** What a usual visit to a place of each category is like, for records that say no more than the category. */
import type { Venue } from './venue.ts';
import type { Category } from './vocabulary.ts';

export type CategoryDefaults = Pick<Venue, 'priceLevel' | 'meals' | 'setting' | 'visitMinutes' | 'energy'>;

type Row = [
  setting: CategoryDefaults['setting'],
  visitMinutes: number,
  energy: number,
  priceLevel: number,
  ...meals: Venue['meals'],
];

const ROWS: Record<Category, Row> = {
  restaurant: ['indoor', 75, 0.4, 2, 'lunch', 'dinner'],
  street_food: ['outdoor', 30, 0.5, 1, 'lunch', 'dinner'],
  food_hall: ['indoor', 60, 0.5, 1, 'lunch', 'dinner'],
  cafe: ['indoor', 45, 0.3, 1, 'breakfast'],
  bakery: ['indoor', 30, 0.3, 1, 'breakfast'],
  dessert: ['indoor', 30, 0.3, 1],
  bar: ['indoor', 75, 0.6, 2],
  wine_bar: ['indoor', 75, 0.4, 2],
  brewery: ['indoor', 75, 0.5, 2],
  nightclub: ['indoor', 120, 0.9, 2],
  music_venue: ['indoor', 120, 0.7, 2],
  theatre: ['indoor', 150, 0.3, 3],
  cinema: ['indoor', 120, 0.2, 2],
  market: ['mixed', 60, 0.6, 1],
  shop: ['indoor', 45, 0.4, 2],
  bookshop: ['indoor', 45, 0.2, 1],
  record_shop: ['indoor', 45, 0.3, 1],
  library: ['indoor', 45, 0.1, 0],
  museum: ['indoor', 120, 0.3, 2],
  gallery: ['indoor', 60, 0.2, 0],
  landmark: ['outdoor', 45, 0.4, 0],
  viewpoint: ['outdoor', 30, 0.4, 0],
  place_of_worship: ['indoor', 30, 0.2, 0],
  park: ['outdoor', 75, 0.5, 0],
  garden: ['outdoor', 75, 0.3, 1],
  beach: ['outdoor', 120, 0.5, 0],
  trail: ['outdoor', 120, 0.8, 0],
  neighbourhood_walk: ['outdoor', 75, 0.5, 0],
  bathhouse: ['indoor', 120, 0.1, 2],
  zoo_aquarium: ['mixed', 150, 0.5, 2],
  games: ['indoor', 90, 0.7, 2],
  sports_venue: ['mixed', 150, 0.8, 2],
  activity: ['outdoor', 120, 0.8, 2],
};

export function categoryDefaults(category: Category): CategoryDefaults {
  const [setting, visitMinutes, energy, priceLevel, ...meals] = ROWS[category];
  return { setting, visitMinutes, energy, priceLevel, meals };
}
