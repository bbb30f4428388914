/** A trip as its Durable Object owns it, and as Postgres mirrors it. */
import type { SlotServed, TripGroup } from '../group/trip-group.ts';
import type { Dimensions } from '../persona/dimensions.ts';
import type { Party } from '../ranking/party-fit.ts';
import type { BudgetBand } from '../ranking/ranker.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { Alternative, DayNote, Stop, Visit } from './itinerary.ts';

export const TRIP_STATUSES = ['planning', 'active', 'completed', 'shortened', 'cancelled'] as const;
export type TripStatus = (typeof TRIP_STATUSES)[number];

export const SLOT_STATUSES = ['proposed', 'accepted', 'skipped', 'swapped', 'locked'] as const;
export type SlotStatus = (typeof SLOT_STATUSES)[number];

/** How the plan was ranked, as the traveller is told. */
export interface RankingSummary {
  /** `mixed`: not all of its moments by the same. */
  source: 'ml' | 'llm' | 'offline' | 'mixed';
  /** `name@version`, comma-separated where several had a part. */
  modelVersion: string;
  cache: 'hit' | 'miss' | 'partial';
  /** `offline`: the language model could not be used. `places`: the city has no catalogue of ours. */
  fallback: 'offline' | 'places' | null;
  fallbackReason: string | null;
}

export interface TripSlot extends Visit {
  id: string;
  dayNumber: number;
  /** From 1 within the day. */
  order: number;
  stop: Stop;
  score: number;
  narrative: string;
  narratorVersion: string;
  modelVersion: string;
  status: SlotStatus;
  alternatives: Alternative[];
  rankingEventId: string | null;
  /** Null or absent where one traveller was planned for. */
  served?: SlotServed | null;
}

export interface TripMember {
  userId: string;
  role: 'organiser' | 'member';
}

/** A venue that the travellers found closed (`closures.ts`). */
export interface Closure {
  venueId: string;
  /** The last day on which it holds, in the city's time. */
  date: string;
  /** The venue's own, for afterwards. */
  hours: Venue['hours'];
}

export interface Trip {
  id: string;
  /** Raised by every acknowledged change. */
  seq: number;
  city: { id: string; slug: string; name: string; timeZone: string };
  startDate: string;
  endDate: string;
  status: TripStatus;
  party: Party;
  budgetBand: BudgetBand;
  startArea: Location | null;
  dimensions: Dimensions;
  ranking: RankingSummary;
  dayNotes: Record<string, DayNote[]>;
  /** In the order of days and of their `order`. */
  slots: TripSlot[];
  members: TripMember[];
  /** Null or absent where one traveller was planned for. */
  group?: TripGroup | null;
  /** The venues of slots and alternatives, by id. */
  venues: Record<string, Venue>;
  /** Kept by the trip's object alone. */
  closures?: Closure[];
}
