/** The critical path: from a traveller and a request to a planned trip, with everything logged that models will need. */
import { assemble } from '../../core/itinerary/assemble.ts';
import { frameDays } from '../../core/itinerary/day-frame.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import type { RankingSummary, Trip, TripSlot } from '../../core/itinerary/trip.ts';
import {
  archetype,
  archetypePersona,
  archetypesByDistance,
  NEAREST_ARCHETYPES,
} from '../../core/persona/archetypes.ts';
import { rankedTripDay } from '../../core/ranking/cache-key.ts';
import { featureSnapshot, fullCandidateSet, type LoggedMoment } from '../../core/ranking/candidate-log.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { RESCORE_VERSION, rescore } from '../../core/ranking/personal-rescore.ts';
import { type BudgetBand, DAY_PARTS } from '../../core/ranking/ranker.ts';
import type { Location, Venue } from '../../core/venue/venue.ts';
import { kvRankingCache } from '../../platform/cache/ranking-cache.ts';
import type { City } from '../../platform/database/cities.ts';
import type { NewTrip } from '../../platform/database/trips.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { LlmRanker } from '../../platform/llm/llm-ranker.ts';
import type { LlmSession } from '../../platform/llm/llm-session.ts';
import { tripNarratives } from '../../platform/llm/trip-narratives.ts';
import type { JobOf } from '../../platform/queue/jobs.ts';
import { archetypeRankings, usualParty } from '../../platform/ranking/archetype-rankings.ts';
import { type Retrieval, retrieveCandidates } from '../../platform/ranking/retrieve.ts';

export interface PlanRequest {
  tripId: string;
  city: City;
  startDate: string;
  days: number;
  party: Party;
  budgetBand: BudgetBand;
  startArea: Location | null;
  /** On the first day nothing starts before this minute. */
  notBefore: number;
  /** Set where the city has no catalogue and its venues came from a places provider. */
  fallback: 'places' | null;
}

export interface PlanDependencies extends Retrieval {
  kv: KVNamespace;
  /** Null without a language model. */
  llm: LlmSession | null;
  now: Date;
  newId: () => string;
  /** Runs a named stage; for `Server-Timing`. */
  timed: <T>(stage: string, work: () => Promise<T>) => Promise<T>;
  log: (event: string, fields?: Record<string, unknown>) => void;
}

export interface PlannedTrip {
  trip: Trip;
  candidateSet: NewTrip['candidateSet'];
  rankingEvents: NewTrip['rankingEvents'];
  prewarm: JobOf<'prewarm'>;
  /** Cache writes, for after the response. */
  writes: () => Promise<void>;
}

