/** What is done with a warm traveller's ranking once the response is out: it slows none, and nothing of it is served. */
import { type DayPart, RANKED_TRIP_DAYS } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { exposureInserts } from '../../platform/database/experiments.ts';
import { type ShadowRanking, shadowInserts } from '../../platform/database/shadow-rankings.ts';
import { type MlState, mlMoments, mlRequest, type WarmTraveller } from './ml-side.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';
import type { UnservedRanking } from './served-moments.ts';

/** A ranking that was served. */
export interface ServedRanking {
  rankingEventId: string;
  tripId: string | null;
  /** From 1; days after the last ranked one are ranked like it. */
  dayNumber: number;
  dayPart: DayPart;
  latencyMs: number;
  unserved: UnservedRanking | null;
  /** The venues of which chance chose what was shown, or their order; null where it had no part. */
  open: ReadonlySet<string> | null;
}

/**
 * Never rejects. Logs how the side that did not serve would have ranked what chance chose from, scores and logs the versions in shadow, and notes
 * who was shown what by which variant.
 */
export async function afterRanking(
  warm: WarmTraveller,
  candidates: readonly Venue[],
  served: readonly ServedRanking[],
  request: Pick<PlanRequest, 'startDate' | 'city'>,
  { database, now, log }: Pick<PlanDependencies, 'database' | 'now' | 'log'>,
): Promise<void> {
  const { traveller, assigned } = warm;
  const { actorKey } = traveller;
  try {
    const exposures = served.map(({ rankingEventId, latencyMs }) => ({
      id: rankingEventId,
      actorKey,
      latencyMs,
      occurredAt: now,
    }));
    const { exposure } = assigned;
    const rows = await shadowRankings(warm, candidates, served, request, { now, log });
    const writes = [
      ...(exposure
        ? exposureInserts(
            database,
            exposures.map((one) => ({ ...one, ...exposure })),
          )
        : []),
      ...shadowInserts(database, rows),
    ];
    if (writes.length > 0) await database.batch(writes as [(typeof writes)[number], ...typeof writes]);
  } catch (error) {
    log('after_ranking_failed', { error: String(error) });
  }
}

async function shadowRankings(
  warm: WarmTraveller,
  candidates: readonly Venue[],
  served: readonly ServedRanking[],
  request: Pick<PlanRequest, 'startDate' | 'city'>,
  { now, log }: Pick<PlanDependencies, 'now' | 'log'>,
): Promise<ShadowRanking[]> {
  const { models, traveller } = warm;
  const keyOf = ({ dayNumber, dayPart }: Pick<ServedRanking, 'dayNumber' | 'dayPart'>) =>
    `${Math.min(dayNumber, RANKED_TRIP_DAYS)}/${dayPart}`;
  const contexts = new Map(
    served.map((one) => [keyOf(one), { tripDay: Math.min(one.dayNumber, RANKED_TRIP_DAYS), dayPart: one.dayPart }]),
  );
  const places = new Map([...contexts.keys()].map((key, i) => [key, i]));
  const asked = mlRequest(warm, candidates, mlMoments([...contexts.values()], request));
  const rowOf = (one: ServedRanking, modelVersion: string, order: readonly number[], scores: ArrayLike<number>) => {
    const at = modelVersion.lastIndexOf('@');
    return {
      rankingEventId: one.rankingEventId,
      actorKey: traveller.actorKey,
      tripId: one.tripId,
      modelName: modelVersion.slice(0, at),
      version: modelVersion.slice(at + 1),
      ranked: order.map((i) => candidates[i]!.id),
      scores: order.map((i) => scores[i]!),
      createdAt: now,
    };
  };
  const rows = served.flatMap((one): ShadowRanking[] => {
    const { unserved, open, latencyMs } = one;
    // Only where chance had a part does a ranking that was not served say anything, and only of what it chose from.
    if (!unserved || !open) return [];
    const order = unserved.order.filter((i) => open.has(candidates[i]!.id));
    return [{ ...rowOf(one, unserved.modelVersion, order, unserved.scores), latencyMs }];
  });
  for (const version of models.shadow) {
    const ranker = await models.challenger(version);
    if (!ranker) continue;
    const from = performance.now();
    const ranking = await ranker.rank(asked).catch((error: unknown) => {
      log('shadow_ranking_failed', { model_version: ranker.modelVersion, error: String(error) });
      return null;
    });
    if (!ranking) continue;
    const latencyMs = performance.now() - from;
    for (const one of served) {
      const logits = ranking.logits[places.get(keyOf(one))!]!;
      const order = candidates.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
      rows.push({ ...rowOf(one, ranker.modelVersion, order, logits), latencyMs });
    }
  }
  return rows;
}

/** Gives back what the travellers' rankings took. */
export function releaseModels(states: readonly MlState[]): void {
  for (const state of states) if (!('missing' in state)) state.models.release();
}
