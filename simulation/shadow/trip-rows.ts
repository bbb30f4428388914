/** A drawn trip as the product would have stored it: trip, candidate log, ranking events, slots. */

import { addDays } from '../../core/itinerary/local-time.ts';
import type { RankingSummary } from '../../core/itinerary/trip.ts';
import type { FullCandidateSet } from '../../core/ranking/candidate-log.ts';
import { DAY_PARTS, type DayPart, RANKED_TRIP_DAYS } from '../../core/ranking/ranker.ts';
import type { Company } from './choice-model.ts';
import type { DrawnSlot, DrawnTrip } from './drawn-trip.ts';
import type { LivedSlot } from './lived-slot.ts';
import { SHADOW_POLICY, type ShadowCity, shadowId } from './settings.ts';
import type { Traveller } from './traveller.ts';
import type { TripDay, TripScene } from './trip-scene.ts';

const RANKING: RankingSummary = {
  source: 'offline',
  modelVersion: SHADOW_POLICY,
  cache: 'miss',
  fallback: null,
  fallbackReason: null,
};

/** As `core/ranking/candidate-log.ts` has it, but for the rescoring, which has no part here. */
export function rankingSnapshot(
  { snapshot }: Traveller,
  city: ShadowCity,
  { kind, size, budget }: Company,
  dayPart: DayPart,
  tripDay: number,
): Record<string, unknown> {
  return {
    v: 1,
    persona: snapshot,
    context: {
      day_part: dayPart,
      trip_day: Math.min(tripDay, RANKED_TRIP_DAYS),
      party_kind: kind,
      party_size: size,
      budget_band: budget,
    },
    catalogue: { city: city.slug, version: city.catalogueVersion },
  };
}

/** The trip's own rows and its log; answers the id of each moment's ranking event. */
export function writeTrip(traveller: Traveller, scene: TripScene, drawn: DrawnTrip): string[] {
  const { seed, rows, signals, userId, chooser } = traveller;
  const { planned, company } = scene;
  const at = new Date(scene.plannedAt).toISOString();
  rows.trips.push({
    id: scene.id,
    user_id: userId,
    city_id: planned.city.id,
    start_date: planned.startDate,
    end_date: addDays(planned.startDate, planned.days - 1),
    status: planned.status,
    party_size: company.size,
    party_kind: company.kind,
    budget_band: company.budget,
    dimensions: chooser.persona.dimensions,
    ranking: RANKING,
    created_at: at,
  });
  rows.trip_members.push({ trip_id: scene.id, user_id: userId, joined_at: at });

  const events = drawn.moments.map((_, i) => shadowId(seed, 'ranking', `${planned.index}.${i}`));
  const index = new Map(drawn.candidates.map(({ venue }, i) => [venue.id, i]));
  const set: FullCandidateSet = {
    v: 1,
    venue_ids: drawn.candidates.map(({ venue }) => venue.id),
    rankings: drawn.moments.map((moment, i) => ({
      ranking_event_id: events[i]!,
      day_number: moment.dayNumber,
      day_part: moment.dayPart,
      scores: DAY_PARTS.indexOf(moment.dayPart),
      shown: moment.slots.map(({ place }) => index.get(place.venue.id)!),
      propensity: { list: i },
    })),
    scores: drawn.scores,
    propensities: drawn.moments.map(({ propensities }) => propensities),
  };
  const candidateSet = signals.write({
    type: 'candidate_set_logged',
    place: null,
    tripId: scene.id,
    slotId: null,
    context: { full_candidate_set: set },
    at: scene.plannedAt,
  });
  drawn.moments.forEach(({ dayNumber, dayPart }, i) => {
    rows.ranking_events.push({
      id: events[i]!,
      actor_key: signals.actorKey,
      trip_id: scene.id,
      city_id: planned.city.id,
      kind: 'itinerary',
      day_number: dayNumber,
      day_part: dayPart,
      candidate_set_signal_id: candidateSet,
      model_version: SHADOW_POLICY,
      feature_snapshot: rankingSnapshot(traveller, planned.city, company, dayPart, dayNumber),
      created_at: at,
    });
  });
  return events;
}

export interface SlotPlace {
  id: string;
  order: number;
  rankingEventId: string;
}

/** `lived` is null where nobody came so far. */
export function writeSlot(
  { rows }: Traveller,
  scene: TripScene,
  day: TripDay,
  drawn: DrawnSlot,
  { id, order, rankingEventId }: SlotPlace,
  lived: LivedSlot | null,
): void {
  const { stop, alternatives } = drawn;
  const stands = lived?.place ?? drawn.place;
  const taken = alternatives.find(({ place }) => place === stands) ?? drawn;
  rows.itinerary_slots.push({
    id,
    trip_id: scene.id,
    day_number: day.number,
    slot_order: order,
    day_part: stop.dayPart,
    role: stop.role,
    time_window: [stop.earliest, stop.latest, stop.latest + stop.longest],
    score: taken.score,
    activity_node_id: stands.venue.id,
    starts_at: new Date(day.at(taken.start)).toISOString(),
    ends_at: new Date(day.at(taken.end)).toISOString(),
    model_version: SHADOW_POLICY,
    status: lived?.status ?? 'proposed',
    alternatives: [drawn, ...alternatives]
      .filter(({ place }) => place !== stands)
      .map(({ place, score }) => ({ venueId: place.venue.id, score })),
    ranking_event_id: rankingEventId,
    updated_at: new Date(scene.plannedAt).toISOString(),
  });
}
