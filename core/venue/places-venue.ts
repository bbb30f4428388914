/** A place of Google's Places API (New) as a venue: what the provider states, and the defaults of its category. */
import { z } from 'zod';
import { categoryDefaults } from './category-defaults.ts';
import { ALWAYS_OPEN, joinMidnights } from './opening-hours.ts';
import { readPlaceTypes } from './place-types.ts';
import { unheardOfVenue } from './unheard-of-venue.ts';
import type { Meal, Venue, WeeklyHours } from './venue.ts';

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Day 0 is Sunday. */
const point = z.object({
  day: z.int().min(0).max(6),
  hour: z.int().min(0).max(24).default(0),
  minute: z.int().min(0).max(59).default(0),
});
const period = z.object({ open: point, close: point.optional() });

/** The fields that we ask for; whatever else a place has is dropped. */
export const placeSchema = z.object({
  id: z.string().min(1),
  displayName: z.object({ text: z.string().min(1) }),
  location: z.object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
  primaryType: z.string().optional(),
  types: z.array(z.string()).default([]),
  priceLevel: z.string().optional(),
  businessStatus: z.string().optional(),
  regularOpeningHours: z.object({ periods: z.array(period).optional().catch(undefined) }).optional(),
  addressComponents: z.array(z.object({ longText: z.string(), types: z.array(z.string()) })).default([]),
});
export type Place = z.infer<typeof placeSchema>;

/** A venue that still knows the provider's id. */
export interface PlacesVenue extends Venue {
  placeId: string;
}

const PRICE_LEVELS: Record<string, number> = {
  PRICE_LEVEL_FREE: 0,
  PRICE_LEVEL_INEXPENSIVE: 1,
  PRICE_LEVEL_MODERATE: 2,
  PRICE_LEVEL_EXPENSIVE: 3,
  PRICE_LEVEL_VERY_EXPENSIVE: 4,
};

const minuteOfWeek = ({ day, hour, minute }: z.infer<typeof point>): number =>
  ((day + 6) % 7) * DAY_MINUTES + hour * 60 + minute;

/**
 * `regularOpeningHours.periods` as weekly hours. A place that never closes has one period, Sunday 00:00 without a close.
 * An interval of more than a day is told day by day, as `joinMidnights` does. Null if there are none, or if one cannot be read: then the hours
 * are not known, and half of them would be worse.
 */
export function weeklyHours(periods: readonly z.infer<typeof period>[] | undefined): WeeklyHours | null {
  if (!periods || periods.length === 0) return null;
  const week: [number, number][][] = Array.from({ length: 7 }, () => []);
  for (const { open, close } of periods) {
    const from = minuteOfWeek(open);
    if (!close) {
      const isAlwaysOpen = periods.length === 1 && open.day === 0 && from % DAY_MINUTES === 0;
      return isAlwaysOpen ? ALWAYS_OPEN : null;
    }
    let left = (minuteOfWeek(close) - from + WEEK_MINUTES) % WEEK_MINUTES;
    if (left === 0) return null;
    let start = from % DAY_MINUTES;
    for (let day = Math.floor(from / DAY_MINUTES); left > 0; day++) {
      const length = left > DAY_MINUTES ? DAY_MINUTES - start : left;
      week[day % 7]?.push([start, start + length]);
      left -= length;
      start = 0;
    }
  }
  return joinMidnights(week.map((day) => day.sort((a, b) => a[0] - b[0])));
}

const NEIGHBOURHOOD_TYPES = ['neighborhood', 'sublocality_level_1', 'sublocality', 'locality'];

function neighbourhoodOf({ addressComponents }: Place): string | undefined {
  const components = NEIGHBOURHOOD_TYPES.map((type) => addressComponents.find((part) => part.types.includes(type)));
  return components.find((part) => part !== undefined)?.longText;
}

/** A place to eat at serves breakfast where a type says so, besides where the category has it. */
function mealsOf(meals: readonly Meal[], types: readonly string[]): readonly Meal[] {
  const morning = ['breakfast_restaurant', 'brunch_restaurant', 'diner', 'bagel_shop'].some((type) =>
    types.includes(type),
  );
  return morning && meals.length > 0 && !meals.includes('breakfast') ? ['breakfast', ...meals] : meals;
}

/** `"Café de Flore"` to `"cafe-de-flore"`; empty where the name has no Latin letter or digit. */
function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? []).join('-').slice(0, 60);
}

/**
 * The venue record of a place; null for one that is not open for business (closed, for a time or for good, or not yet
 * open) and for one that is nothing to visit. `id`: the venue's UUID, the same whenever the same place is read.
 *
 * Nothing local is known of such a venue: scores and confidence are null, the source is `places`.
 */
export function venueFromPlace(place: Place, id: string, cityName: string): PlacesVenue | null {
  if (place.businessStatus !== undefined && place.businessStatus !== 'OPERATIONAL') return null;
  const read = readPlaceTypes(place.primaryType, place.types);
  if (read === null) return null;
  const defaults = categoryDefaults(read.category);
  return {
    placeId: place.id,
    ...unheardOfVenue({
      id,
      slug: [slugOf(place.displayName.text), id.slice(0, 8)].filter(Boolean).join('-'),
      name: place.displayName.text,
      category: read.category,
      neighbourhood: neighbourhoodOf(place) ?? cityName,
      location: { lat: place.location.latitude, lng: place.location.longitude },
      priceLevel: PRICE_LEVELS[place.priceLevel ?? ''] ?? defaults.priceLevel,
      hours: weeklyHours(place.regularOpeningHours?.periods),
      meals: mealsOf(defaults.meals, place.types),
      vibeTags: read.vibeTags,
    }),
  };
}
