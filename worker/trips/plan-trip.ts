/** The critical path: from travellers and a request to a planned trip, with everything logged that models will need. */
import { groupFeatureSnapshot } from '../../core/group/group-snapshot.ts';
import { slotServed, tripGroup } from '../../core/group/trip-group.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { momentIndex, planDays } from '../../core/itinerary/plan-days.ts';
import type { RankingSummary, Trip, TripSlot } from '../../core/itinerary/trip.ts';
import { featureSnapshot, fullCandidateSet, type LoggedMoment } from '../../core/ranking/candidate-log.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import { RESCORE_VERSION } from '../../core/ranking/personal-rescore.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { NewTrip } from '../../platform/database/trips.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { LlmRanker } from '../../platform/llm/llm-ranker.ts';
import { tripNarratives } from '../../platform/llm/trip-narratives.ts';
import type { JobOf } from '../../platform/queue/jobs.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';
import { rankedMembers } from './ranked-members.ts';

export interface PlannedTrip {
  trip: Trip;
  candidateSet: NewTrip['candidateSet'];
  rankingEvents: NewTrip['rankingEvents'];
  prewarm: JobOf<'prewarm'>;
  /** Cache writes, for after the response. */
  writes: () => Promise<void>;
}

/** `travellers`: at least one, the organiser first; two or more are planned for as a group. Throws `RangeError` for none. */
export async function planTrip(
  travellers: readonly Traveller[],
  request: PlanRequest,
  deps: PlanDependencies,
): Promise<PlannedTrip> {
  const [organiser] = travellers;
  if (!organiser) throw new RangeError('a trip has at least one traveller');
  const { city, party, budgetBand, startDate, days } = request;
  const startedAt = deps.now.getTime();
  const ranker = deps.llm ? new LlmRanker(deps.llm) : new OfflineRanker();
  const ranked = await deps.timed('rank', () => rankedMembers(travellers, request, ranker, deps));
  const { candidates, members } = ranked;

  const { planned, slots, momentOf, group, assembly } = await deps.timed('assemble', async () =>
    planDays({
      members,
      strategy: request.strategy,
      candidates,
      startDate,
      days,
      timeZone: city.timeZone,
      mealTimes: city.mealTimes,
      notBefore: request.notBefore,
      party,
      budgetBand,
      start: request.startArea,
    }),
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

  const versions = (rankings: readonly { modelVersion: string }[]) =>
    [...new Set(rankings.map((ranking) => ranking.modelVersion)), RESCORE_VERSION, group?.modelVersion]
      .filter((version) => version !== undefined)
      .join(',');
  const listsOf = (dayNumber: number, dayPart: DayPart) => ranked.moments[momentIndex(dayNumber, dayPart)]!;
  const everyRanking = ranked.moments.flat().map(({ ranking }) => ranking);
  const modelVersion = versions(everyRanking);
  const ranking: RankingSummary = {
    source: sourceOf(everyRanking),
    modelVersion,
    cache: ranked.cache,
    fallback: request.fallback ?? (ranked.failure ? 'offline' : null),
    fallbackReason: ranked.failure && `llm_${ranked.failure}`,
  };
  if (ranked.failure) deps.log('llm_ranking_fell_back', { reason: ranked.failure, model_version: modelVersion });

  const candidateSetId = deps.newId();
  const events = planned.flatMap((day) =>
    DAY_PARTS.map((dayPart) => {
      const shown = day.slots.filter((slot) => slot.stop.dayPart === dayPart).map((slot) => slot.venueId);
      return {
        lists: listsOf(day.dayNumber, dayPart),
        logged: {
          rankingEventId: deps.newId(),
          dayNumber: day.dayNumber,
          scored: momentOf(day.dayNumber, dayPart),
          shown: new Set(shown),
        } satisfies LoggedMoment,
      };
    }),
  );
  const eventOf = new Map(
    events.map(({ logged }) => [`${logged.dayNumber}/${logged.scored.context.dayPart}`, logged.rankingEventId]),
  );
  const catalogue = { citySlug: city.slug, version: city.catalogueVersion };
  const personas = new Map(members.map(({ id, persona }) => [id, persona]));
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
    dimensions: assembly.dimensions,
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
        modelVersion: versions(listsOf(slot.dayNumber, slot.stop.dayPart).map((list) => list.ranking)),
        status: 'proposed',
        rankingEventId: eventOf.get(`${slot.dayNumber}/${slot.stop.dayPart}`)!,
        served: group && slotServed(group, candidates, slot),
      }),
    ),
    members: travellers.map(({ user }, i) => ({ userId: user.id, role: i === 0 ? 'organiser' : 'member' })),
    group: group && tripGroup(group, days),
    venues: shownVenues(slots, candidates),
  };

  return {
    trip,
    candidateSet: {
      id: candidateSetId,
      actorKey: organiser.actorKey,
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
    rankingEvents: events.map(({ lists, logged }) => {
      const { dayNumber, scored } = logged;
      const rankings = lists.map((list) => list.ranking);
      const asAsked = rankings.every(({ source }) => source === ranker.source);
      return {
        id: logged.rankingEventId,
        actorKey: organiser.actorKey,
        tripId: trip.id,
        cityId: city.id,
        kind: 'itinerary',
        dayNumber,
        dayPart: scored.context.dayPart,
        candidateSetSignalId: candidateSetId,
        source: sourceOf(rankings),
        modelVersion: versions(rankings),
        cache: lists.every(({ cached }) => cached) ? 'hit' : 'miss',
        fallback: asAsked ? request.fallback : 'offline',
        fallbackReason: asAsked ? null : ranking.fallbackReason,
        featureSnapshot: group
          ? groupFeatureSnapshot(group, personas, dayNumber, scored.context.dayPart, catalogue)
          : featureSnapshot(organiser.persona, scored.context, catalogue),
        latencyMs,
        createdAt: deps.now,
      };
    }),
    prewarm: {
      v: 1,
      id: `prewarm:${trip.id}`,
      kind: 'prewarm',
      city: city.slug,
      catalogueVersion: city.catalogueVersion,
      rankerVersion: ranker.modelVersion,
      archetypeIds: ranked.archetypeIds,
      partyKind: party.kind,
      budgetBand,
    },
    writes: async () => {
      await Promise.all([ranked.writes(), narration.writes()]);
    },
  };
}

function sourceOf(rankings: readonly { source: 'llm' | 'offline' }[]): RankingSummary['source'] {
  const sources = new Set(rankings.map(({ source }) => source));
  return sources.size > 1 ? 'mixed' : rankings[0]!.source;
}

/** The records that the trip's object needs: of what is planned and of what could be. */
function shownVenues(
  slots: readonly { venueId: string; alternatives: readonly { venueId: string }[] }[],
  candidates: readonly Venue[],
): Record<string, Venue> {
  const venues = new Map(candidates.map((venue) => [venue.id, venue]));
  const ids = slots.flatMap((slot) => [slot.venueId, ...slot.alternatives.map((alternative) => alternative.venueId)]);
  return Object.fromEntries([...new Set(ids)].map((id) => [id, venues.get(id)!]));
}
