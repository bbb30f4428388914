/** The answer to `POST /api/v1/trips` and its request, as far as the checker reads them. */
import type { Stamp } from './clock.ts';
import type { Place } from './raw-catalogue.ts';

export interface CheckedSlot {
  order: number;
  day_part: string;
  role: string;
  starts_at: string;
  ends_at: string;
  travel_from_previous: { mode: string; minutes: number; metres: number } | null;
  venue: {
    id: string;
    name: string;
    category: string;
    neighbourhood: string;
    location: { lat: number; lng: number };
    price_level: number;
    vibe_tags: readonly string[];
  };
  narrative: string;
  status: string;
}

export interface CheckedBody {
  city: string;
  start_date: string;
  end_date: string;
  party: { size: number; kind: string };
  budget: string;
  days: { day: number; date: string; slots: CheckedSlot[]; notes: string[] }[];
}

export interface CheckedRequest {
  city: string;
  start_date: string;
  days?: number | undefined;
  end_date?: string | undefined;
  party?: { size: number; kind?: string | undefined } | undefined;
  budget?: string | undefined;
  /** A location, or a neighbourhood by name. */
  start_area?: { lat: number; lng: number } | string | undefined;
}

export const RULES = [
  'request',
  'days',
  'record',
  'offset',
  'order',
  'opening-hours',
  'travel',
  'repeat',
  'meal',
  'day-part',
  'budget',
  'party',
  'variety',
  'closed',
  'visit-length',
  'completeness',
  'narrative',
] as const;
export type Rule = (typeof RULES)[number];

export interface Violation {
  rule: Rule;
  /** Such as `day 2, slot 3 (Elliott Bay Book Company)`. */
  at: string;
  message: string;
}

/** A slot with its record and its times read; null where they cannot be. */
export interface ReadSlot {
  slot: CheckedSlot;
  place: Place;
  starts: Stamp;
  ends: Stamp;
  /** Minutes from midnight of the trip's day; past 1440 in the small hours after it. */
  from: number;
  to: number;
}

export type Report = (rule: Rule, message: string) => void;
