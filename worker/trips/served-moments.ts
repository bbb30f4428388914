/** The moments of a plan as they are served: both rankers asked, and of each moment one of them chosen. */
import { type DecidedMoment, openMoments, type RankedMember } from '../../core/arbitration/decide-moments.ts';
import { sequenceMomentum } from '../../core/arbitration/sequence-momentum.ts';
import { Random } from '../../core/experiment/random.ts';
import type { GroupMember } from '../../core/group/affinity-matrix.ts';
import type { RankingSummary } from '../../core/itinerary/trip.ts';
import { isWarm } from '../../core/persona/persona.ts';
import { RESCORE_VERSION } from '../../core/ranking/personal-rescore.ts';
import type { Ranker } from '../../core/ranking/ranker.ts';
import { dimensionProfile } from '../../core/venue/venue-vector.ts';
import type { Traveller } from '../../platform/database/users.ts';
import { learnedVerdicts } from './learned-verdicts.ts';
import type { WarmTraveller } from './ml-side.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';
import { type RankedMembers, rankedMembers } from './ranked-members.ts';

/** What stood behind one moment. */
export interface ServedMoment {
  source: RankingSummary['source'];
  /** `name@version` of each that had a part in it. */
  modelVersions: string[];
  /** All that the language model's side said came from the cache. */
  cached: boolean;
  /** The language model was asked, and something else had to stand in. */
  stoodIn: boolean;
  /** Null where there was nothing to decide. */
  decided: DecidedMoment | null;
  /** What the other side would have ranked, of one traveller's plan; null where it said nothing. */
  unserved: UnservedRanking | null;
}

export interface UnservedRanking {
  /** `name@version` */
  modelVersion: string;
  /** Candidate indices, best first. */
  order: readonly number[];
  /** By candidate. */
  scores: ArrayLike<number>;
}

export interface ServedMoments {
  ranked: RankedMembers;
  members: GroupMember[];
  /** In the order of `momentIndex`. */
  moments: ServedMoment[];
}

export async function servedMoments(
  travellers: readonly Traveller[],
  request: PlanRequest,
  ranker: Ranker,
  deps: PlanDependencies,
): Promise<ServedMoments> {
  const anyWarm = travellers.some(({ user }) => isWarm(user.countingSignals));
  const [ranked, config] = await Promise.all([
    rankedMembers(travellers, request, ranker, deps),
    deps.arbitration.config(anyWarm),
  ]);
  const { candidates, lists } = ranked;
  const warm = ranked.states.find((state): state is WarmTraveller => !('missing' in state));
  const { mode, exploreDisagreements } = deps.arbitration;
  const open = openMoments({
    members: ranked.members,
    candidates,
    strategy: request.strategy,
    lists: lists?.map((moment) => moment.map(({ ranking }) => ranking)) ?? null,
    traveller: {
      trips: warm?.trips ?? 0,
      countingSignals: travellers[0]!.user.countingSignals,
      sequenceMomentum: warm ? momentumOf(warm) : null,
    },
    partySize: request.party.size,
    mode,
    exploration: exploreDisagreements,
    config,
    draws: (moment) => {
      const random = Random.of(0, `arbitration/${request.tripId}/${moment}`);
      return { draw: random.uniform(), coin: random.uniform() };
    },
  });
  const { members, decided } = open.decide(await learnedVerdicts(open.inputs, warm, config, deps));
  const retrieved = ranked.retrievedBy === null ? [] : [ranked.retrievedBy];
  const moments = members[0]!.moments.map((_, m): ServedMoment => {
    const one = decided?.[m] ?? null;
    const asked = lists?.[m] ?? [];
    const fromMl = one?.decision.served === 'ml';
    const sources = new Set(asked.map(({ ranking }) => ranking.source));
    return {
      source: fromMl ? 'ml' : sources.size > 1 ? 'mixed' : asked[0]!.ranking.source,
      modelVersions: fromMl
        ? [...retrieved, ...one.servedBy.split(','), ...ranked.affinities]
        : [
            ...retrieved,
            ...new Set(asked.map(({ ranking }) => ranking.modelVersion)),
            RESCORE_VERSION,
            ...ranked.affinities,
          ],
      cached: asked.every(({ cached }) => cached),
      stoodIn: !fromMl && asked.some(({ ranking }) => ranking.source !== ranker.source),
      decided: one,
      unserved: one && ranked.members.length === 1 ? unservedRanking(ranked.members[0]!, m, one) : null,
    };
  });
  return { ranked, members, moments };
}

function unservedRanking(
  { llm, ml }: RankedMember,
  moment: number,
  { inputs, decision }: DecidedMoment,
): UnservedRanking | null {
  const side = decision.served === 'ml' ? inputs.input.llm : inputs.input.ml;
  // Lists of several versions are no version's.
  if ('missing' in side || side.version.includes(',')) return null;
  if (decision.served === 'ml') return { modelVersion: side.version, ...llm[moment]! };
  if ('missing' in ml) return null;
  const scores = ml.logits[moment]!;
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { modelVersion: side.version, order, scores };
}

function momentumOf({ history, historyVenues }: WarmTraveller): number {
  return sequenceMomentum(
    history.flatMap(({ venueId, accepted }) => {
      const venue = historyVenues.get(venueId);
      return venue ? [{ profile: dimensionProfile(venue), accepted }] : [];
    }),
  );
}

/** Each once, in the order in which they first come; comma-separated. */
export function joinedVersions(
  moments: readonly Pick<ServedMoment, 'modelVersions'>[],
  ...more: (string | undefined)[]
): string {
  const versions = [...moments.flatMap(({ modelVersions }) => modelVersions), ...more];
  return [...new Set(versions)].filter((version) => version !== undefined).join(',');
}

export function joinedSource(moments: readonly Pick<ServedMoment, 'source'>[]): RankingSummary['source'] {
  const sources = new Set(moments.map(({ source }) => source));
  return sources.size > 1 ? 'mixed' : moments[0]!.source;
}
