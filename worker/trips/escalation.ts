/** What of a plan the larger model is to look at (invariant 3). */
import type { Ranker } from '../../core/ranking/ranker.ts';
import type { JobOf } from '../../platform/queue/jobs.ts';
import type { PlanRequest } from './plan-request.ts';
import type { ServedMoments } from './served-moments.ts';

/**
 * The moments in which both sides of the arbiter were unsure, and the language model's lists are still the smaller
 * model's own; null where there is none.
 */
export function escalationOf(
  { ranked, moments }: Pick<ServedMoments, 'ranked' | 'moments'>,
  { tripId, city, party, budgetBand }: Pick<PlanRequest, 'tripId' | 'city' | 'party' | 'budgetBand'>,
  ranker: Ranker,
): JobOf<'escalate'> | null {
  if (ranker.source !== 'llm') return null;
  const unsure = moments.flatMap(({ decided }, m) => {
    const own = ranked.lists?.[m]?.find(({ ranking }) => ranking.modelVersion === ranker.modelVersion);
    if (!decided?.decision.wouldEscalate || !own) return [];
    const { tripDay, dayPart } = own.context;
    return [{ tripDay, dayPart }];
  });
  if (unsure.length === 0) return null;
  return {
    v: 1,
    id: `escalate:${tripId}`,
    kind: 'escalate',
    city: city.slug,
    catalogueVersion: city.catalogueVersion,
    rankerVersion: ranker.modelVersion,
    archetypeIds: ranked.archetypeIds.slice(0, ranked.lists![0]!.length),
    partyKind: party.kind,
    budgetBand,
    moments: unsure,
  };
}
