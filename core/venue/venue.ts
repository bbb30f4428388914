/** A place to go: the record that ranking, assembly and narration read. */
import type { Category, VibeTag } from './vocabulary.ts';

/** WGS 84 degrees. */
export interface Location {
  lat: number;
  lng: number;
}

export const MEALS = ['breakfast', 'lunch', 'dinner'] as const;
export type Meal = (typeof MEALS)[number];

export const SETTINGS = ['indoor', 'outdoor', 'mixed'] as const;
export type Setting = (typeof SETTINGS)[number];

/**
 * Opening intervals of each weekday, Monday first, as `[open, close)` minutes from local midnight. A close past
 * midnight is greater than 1440 and belongs to the day that it opened on.
 */
export type WeeklyHours = readonly (readonly (readonly [open: number, close: number])[])[];

/** Who vouches for the record: our catalogue, or a places provider that knows no local sources. */
export type VenueSource = 'catalogue' | 'places';

export interface Venue {
  id: string;
  slug: string;
  name: string;
  category: Category;
  neighbourhood: string;
  location: Location;
  /** 0 free, 1 cheap, 2 moderate, 3 expensive, 4 very expensive. */
  priceLevel: number;
  /** Null where the hours are not known: such a venue is never scheduled. */
  hours: WeeklyHours | null;
  /** The meals that one can have there. */
  meals: readonly Meal[];
  setting: Setting;
  /** Length of a usual visit, minutes. */
  visitMinutes: number;
  /** 0 sitting in silence, 1 physical or loud. */
  energy: number;
  vibeTags: readonly VibeTag[];
  /** In [0, 1]; null where no source speaks of the venue. */
  touristScore: number | null;
  localScore: number | null;
  crossRefConfidence: number | null;
  overrated: boolean;
  source: VenueSource;
  /** ISO date (or its first day, where only a year is known) since which the place is known to exist; null if unknown. */
  firstSeenAt: string | null;
  /** ISO date on which it closed for good. */
  closedAt: string | null;
  version: number;
}
