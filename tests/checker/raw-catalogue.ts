/**
 * The catalogues of `data/cities/` as the checker reads them: from the raw JSON, by itself, so that a mistake of the
 * product's own reader is not made a second time here.
 */
import { readFileSync } from 'node:fs';

const DATA = new URL('../../data/', import.meta.url);
const DAY = 24 * 60;
const WEEK = 7 * DAY;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export type MealName = 'breakfast' | 'lunch' | 'dinner';

/** `[from, to)` in minutes since Monday 00:00, local time; joined where one ends as the next begins. */
export type Stretch = [from: number, to: number];

export interface Place {
  name: string;
  neighbourhood: string;
  category: string;
  lat: number;
  lng: number;
  price: number;
  minutes: number;
  setting: string;
  firstSeen: string | null;
  closed: string | null;
  tags: string[];
  meals: string[];
  /** Null where the record gives no hours. */
  open: Stretch[] | null;
}

/** A city's file, as far as the checker reads it. */
export interface RawCity {
  slug: string;
  time_zone: string;
  meal_times: Record<MealName, [string, string]>;
  venues: RawVenue[];
}

interface RawVenue {
  name: string;
  neighbourhood: string;
  category: string;
  lat: number;
  lng: number;
  price: number;
  minutes: number;
  setting: string;
  first_seen?: string;
  closed?: string;
  tags: string[];
  meals?: string[];
  hours?: 'always' | Record<string, string>;
}

export interface Vocabulary {
  categories: Record<string, { label: string; meal: boolean; nightlife: boolean }>;
  vibe_tags: Record<string, { label: string }>;
}

export interface Catalogue {
  slug: string;
  timeZone: string;
  /** Minutes from midnight. */
  mealTimes: Record<MealName, [from: number, to: number]>;
  places: Place[];
  vocabulary: Vocabulary;
}

/** `"17:30"` to 1050; `"24:00"` is the end of the day. */
export function clockMinutes(clock: string): number {
  const [hours, minutes] = clock.trim().split(':').map(Number);
  if (hours === undefined || minutes === undefined || !(hours * 60 + minutes <= DAY))
    throw new Error(`time "${clock}"?`);
  return hours * 60 + minutes;
}

/** `"mon,wed-fri"` to weekday numbers; a range that ends before it begins runs over the Sunday. */
function weekdaysIn(days: string): number[] {
  if (days === 'daily') return WEEKDAYS.map((_, i) => i);
  const found: number[] = [];
  for (const part of days.split(',')) {
    const [first = '', last = first] = part.trim().split('-');
    const from = WEEKDAYS.indexOf(first);
    const to = WEEKDAYS.indexOf(last);
    if (from < 0 || to < 0) throw new Error(`weekday "${part}"?`);
    for (let day = from; ; day = (day + 1) % 7) {
      found.push(day);
      if (day === to) break;
    }
  }
  return found;
}

/** The stretches of a week that the notation names, repeated before and after it, so that no edge cuts a night in two. */
export function openStretches(hours: 'always' | Record<string, string>): Stretch[] {
  if (hours === 'always') return [[-WEEK, 2 * WEEK]];
  const week: Stretch[] = [];
  for (const [days, times] of Object.entries(hours)) {
    for (const weekday of weekdaysIn(days)) {
      for (const time of times.split(',')) {
        const [open = '', close = ''] = time.split('-');
        const from = weekday * DAY + clockMinutes(open);
        const length = clockMinutes(close) - clockMinutes(open);
        week.push([from, from + (length > 0 ? length : length + DAY)]);
      }
    }
  }
  const all = [-WEEK, 0, WEEK]
    .flatMap((shift) => week.map(([from, to]): Stretch => [from + shift, to + shift]))
    .sort((a, b) => a[0] - b[0]);
  const joined: Stretch[] = [];
  for (const [from, to] of all) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** Whether a place is open all the time from one minute of the week to another. */
export function openThroughout(open: readonly Stretch[], from: number, to: number): boolean {
  return open.some(([opens, closes]) => opens <= from && to <= closes);
}

export function readVocabulary(): Vocabulary {
  return JSON.parse(readFileSync(new URL('vocabulary.json', DATA), 'utf8'));
}

export function readRawCity(slug: string): RawCity {
  return JSON.parse(readFileSync(new URL(`cities/${slug}.json`, DATA), 'utf8'));
}

export function catalogueOf(city: RawCity, vocabulary: Vocabulary = readVocabulary()): Catalogue {
  const window = ([from, to]: [string, string]): [number, number] => [clockMinutes(from), clockMinutes(to)];
  const { breakfast, lunch, dinner } = city.meal_times;
  return {
    slug: city.slug,
    timeZone: city.time_zone,
    mealTimes: { breakfast: window(breakfast), lunch: window(lunch), dinner: window(dinner) },
    places: city.venues.map((venue) => ({
      name: venue.name,
      neighbourhood: venue.neighbourhood,
      category: venue.category,
      lat: venue.lat,
      lng: venue.lng,
      price: venue.price,
      minutes: venue.minutes,
      setting: venue.setting,
      firstSeen: venue.first_seen ?? null,
      closed: venue.closed ?? null,
      tags: venue.tags,
      meals: venue.meals ?? [],
      open: venue.hours === undefined ? null : openStretches(venue.hours),
    })),
    vocabulary,
  };
}