export async function planTrip(
  traveller: Traveller,
  request: PlanRequest,
  deps: PlanDependencies,
): Promise<PlannedTrip> {
  const { city, party, budgetBand, startDate, days } = request;
  const { persona } = traveller;
  const startedAt = deps.now.getTime();
  const nearest = archetypesByDistance(persona.dimensions).slice(0, NEAREST_ARCHETYPES);
  const bucket = nearest[0]!.id;
  const ranker = deps.llm ? new LlmRanker(deps.llm) : new OfflineRanker();

  const [candidates, ranked] = await deps.timed('rank', () =>
    Promise.all([
      retrieveCandidates(deps, city, persona, party, startDate, budgetBand),
      archetypeRankings(
        { city, archetypeId: bucket, partyKind: party.kind, budgetBand, tripDays: days },
        kvRankingCache(deps.kv),
        ranker,
        () =>
          retrieveCandidates(
            deps,
            city,
            archetypePersona(archetype(bucket)),
            usualParty(party.kind),
            startDate,
            budgetBand,
          ),
      ),
    ]),
  );

  // The archetype's lists are made for the usual party; the traveller's own scores for the party that travels.
  const scored = rescore(
    persona,
    candidates,
    ranked.moments.map(({ context, ranking }) => ({
      context: { ...context, partySize: party.size },
      archetypeRanking: ranking,
    })),
  );
  const momentIndex = (dayNumber: number, dayPart: (typeof DAY_PARTS)[number]) =>
    (rankedTripDay(dayNumber) - 1) * DAY_PARTS.length + DAY_PARTS.indexOf(dayPart);

  const planned = await deps.timed('assemble', async () =>
    assemble({
      candidates,
      frames: frameDays({
        startDate,
        days,
        timeZone: city.timeZone,
        mealTimes: city.mealTimes,
        dimensions: persona.dimensions,
        notBefore: request.notBefore,
      }),
      scores: (dayNumber, dayPart) => scored[momentIndex(dayNumber, dayPart)]!.scores,
      party,
      budgetBand,
      dimensions: persona.dimensions,
      start: request.startArea,
    }),
  );

  const venues = new Map(candidates.map((venue) => [venue.id, venue]));
  const slots = planned.flatMap((day) =>
    day.slots.map((slot, i) => ({ ...slot, dayNumber: day.dayNumber, order: i + 1, venue: venues.get(slot.venueId)! })),
  );
  const narration = await deps.timed('narrate', () =>
    tripNarratives(
      deps.llm,
      deps.kv,
      slots.map(({ venue, stop, order, dayNumber }) => ({
        venue,
        context: { dayPart: stop.dayPart, role: stop.role, variant: dayNumber * 7 + order },
      })),
    ),
  );

  const sources = new Set(ranked.moments.map(({ ranking }) => ranking.source));
  const modelVersion = [...new Set(ranked.moments.map(({ ranking }) => ranking.modelVersion)), RESCORE_VERSION].join(
    ',',
  );
  const ranking: RankingSummary = {
    source: sources.size > 1 ? 'mixed' : [...sources][0]!,
    modelVersion,
    cache: ranked.cache,
    fallback: request.fallback ?? (ranked.failure ? 'offline' : null),
    fallbackReason: ranked.failure && `llm_${ranked.failure}`,
  };
  if (ranked.failure) deps.log('llm_ranking_fell_back', { reason: ranked.failure, model_version: modelVersion });

  const candidateSetId = deps.newId();
  const events = planned.flatMap((day) =>
    DAY_PARTS.map((dayPart) => {
      const index = momentIndex(day.dayNumber, dayPart);
      const shown = day.slots.filter((slot) => slot.stop.dayPart === dayPart).map((slot) => slot.venueId);
      return {
        moment: ranked.moments[index]!,
        logged: {
          rankingEventId: deps.newId(),
          dayNumber: day.dayNumber,
          scored: scored[index]!,
          shown: new Set(shown),
        } satisfies LoggedMoment,
      };
    }),
  );
  const eventOf = new Map(
    events.map(({ logged }) => [`${logged.dayNumber}/${logged.scored.context.dayPart}`, logged.rankingEventId]),
  );
  const catalogue = { citySlug: city.slug, version: city.catalogueVersion };
  const latencyMs = Date.now() - startedAt;

  const trip: Trip = {
    id: request.tripId,
    seq: 1,
    city: { id: city.id, slug: city.slug, name: city.name, timeZone: city.timeZone },
    startDate,
    endDate: addDays(startDate, days - 1),
    status: 'planning',
    party,
    budgetBand,
    startArea: request.startArea,
    dimensions: persona.dimensions,
    ranking,
    dayNotes: Object.fromEntries(
      planned.filter((day) => day.notes.length > 0).map((day) => [String(day.dayNumber), day.notes]),
    ),
    slots: slots.map(
      ({ venue: _, ...slot }, i): TripSlot => ({
        ...slot,
        id: deps.newId(),
        narrative: narration.narratives[i]!.text,
        narratorVersion: narration.narratives[i]!.narratorVersion,
        modelVersion: `${ranked.moments[momentIndex(slot.dayNumber, slot.stop.dayPart)]!.ranking.modelVersion},${RESCORE_VERSION}`,
        status: 'proposed',
        rankingEventId: eventOf.get(`${slot.dayNumber}/${slot.stop.dayPart}`)!,
      }),
    ),
    members: [{ userId: traveller.user.id, role: 'organiser' }],
    venues: shownVenues(slots, venues),
  };

  return {
    trip,
    candidateSet: {
      id: candidateSetId,
      actorKey: traveller.actorKey,
      signalType: 'candidate_set_logged',
      tripId: trip.id,
      context: {
        full_candidate_set: fullCandidateSet(
          candidates,
          events.map(({ logged }) => logged),
        ),
      },
      weight: 0,
      source: 'system',
      modelVersion,
      occurredAt: deps.now,
    },
    rankingEvents: events.map(({ moment, logged }) => ({
      id: logged.rankingEventId,
      actorKey: traveller.actorKey,
      tripId: trip.id,
      cityId: city.id,
      kind: 'itinerary',
      dayNumber: logged.dayNumber,
      dayPart: logged.scored.context.dayPart,
      candidateSetSignalId: candidateSetId,
      source: moment.ranking.source,
      modelVersion: `${moment.ranking.modelVersion},${RESCORE_VERSION}`,
      cache: moment.cached ? 'hit' : 'miss',
      fallback: moment.ranking.source === ranker.source ? request.fallback : 'offline',
      fallbackReason: moment.ranking.source === ranker.source ? null : ranking.fallbackReason,
      featureSnapshot: featureSnapshot(persona, logged.scored.context, catalogue),
      latencyMs,
      createdAt: deps.now,
    })),
    prewarm: {
      v: 1,
      id: `prewarm:${trip.id}`,
      kind: 'prewarm',
      city: city.slug,
      catalogueVersion: city.catalogueVersion,
      rankerVersion: ranker.modelVersion,
      archetypeIds: nearest.map(({ id }) => id),
      partyKind: party.kind,
      budgetBand,
    },
    writes: async () => {
      await Promise.all([ranked.writes(), narration.writes()]);
    },
  };
}

/** The records that the trip's object needs: of what is planned and of what could be. */
function shownVenues(
  slots: readonly { venueId: string; alternatives: readonly { venueId: string }[] }[],
  venues: ReadonlyMap<string, Venue>,
): Record<string, Venue> {
  const ids = slots.flatMap((slot) => [slot.venueId, ...slot.alternatives.map((alternative) => alternative.venueId)]);
  return Object.fromEntries([...new Set(ids)].map((id) => [id, venues.get(id)!]));
}
