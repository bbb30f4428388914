/** The controlled vocabulary of `data/vocabulary.json`: venue categories and vibe tags. */
import vocabulary from '../../data/vocabulary.json' with { type: 'json' };

export type Category = keyof typeof vocabulary.categories;
export type VibeTag = keyof typeof vocabulary.vibe_tags;

interface CategoryEntry {
  label: string;
  /** Whether one can eat a meal there. */
  meal: boolean;
  /** Bars, clubs and the like: never offered to a party with children. */
  nightlife: boolean;
  /** How strongly the category speaks for each persona dimension, in [-1, 1]. */
  loads: Record<string, number>;
}

interface VibeTagEntry {
  label: string;
  /** The theme that it shares with like tags; null where a persona dimension says all of it. */
  axis: string | null;
  /** How strongly the tag speaks for each persona dimension, in [-1, 1]. */
  loads: Record<string, number>;
}

export const CATEGORIES: Readonly<Record<Category, CategoryEntry>> = vocabulary.categories as unknown as Record<
  Category,
  CategoryEntry
>;
export const VIBE_TAGS: Readonly<Record<VibeTag, VibeTagEntry>> = vocabulary.vibe_tags;

export const CATEGORY_NAMES = Object.keys(CATEGORIES) as [Category, ...Category[]];
export const VIBE_TAG_NAMES = Object.keys(VIBE_TAGS) as [VibeTag, ...VibeTag[]];
