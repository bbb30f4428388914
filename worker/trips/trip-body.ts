/** A trip as clients see it. */
import type { z } from '@hono/zod-openapi';
import { addDays, daysBetween, wallClock } from '../../core/itinerary/local-time.ts';
import type { Trip, TripSlot } from '../../core/itinerary/trip.ts';
import { slotVenueBody } from '../schemas/shared.ts';
import type { slot, tripBody } from '../schemas/trip.ts';

export type TripBody = z.infer<typeof tripBody>;
export type SlotBody = z.infer<typeof slot>;

function slotBody(trip: Trip, date: string, planned: TripSlot): SlotBody {
  const { timeZone } = trip.city;
  return {
    id: planned.id,
    order: planned.order,
    day_part: planned.stop.dayPart,
    role: planned.stop.role,
    starts_at: wallClock(date, planned.start, timeZone),
    ends_at: wallClock(date, planned.end, timeZone),
    travel_from_previous: planned.travel,
    venue: slotVenueBody(trip.venues[planned.venueId]!),
    narrative: planned.narrative,
    status: planned.status,
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
    days: Array.from({ length: days }, (_, i) => {
      const day = i + 1;
      const date = addDays(trip.startDate, i);
      return {
        day,
        date,
        slots: trip.slots.filter((s) => s.dayNumber === day).map((s) => slotBody(trip, date, s)),
        notes: [...(trip.dayNotes[day] ?? [])],
      };
    }),
  };
}
