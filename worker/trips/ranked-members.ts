/** What the members of a trip are planned from: one list of candidates, and each one's archetype at each moment. */
import type { GroupMember } from '../../core/group/affinity-matrix.ts';
import { groupCandidates } from '../../core/group/group-candidates.ts';
import {
  archetype,
  archetypePersona,
  archetypesByDistance,
  NEAREST_ARCHETYPES,
} from '../../core/persona/archetypes.ts';
import type { Ranker, RankerFailureCode } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { kvRankingCache } from '../../platform/cache/ranking-cache.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { type ArchetypeMoment, archetypeRankings, usualParty } from '../../platform/ranking/archetype-rankings.ts';
import { retrieveCandidates } from '../../platform/ranking/retrieve.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';

export interface RankedMembers {
  /** At most 200. */
  candidates: Venue[];
  /** In the order of the travellers; ids are user ids. */
  members: GroupMember[];
  /** What stood behind the trip's moments, in the order of `momentIndex`: a list for each archetype. */
  moments: ArchetypeMoment[][];
  cache: 'hit' | 'miss' | 'partial';
  failure: RankerFailureCode | null;
  /** To be pre-warmed, at most three: one traveller's nearest, or each member's own. */
  archetypeIds: string[];
  writes: () => Promise<void>;
}

export async function rankedMembers(
  travellers: readonly Traveller[],
  request: PlanRequest,
  ranker: Ranker,
  deps: PlanDependencies,
): Promise<RankedMembers> {
  const { city, party, budgetBand, startDate, days, closedVenueIds } = request;
  const nearest = travellers.map(({ persona }) =>
    archetypesByDistance(persona.dimensions)
      .slice(0, NEAREST_ARCHETYPES)
      .map(({ id }) => id),
  );
  const archetypeIds = [...new Set(nearest.map(([id]) => id!))];
  const cache = kvRankingCache(deps.kv);
  const [lists, rankings] = await Promise.all([
    Promise.all(travellers.map(({ persona }) => retrieveCandidates(deps, city, persona, party, startDate, budgetBand))),
    Promise.all(
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
    ),
  ]);
  const caches = new Set(rankings.map((ranking) => ranking.cache));
  return {
    candidates: groupCandidates(lists.map((list) => list.filter(({ id }) => !closedVenueIds?.has(id)))),
    // The archetype's lists are made for the usual party; the members' own scores for the party that travels.
    members: travellers.map(({ user, persona }, i) => ({
      id: user.id,
      persona,
      moments: rankings[archetypeIds.indexOf(nearest[i]![0]!)]!.moments.map(({ context, ranking }) => ({
        context: { ...context, partySize: party.size },
        archetypeRanking: ranking,
      })),
    })),
    moments: rankings[0]!.moments.map((_, m) => rankings.map(({ moments }) => moments[m]!)),
    cache: caches.size === 1 ? rankings[0]!.cache : 'partial',
    failure: rankings.find(({ failure }) => failure !== null)?.failure ?? null,
    archetypeIds: (travellers.length === 1 ? nearest[0]! : archetypeIds).slice(0, NEAREST_ARCHETYPES),
    writes: async () => {
      await Promise.all(rankings.map(({ writes }) => writes()));
    },
  };
}
