/** The critical path: from travellers and a request to a planned trip, with everything logged that models will need. */
import { decidedColumns } from '../../core/arbitration/snapshot.ts';
import { Random } from '../../core/experiment/random.ts';
import { groupFeatureSnapshot } from '../../core/group/group-snapshot.ts';
import { slotServed, tripGroup } from '../../core/group/trip-group.ts';
import { type ExploredTrip, exploreSlots, type SlotChances } from '../../core/itinerary/explore.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { momentIndex, planDays } from '../../core/itinerary/plan-days.ts';
import type { RankingSummary, Trip, TripSlot } from '../../core/itinerary/trip.ts';
import { featureSnapshot, fullCandidateSet, type LoggedMoment } from '../../core/ranking/candidate-log.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { NewTrip } from '../../platform/database/trips.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { LlmRanker } from '../../platform/llm/llm-ranker.ts';
import { tripNarratives } from '../../platform/llm/trip-narratives.ts';
import type { JobOf } from '../../platform/queue/jobs.ts';
import { afterRanking, releaseModels } from './after-ranking.ts';
import { escalationOf } from './escalation.ts';
import type { WarmTraveller } from './ml-side.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';
import { joinedSource, joinedVersions, type ServedMoment, servedMoments } from './served-moments.ts';

export interface PlannedTrip {
  trip: Trip;
  candidateSet: NewTrip['candidateSet'];
  rankingEvents: NewTrip['rankingEvents'];
  arbitrationEvents: NewTrip['arbitrationEvents'];
  prewarm: JobOf<'prewarm'>;
  escalation: JobOf<'escalate'> | null;
  /** For after the response: cache writes, and what is learned from a warm traveller's ranking. */
  afterwards: () => Promise<void>;
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
  const served = await deps.timed('rank', () => servedMoments(travellers, request, ranker, deps));
  const { ranked, members, moments } = served;
  const { candidates } = ranked;

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
      // A language model that was too late to rank is not waited for again.
      ranked.lists ? deps.llm : null,
      deps.kv,
      slots.map(({ venue, stop, order, dayNumber }) => ({
        venue,
        context: { dayPart: stop.dayPart, role: stop.role, variant: dayNumber * 7 + order },
      })),
    ),
  );

  const servedAt = (dayNumber: number, dayPart: DayPart) => moments[momentIndex(dayNumber, dayPart)]!;
  const modelVersion = joinedVersions(moments, group?.modelVersion);
  const ranking: RankingSummary = {
    source: joinedSource(moments),
    modelVersion,
    cache: ranked.cache,
    fallback: request.fallback ?? (ranked.failure ? 'offline' : null),
    fallbackReason: ranked.failure && `llm_${ranked.failure}`,
  };
  if (ranked.failure) deps.log('llm_ranking_fell_back', { reason: ranked.failure, model_version: modelVersion });

  const candidateSetId = deps.newId();
  const eventIds = new Map(
    planned.flatMap(({ dayNumber }) => DAY_PARTS.map((dayPart) => [`${dayNumber}/${dayPart}`, deps.newId()])),
  );
  const eventOf = (dayNumber: number, dayPart: DayPart) => eventIds.get(`${dayNumber}/${dayPart}`)!;
  const catalogue = { citySlug: city.slug, version: city.catalogueVersion };
  const personas = new Map(members.map(({ id, persona }) => [id, persona]));
  const latencyMs = Date.now() - startedAt;

  const plan: Trip = {
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
        modelVersion: joinedVersions([servedAt(slot.dayNumber, slot.stop.dayPart)], group?.modelVersion),
        status: 'proposed',
        rankingEventId: eventOf(slot.dayNumber, slot.stop.dayPart),
        served: group && slotServed(group, candidates, slot),
      }),
    ),
    members: travellers.map(({ user }, i) => ({ userId: user.id, role: i === 0 ? 'organiser' : 'member' })),
    group: group && tripGroup(group, days),
    venues: shownVenues(slots, candidates),
  };
  const { trip, chances } = explored(plan, moments, deps);
  const logged = planned.flatMap(({ dayNumber }) =>
    DAY_PARTS.map((dayPart): LoggedMoment => {
      const id = eventOf(dayNumber, dayPart);
      const own = trip.slots.filter((slot) => slot.rankingEventId === id);
      const decision = servedAt(dayNumber, dayPart).decided?.decision;
      return {
        rankingEventId: id,
        dayNumber,
        scored: momentOf(dayNumber, dayPart),
        shown: new Set(own.map(({ venueId }) => venueId)),
        propensities: propensitiesOf(own, chances),
        side: decision && { served: decision.served, propensity: decision.propensity },
      };
    }),
  );
  const arbitrationEvents = arbitrationRows(trip, organiser.actorKey, servedAt, deps);

  return {
    trip,
    candidateSet: {
      id: candidateSetId,
      actorKey: organiser.actorKey,
      signalType: 'candidate_set_logged',
      tripId: trip.id,
      context: {
        full_candidate_set: fullCandidateSet(candidates, logged),
      },
      weight: 0,
      source: 'system',
      modelVersion,
      occurredAt: deps.now,
    },
    rankingEvents: logged.map(({ rankingEventId, dayNumber, scored }) => {
      const { dayPart } = scored.context;
      const served = servedAt(dayNumber, dayPart);
      return {
        id: rankingEventId,
        actorKey: organiser.actorKey,
        tripId: trip.id,
        cityId: city.id,
        kind: 'itinerary',
        dayNumber,
        dayPart,
        candidateSetSignalId: candidateSetId,
        source: served.source,
        modelVersion: joinedVersions([served], group?.modelVersion),
        cache: served.cached ? 'hit' : 'miss',
        fallback: served.stoodIn ? 'offline' : request.fallback,
        fallbackReason: served.stoodIn ? ranking.fallbackReason : null,
        featureSnapshot: group
          ? groupFeatureSnapshot(group, personas, dayNumber, dayPart, catalogue, ranked.affinities)
          : featureSnapshot(organiser.persona, scored.context, catalogue, ranked.affinities),
        latencyMs,
        createdAt: deps.now,
      };
    }),
    arbitrationEvents,
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
    escalation: escalationOf(served, request, ranker),
    afterwards: async () => {
      const rankings = logged.map(({ rankingEventId, dayNumber, scored, propensities }) => {
        const { dayPart } = scored.context;
        const { unserved } = servedAt(dayNumber, dayPart);
        const open = propensities ? new Set(propensities.keys()) : null;
        return { rankingEventId, tripId: trip.id, dayNumber, dayPart, latencyMs, unserved, open };
      });
      const warm = ranked.states.filter((state): state is WarmTraveller => !('missing' in state));
      // A group's list is no single traveller's: versions are compared where one travels alone.
      const comparable = group ? [] : warm;
      await Promise.all([
        ranked.writes(),
        narration.writes(),
        ...comparable.map((state) => afterRanking(state, candidates, rankings, request, deps)),
      ]).finally(() => releaseModels(warm));
    },
  };
}

