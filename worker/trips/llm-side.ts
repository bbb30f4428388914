/** The language model's side of a plan: the lists for each traveller's nearest archetype, fitted to the traveller. */
import { archetype, archetypePersona } from '../../core/persona/archetypes.ts';
import type { Ranker } from '../../core/ranking/ranker.ts';
import { kvRankingCache } from '../../platform/cache/ranking-cache.ts';
import { type ArchetypeRankings, archetypeRankings, usualParty } from '../../platform/ranking/archetype-rankings.ts';
import { retrieveCandidates } from '../../platform/ranking/retrieve.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';

export interface ArchetypeLists {
  /** In the order of the archetypes. */
  rankings: Promise<ArchetypeRankings[]>;
  /** Cache writes, for after the response: those of lists that came too late for it among them. */
  writes: () => Promise<void>;
}

export function archetypeLists(
  archetypeIds: readonly string[],
  { city, party, budgetBand, startDate, days }: PlanRequest,
  ranker: Ranker,
  deps: PlanDependencies,
): ArchetypeLists {
  const cache = kvRankingCache(deps.kv);
  const rankings = Promise.all(
    archetypeIds.map((archetypeId) =>
      archetypeRankings({ city, archetypeId, partyKind: party.kind, budgetBand, tripDays: days }, cache, ranker, () =>
        retrieveCandidates(
          deps,
          city,
          archetypePersona(archetype(archetypeId)),
          usualParty(party.kind),
          startDate,
          budgetBand,
        ),
      ),
    ),
  );
  return {
    rankings,
    writes: async () => {
      await Promise.all((await rankings).map(({ writes }) => writes()));
    },
  };
}

/** Null where it takes longer; a promise that fails later on is nobody's trouble then. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
