/** The ranking behind the cards of discovery: no trip yet, so the traveller alone, on the afternoon of a first day. */

import { v7 as uuidv7 } from 'uuid';
import { decidedColumns } from '../../core/arbitration/snapshot.ts';
import { Random } from '../../core/experiment/random.ts';
import { dateIn } from '../../core/itinerary/local-time.ts';
import { momentIndex } from '../../core/itinerary/plan-days.ts';
import { featureSnapshot, fullCandidateSet } from '../../core/ranking/candidate-log.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import type { ScoredMoment } from '../../core/ranking/personal-rescore.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { City } from '../../platform/database/cities.ts';
import { insertLlmUsage } from '../../platform/database/llm-usage.ts';
import { arbitrationEvents, behavioralSignals, rankingEvents } from '../../platform/database/schema/index.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { LlmRanker } from '../../platform/llm/llm-ranker.ts';
import type { AppContext } from '../app-env.ts';
import { requestLlm } from '../request-llm.ts';
import { budgetOf } from '../schemas/budget.ts';
import { afterRanking, releaseModels } from './after-ranking.ts';
import { planDependencies } from './plan-dependencies.ts';
import type { PlanRequest } from './plan-request.ts';
import { joinedVersions, servedMoments } from './served-moments.ts';

const MOMENT = { dayNumber: 1, dayPart: 'afternoon' } as const;

export interface DiscoveryRequest {
  city: City;
  fallback: 'places' | null;
  limit: number;
  /** Venues that the traveller has swiped already. */
  without: ReadonlySet<string>;
  rankingEventId: string;
}

export interface DiscoveryCards {
  rankingEventId: string;
  modelVersion: string;
  venues: Venue[];
}

/** Ranks, logs what was offered and what is shown in one transaction (invariant 1), and gives the cards back. */
export async function discoveryCards(
  c: AppContext,
  traveller: Traveller,
  { city, fallback, limit, without, rankingEventId }: DiscoveryRequest,
): Promise<DiscoveryCards> {
  const { database, now } = c.var;
  const llm = requestLlm(c, null);
  const ranker = llm ? new LlmRanker(llm) : new OfflineRanker();
  const request: PlanRequest = {
    tripId: rankingEventId,
    city,
    startDate: dateIn(city.timeZone, now),
    days: 1,
    party: { size: 1, kind: 'solo' },
    budgetBand: budgetOf(traveller.persona),
    startArea: null,
    notBefore: 0,
    fallback,
  };
  const deps = planDependencies(c, llm, (_stage, work) => work());
  const { ranked, members, moments } = await servedMoments([traveller], request, ranker, deps);
  const [state] = ranked.states;
  const at = momentIndex(MOMENT.dayNumber, MOMENT.dayPart);
  const served = moments[at]!;
  const { candidates, scored } = leftOut(ranked.candidates, members[0]!.moments[at]!, without);
  const best = scored.order.slice(0, limit).map((i) => candidates[i]!);
  // What stands first is looked at first: where chance may have a part, it has the order of the same cards.
  const random = Random.of(0, `cards/${rankingEventId}`);
  const shuffled = served.decided !== null && random.chance(deps.arbitration.exploreSlots);
  const venues = shuffled ? random.shuffle(best) : best;
  const modelVersion = joinedVersions([served]);
  const decision = served.decided?.decision;

  const latencyMs = Date.now() - now;
  const candidateSetId = uuidv7();
  const shown = new Set(venues.map((venue) => venue.id));
  const occurredAt = new Date(now);
  await database.batch([
    database.insert(behavioralSignals).values({
      id: candidateSetId,
      actorKey: traveller.actorKey,
      signalType: 'candidate_set_logged',
      context: {
        full_candidate_set: fullCandidateSet(candidates, [
          {
            rankingEventId,
            dayNumber: 1,
            scored,
            shown,
            side: decision && { served: decision.served, propensity: decision.propensity },
          },
        ]),
      },
      weight: 0,
      source: 'system',
      modelVersion,
      occurredAt,
    }),
    database.insert(rankingEvents).values({
      id: rankingEventId,
      actorKey: traveller.actorKey,
      cityId: city.id,
      kind: 'discovery',
      dayPart: MOMENT.dayPart,
      candidateSetSignalId: candidateSetId,
      source: served.source,
      modelVersion,
      cache: served.cached ? 'hit' : 'miss',
      fallback: served.stoodIn ? 'offline' : fallback,
      fallbackReason: served.stoodIn && ranked.failure ? `llm_${ranked.failure}` : null,
      featureSnapshot: {
        ...featureSnapshot(
          traveller.persona,
          scored.context,
          { citySlug: city.slug, version: city.catalogueVersion },
          ranked.affinities,
        ),
        order: shuffled ? 'random' : 'ranked',
      },
      latencyMs,
      createdAt: occurredAt,
    }),
    ...(served.decided
      ? [
          database.insert(arbitrationEvents).values({
            ...decidedColumns(served.decided.inputs, served.decided.decision),
            id: uuidv7(),
            actorKey: traveller.actorKey,
            servedActivity: venues[0]?.id ?? null,
            occurredAt,
          }),
        ]
      : []),
  ]);
  const ranking = {
    rankingEventId,
    tripId: null,
    ...MOMENT,
    latencyMs,
    unserved: served.unserved,
    open: shuffled ? shown : null,
  };
  c.executionCtx.waitUntil(
    Promise.all([
      ranked.writes(),
      insertLlmUsage(database, llm?.usage ?? []),
      state && !('missing' in state) ? afterRanking(state, ranked.candidates, [ranking], request, deps) : undefined,
    ]).finally(() => releaseModels(ranked.states)),
  );
  return { rankingEventId, modelVersion, venues };
}

/** The moment without some of its candidates. */
function leftOut(all: readonly Venue[], moment: ScoredMoment, without: ReadonlySet<string>) {
  const kept = all.flatMap(({ id }, i) => (without.has(id) ? [] : [i]));
  const place = new Map(kept.map((index, i) => [index, i]));
  const scored: ScoredMoment = {
    context: moment.context,
    scores: Float64Array.from(kept, (i) => moment.scores[i]!),
    order: moment.order.flatMap((i) => place.get(i) ?? []),
  };
  return { candidates: kept.map((i) => all[i]!), scored };
}
