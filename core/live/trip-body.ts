/** A trip as clients see it, over HTTP and over the socket alike. */

import { type GroupBody, groupBody, type ServedBody, servedBody } from '../group/group-body.ts';
import type { SlotRole } from '../itinerary/itinerary.ts';
import { addDays, daysBetween, wallClock } from '../itinerary/local-time.ts';
import type { Leg } from '../itinerary/travel.ts';
import type { SlotStatus, Trip, TripSlot, TripStatus } from '../itinerary/trip.ts';
import type { Party } from '../ranking/party-fit.ts';
import type { BudgetBand, DayPart } from '../ranking/ranker.ts';
import type { Location, Venue } from '../venue/venue.ts';
import type { Category, VibeTag } from '../venue/vocabulary.ts';

export interface SlotVenueBody {
  id: string;
  name: string;
  category: Category;
  neighbourhood: string;
  location: Location;
  price_level: number;
  vibe_tags: VibeTag[];
  cross_ref_confidence: number | null;
  source: Venue['source'];
}

export interface SlotBody {
  id: string;
  order: number;
  day_part: DayPart;
  role: SlotRole;
  starts_at: string;
  ends_at: string;
  travel_from_previous: Leg | null;
  venue: SlotVenueBody;
  narrative: string;
  status: SlotStatus;
  /** Null for a trip of one, and where the slot has got another venue since it was planned. */
  served: ServedBody[] | null;
}

export interface TripBody {
  id: string;
  seq: number;
  city: string;
  start_date: string;
  end_date: string;
  status: TripStatus;
  party: Party;
  budget: BudgetBand;
  ranking: {
    source: Trip['ranking']['source'];
    model_version: string;
    cache: Trip['ranking']['cache'];
    fallback: Trip['ranking']['fallback'];
    fallback_reason: string | null;
  };
  days: { day: number; date: string; slots: SlotBody[]; notes: string[] }[];
  /** Null for a trip that was planned for one. */
  group: GroupBody | null;
}

export function toSlotVenueBody(venue: Venue): SlotVenueBody {
  return {
    id: venue.id,
    name: venue.name,
    category: venue.category,
    neighbourhood: venue.neighbourhood,
    location: venue.location,
    price_level: venue.priceLevel,
    vibe_tags: [...venue.vibeTags],
    cross_ref_confidence: venue.crossRefConfidence,
    source: venue.source,
  };
}

export function toSlotBody(trip: Trip, planned: TripSlot): SlotBody {
  const { timeZone } = trip.city;
  const date = addDays(trip.startDate, planned.dayNumber - 1);
  return {
    id: planned.id,
    order: planned.order,
    day_part: planned.stop.dayPart,
    role: planned.stop.role,
    starts_at: wallClock(date, planned.start, timeZone),
    ends_at: wallClock(date, planned.end, timeZone),
    travel_from_previous: planned.travel,
    venue: toSlotVenueBody(trip.venues[planned.venueId]!),
    narrative: planned.narrative,
    status: planned.status,
    served: servedBody(trip, planned),
  };
}

/** Enough of a trip for its body: the alternatives and their venues, most of what a trip weighs, are left out. */
export function withoutAlternatives(trip: Trip): Trip {
  return {
    ...trip,
    slots: trip.slots.map((slot) => ({ ...slot, alternatives: [] })),
    venues: Object.fromEntries(trip.slots.map(({ venueId }) => [venueId, trip.venues[venueId]!])),
  };
}

export function toTripBody(trip: Trip): TripBody {
  const { ranking } = trip;
  const days = daysBetween(trip.startDate, trip.endDate) + 1;
  return {
    id: trip.id,
    seq: trip.seq,
    city: trip.city.slug,
    start_date: trip.startDate,
    end_date: trip.endDate,
    status: trip.status,
    party: trip.party,
    budget: trip.budgetBand,
    ranking: {
      source: ranking.source,
      model_version: ranking.modelVersion,
      cache: ranking.cache,
      fallback: ranking.fallback,
      fallback_reason: ranking.fallbackReason,
    },
    days: Array.from({ length: days }, (_, i) => ({
      day: i + 1,
      date: addDays(trip.startDate, i),
      slots: trip.slots.filter((slot) => slot.dayNumber === i + 1).map((slot) => toSlotBody(trip, slot)),
      notes: [...(trip.dayNotes[i + 1] ?? [])],
    })),
    group: groupBody(trip),
  };
}
