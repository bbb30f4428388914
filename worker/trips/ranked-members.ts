/** What the members of a trip are planned from: one list of candidates, and what each ranker makes of it for each member. */
import type { RankedMember } from '../../core/arbitration/decide-moments.ts';
import { groupCandidates } from '../../core/group/group-candidates.ts';
import { archetypesByDistance, NEAREST_ARCHETYPES } from '../../core/persona/archetypes.ts';
import { isWarm } from '../../core/persona/persona.ts';
import { rescore } from '../../core/ranking/personal-rescore.ts';
import {
  DAY_PARTS,
  RANKED_TRIP_DAYS,
  type Ranker,
  type RankerFailureCode,
  type Ranking,
} from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Traveller } from '../../platform/database/users.ts';
import type { ArchetypeMoment } from '../../platform/ranking/archetype-rankings.ts';
import { retrieveCandidates } from '../../platform/ranking/retrieve.ts';
import { retrieveForWarm } from '../../platform/ranking/retrieve-warm.ts';
import { archetypeLists, within } from './llm-side.ts';
import { type MlState, mlMoments, mlRanking, mlState } from './ml-side.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';

export interface RankedMembers {
  /** At most 200. */
  candidates: Venue[];
  /** In the order of the travellers. */
  members: RankedMember[];
  /** What the ML side was told of each member. */
  states: MlState[];
  /** In the order of `momentIndex`: the archetypes' lists; null where they came too late. */
  lists: ArchetypeMoment[][] | null;
  cache: 'hit' | 'miss' | 'partial';
  failure: RankerFailureCode | null;
  /** `name@version` of the venue vectors that the first traveller's candidates were found with; null: no model's. */
  retrievedBy: string | null;
  /** Versions of those that lifted a member's scores. */
  affinities: string[];
  /** To be pre-warmed, at most three: one traveller's nearest, or each member's own. */
  archetypeIds: string[];
  writes: () => Promise<void>;
}

/** Stands in for a list that did not come in time: it says nothing of any venue. */
const SILENT: Ranking = { ranked: [], confidence: 0, source: 'offline', modelVersion: 'none' };

export async function rankedMembers(
  travellers: readonly Traveller[],
  request: PlanRequest,
  ranker: Ranker,
  deps: PlanDependencies,
): Promise<RankedMembers> {
  const { party, budgetBand, days, closedVenueIds } = request;
  const nearest = travellers.map(({ persona }) =>
    archetypesByDistance(persona.dimensions)
      .slice(0, NEAREST_ARCHETYPES)
      .map(({ id }) => id),
  );
  const archetypeIds = [...new Set(nearest.map(([id]) => id!))];
  const asked = archetypeLists(archetypeIds, request, ranker, deps);
  const [found, affinities] = await Promise.all([
    Promise.all(
      travellers.map(async (traveller) => {
        const state = await deps.timed('past', () => mlState(traveller, request, deps));
        return { state, ...(await deps.timed('retrieve', () => candidatesFor(traveller, state, request, deps))) };
      }),
    ),
    // Of the warm, what they did themselves says more.
    Promise.all(
      travellers.map(({ user }, i) =>
        isWarm(user.countingSignals) ? null : deps.affinity(nearest[i]![0]!, request.city),
      ),
    ),
  ]);
  const states = found.map(({ state }) => state);
  const candidates = groupCandidates(found.map(({ venues }) => venues.filter(({ id }) => !closedVenueIds?.has(id))));
  const contexts = Array.from({ length: Math.min(days, RANKED_TRIP_DAYS) }, (_, day) =>
    DAY_PARTS.map((dayPart) => ({
      dayPart,
      tripDay: day + 1,
      partyKind: party.kind,
      partySize: party.size,
      budgetBand,
    })),
  ).flat();
  const moments = mlMoments(contexts, request);
  const trained = await deps.timed('ml', () =>
    Promise.all(
      states.map(async (state) =>
        'missing' in state
          ? state
          : ((await mlRanking(state, candidates, moments, deps)) ?? ({ missing: 'unavailable' } as const)),
      ),
    ),
  );
  const served = trained.some((ranking) => !('missing' in ranking));
  // In shadow the language model serves: it is waited for.
  const rankings = await deps.timed('lists', async () =>
    served && deps.arbitration.mode === 'live' ? within(deps.arbitration.llmWaitMs, asked.rankings) : asked.rankings,
  );
  const caches = new Set(rankings?.map((ranking) => ranking.cache));
  return {
    candidates,
    // The archetype's lists are made for the usual party; the members' own scores for the party that travels.
    members: travellers.map(({ user, persona }, i) => {
      const list = rankings?.[archetypeIds.indexOf(nearest[i]![0]!)];
      const own = contexts.map((context, m) => ({ context, archetypeRanking: list?.moments[m]?.ranking ?? SILENT }));
      return { id: user.id, persona, llm: rescore(persona, candidates, own, affinities[i]), ml: trained[i]! };
    }),
    states,
    lists: rankings && contexts.map((_, m) => rankings.map((ranking) => ranking.moments[m]!)),
    cache: caches.size === 1 ? rankings![0]!.cache : rankings ? 'partial' : 'miss',
    failure: rankings?.find(({ failure }) => failure !== null)?.failure ?? null,
    retrievedBy: found[0]!.space,
    affinities: [...new Set(affinities.flatMap((affinity) => affinity?.version ?? []))].sort(),
    archetypeIds: (travellers.length === 1 ? nearest[0]! : archetypeIds).slice(0, NEAREST_ARCHETYPES),
    writes: asked.writes,
  };
}

/** By the trained retrieval where the traveller is warm and the city's venues have its vectors. */
async function candidatesFor(
  { persona }: Traveller,
  state: MlState,
  { city, party, startDate, budgetBand }: PlanRequest,
  deps: PlanDependencies,
): Promise<{ venues: Venue[]; space: string | null }> {
  if (!('missing' in state)) {
    try {
      const trained = await state.models.retrieval();
      if (trained) {
        const vector = await trained.userVector({ ...state, persona });
        const venues = await retrieveForWarm(deps, city, vector, trained.modelVersion, party, startDate, budgetBand);
        if (venues) return { venues, space: trained.modelVersion };
      }
    } catch (error) {
      deps.log('ml_retrieval_failed', { error: String(error) });
    }
  }
  return { venues: await retrieveCandidates(deps, city, persona, party, startDate, budgetBand), space: null };
}
