/** The ranking behind the cards of discovery: no trip yet, so the traveller alone, on the afternoon of a first day. */

import { v7 as uuidv7 } from 'uuid';
import { dateIn } from '../../core/itinerary/local-time.ts';
import { momentIndex } from '../../core/itinerary/plan-days.ts';
import { featureSnapshot, fullCandidateSet } from '../../core/ranking/candidate-log.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import { RESCORE_VERSION, rescore } from '../../core/ranking/personal-rescore.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { City } from '../../platform/database/cities.ts';
import { insertLlmUsage } from '../../platform/database/llm-usage.ts';
import { behavioralSignals, rankingEvents } from '../../platform/database/schema/index.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { LlmRanker } from '../../platform/llm/llm-ranker.ts';
import type { AppContext } from '../app-env.ts';
import { requestLlm } from '../request-llm.ts';
import { budgetOf } from '../schemas/budget.ts';
import { rankedMembers } from './ranked-members.ts';

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
  const { database, vectors, now, log } = c.var;
  const llm = requestLlm(c, null);
  const ranker = llm ? new LlmRanker(llm) : new OfflineRanker();
  const ranked = await rankedMembers(
    [traveller],
    {
      tripId: rankingEventId,
      city,
      startDate: dateIn(city.timeZone, now),
      days: 1,
      party: { size: 1, kind: 'solo' },
      budgetBand: budgetOf(traveller.persona),
      startArea: null,
      notBefore: 0,
      fallback,
    },
    ranker,
    {
      database,
      vectors,
      kv: c.env.CACHE,
      llm,
      now: new Date(now),
      newId: uuidv7,
      timed: (_stage, work) => work(),
      log,
    },
  );
  const candidates = ranked.candidates.filter((venue) => !without.has(venue.id));
  const at = momentIndex(MOMENT.dayNumber, MOMENT.dayPart);
  const scored = rescore(traveller.persona, candidates, ranked.members[0]!.moments)[at]!;
  const venues = scored.order.slice(0, limit).map((i) => candidates[i]!);
  const [list] = ranked.moments[at]!;
  const modelVersion = `${list!.ranking.modelVersion},${RESCORE_VERSION}`;
  const fellBack = list!.ranking.source !== ranker.source;

  const candidateSetId = uuidv7();
  const shown = new Set(venues.map((venue) => venue.id));
  const occurredAt = new Date(now);
  await database.batch([
    database.insert(behavioralSignals).values({
      id: candidateSetId,
      actorKey: traveller.actorKey,
      signalType: 'candidate_set_logged',
      context: {
        full_candidate_set: fullCandidateSet(candidates, [{ rankingEventId, dayNumber: 1, scored, shown }]),
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
      source: list!.ranking.source,
      modelVersion,
      cache: list!.cached ? 'hit' : 'miss',
      fallback: fellBack ? 'offline' : fallback,
      fallbackReason: fellBack && ranked.failure ? `llm_${ranked.failure}` : null,
      featureSnapshot: featureSnapshot(traveller.persona, scored.context, {
        citySlug: city.slug,
        version: city.catalogueVersion,
      }),
      latencyMs: Date.now() - now,
      createdAt: occurredAt,
    }),
  ]);
  c.executionCtx.waitUntil(Promise.all([ranked.writes(), insertLlmUsage(database, llm?.usage ?? [])]));
  return { rankingEventId, modelVersion, venues };
}