/** Chance has a part in the plans of warm travellers alone: what cold ones see first, they should like. */
function explored(plan: Trip, moments: readonly ServedMoment[], { arbitration }: PlanDependencies): ExploredTrip {
  const warm = moments.some(({ decided }) => decided !== null);
  return exploreSlots(plan, warm ? arbitration.exploreSlots : 0, Random.of(0, `slots/${plan.id}`));
}

/** Of one ranking: what its slots show, with the chances of each; nothing where there were none. */
function propensitiesOf(slots: readonly TripSlot[], chances: readonly SlotChances[]): Map<string, number> | undefined {
  const ids = new Set(slots.map(({ id }) => id));
  const own = chances.filter(({ slotId }) => ids.has(slotId));
  if (own.length === 0) return undefined;
  const all = new Map<string, number>();
  for (const { propensities } of own) {
    for (const [venueId, chance] of propensities) all.set(venueId, (all.get(venueId) ?? 0) + chance);
  }
  return all;
}

/** A decision between the rankers, once for each slot that it filled. */
function arbitrationRows(
  { id, slots }: Trip,
  actorKey: string,
  servedAt: (dayNumber: number, dayPart: DayPart) => ServedMoment,
  { newId, now }: PlanDependencies,
): NonNullable<PlannedTrip['arbitrationEvents']> {
  return slots.flatMap((slot) => {
    const { decided } = servedAt(slot.dayNumber, slot.stop.dayPart);
    if (!decided) return [];
    return [
      {
        ...decidedColumns(decided.inputs, decided.decision),
        id: newId(),
        actorKey,
        tripId: id,
        slotId: slot.id,
        servedActivity: slot.venueId,
        occurredAt: now,
      },
    ];
  });
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
