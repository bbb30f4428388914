/** What each mood asks of a place: a re-weighting of what its record says, and how much a minute on the way costs. */
import type { Venue } from '../venue/venue.ts';
import type { Category, VibeTag } from '../venue/vocabulary.ts';
import type { Mood } from './pivot.ts';

const clamp = (value: number) => Math.min(1, Math.max(-1, value));

function tagSum(venue: Venue, weights: Partial<Record<VibeTag, number>>): number {
  return venue.vibeTags.reduce((sum, tag) => sum + (weights[tag] ?? 0), 0);
}

/** Where one sits most of the time, and where one stands or walks; elsewhere it depends. */
const SEATED: ReadonlySet<Category> = new Set([
  'restaurant',
  'cafe',
  'dessert',
  'bar',
  'wine_bar',
  'theatre',
  'cinema',
  'library',
  'bathhouse',
]);
const ON_FOOT: ReadonlySet<Category> = new Set([
  'trail',
  'neighbourhood_walk',
  'market',
  'street_food',
  'activity',
  'nightclub',
  'zoo_aquarium',
]);

/** Each in [-1, 1], from the venue's record alone. */
const MOOD_FEATURES = {
  /** Little energy asked for. */
  restful: ({ energy }: Venue) => 1 - 2 * energy,
  seated: (venue: Venue) =>
    clamp(
      (SEATED.has(venue.category) ? 0.8 : ON_FOOT.has(venue.category) ? -0.8 : 0) +
        tagSum(venue, { wellness: 0.4, hike: -0.5, active: -0.5, cycling: -0.5, 'standing-bar': -1.2 }),
    ),
  quiet: (venue: Venue) =>
    clamp(
      0.5 -
        venue.energy +
        tagSum(venue, { quiet: 0.7, cosy: 0.3, spiritual: 0.2, literary: 0.2, wellness: 0.2 }) -
        tagSum(venue, {
          lively: 0.6,
          loud: 0.9,
          'live-music': 0.4,
          dancing: 0.8,
          karaoke: 0.8,
          'people-watching': 0.2,
        }),
    ),
  lively: (venue: Venue) =>
    clamp(
      venue.energy -
        0.5 +
        tagSum(venue, {
          lively: 0.7,
          loud: 0.4,
          'live-music': 0.5,
          dancing: 0.6,
          karaoke: 0.6,
          'people-watching': 0.3,
        }) -
        tagSum(venue, { quiet: 0.8, cosy: 0.2, spiritual: 0.3 }),
    ),
  /** Away from where guides send everybody; 0 where no source speaks of the place. */
  uncrowded: (venue: Venue) =>
    clamp(
      (venue.touristScore === null ? 0 : 0.8 - 1.6 * venue.touristScore) +
        tagSum(venue, { 'hidden-gem': 0.3, quiet: 0.2, iconic: -0.4, 'queue-worthy': -0.4 }) -
        (venue.overrated ? 0.3 : 0),
    ),
  dear: (venue: Venue) =>
    clamp(
      venue.priceLevel / 2 - 1 + tagSum(venue, { splurge: 0.4, 'fine-dining': 0.4, free: -0.2, 'cheap-eats': -0.2 }),
    ),
  /** Served at once, as far as the record tells. */
  quick: (venue: Venue) =>
    clamp(0.5 - venue.visitMinutes / 120 + tagSum(venue, { 'queue-worthy': -0.6, 'no-reservations': 0.1 })),
} as const;

export type MoodFeature = keyof typeof MOOD_FEATURES;

interface MoodRule {
  weights: Partial<Record<MoodFeature, number>>;
  /** What a minute on the way costs, on the scale of a ranking score: 20 minutes cost 0.3 to 0.6 of it. */
  minute: number;
}

export const MOOD_RULES: Record<Mood, MoodRule> = {
  /** Little energy, a seat, and above all near. */
  tired: { weights: { restful: 0.5, seated: 0.4 }, minute: 0.03 },
  /** Near and quick; which places count as a meal is in `hunger.ts`. */
  hungry: { weights: { quick: 0.3 }, minute: 0.03 },
  want_quiet: { weights: { quiet: 0.7 }, minute: 0.018 },
  want_lively: { weights: { lively: 0.7 }, minute: 0.015 },
  /** Away from the crowds of tourists; a longer way is worth it. */
  too_crowded: { weights: { uncrowded: 0.7, quiet: 0.15 }, minute: 0.015 },
  /** The best that the budget allows. */
  splurge: { weights: { dear: 0.7 }, minute: 0.015 },
  save: { weights: { dear: -0.7 }, minute: 0.02 },
};

/** How well a place answers a mood, apart from where it is; 0 is a place that says nothing either way. */
export function answersMood(venue: Venue, mood: Mood): number {
  let sum = 0;
  for (const [name, weight] of Object.entries(MOOD_RULES[mood].weights) as [MoodFeature, number][]) {
    sum += weight * MOOD_FEATURES[name](venue);
  }
  return sum;
}

/** The ranking's score, re-weighted by the mood, less the way there in minutes. */
export function moodScore(score: number, venue: Venue, minutes: number, mood: Mood): number {
  return score + answersMood(venue, mood) - MOOD_RULES[mood].minute * minutes;
}

const FOOD_TAGS: ReadonlySet<VibeTag> = new Set([
  'street-food',
  'cheap-eats',
  'adventurous-food',
  'comfort-food',
  'pastry',
  'sweets',
  'seafood',
  'tacos',
]);

/** A bite between meals: something to eat that the rules of a day count as an activity. */
export function isBite({ category, vibeTags }: Venue): boolean {
  if (category === 'market') return vibeTags.some((tag) => FOOD_TAGS.has(tag));
  return category === 'cafe' || category === 'dessert';
}
