/** A plan's moments, each served by one of the two rankers: for one traveller, or for a group as one. */
import { affinityMatrix, type GroupMember } from '../group/affinity-matrix.ts';
import { momentConflict } from '../group/conflict.ts';
import { groupDimensions } from '../group/group-dimensions.ts';
import { DEFAULT_STRATEGY, type GroupStrategy, groupUtility } from '../group/strategies.ts';
import { archetypesByDistance } from '../persona/archetypes.ts';
import { NEUTRAL_DIMENSIONS } from '../persona/dimensions.ts';
import { makePersona, type Persona } from '../persona/persona.ts';
import type { MlRanking } from '../ranking/ml-ranker.ts';
import { mlConfidence, onScaleOf } from '../ranking/ml-scores.ts';
import { personalScores } from '../ranking/offline-ranker.ts';
import type { ScoredMoment } from '../ranking/personal-rescore.ts';
import type { Ranking } from '../ranking/ranker.ts';
import type { Venue } from '../venue/venue.ts';
import { type ArbitrationConfig, configFor } from './config.ts';
import { decide } from './decide.ts';
import type {
  ArbitrationDecision,
  ArbitrationInput,
  ArbitrationMode,
  ArbitrationVenue,
  LearnedVerdict,
  MissingMl,
  SideView,
} from './decision.ts';
import type { DecisionInputs } from './snapshot.ts';

export interface RankedMember {
  /** The user's. */
  id: string;
  persona: Persona;
  /** By the language model's lists, or what stands in for them: what the member would be served without the other. */
  llm: readonly ScoredMoment[];
  /** In the order of `llm`. */
  ml: MlRanking | MissingMl;
}

export interface MomentsRequest {
  /** At least one, the one who asks first. */
  members: readonly RankedMember[];
  candidates: readonly Venue[];
  strategy?: GroupStrategy | undefined;
  /** By moment, the lists behind `llm`, one for each archetype; null where they came too late. */
  lists: readonly (readonly Ranking[])[] | null;
  /** Of the one who asks. */
  traveller: { trips: number; countingSignals: number; sequenceMomentum: number | null };
  partySize: number;
  mode: ArbitrationMode;
  exploration: number;
  config: ArbitrationConfig;
  /** Of each moment, two numbers in [0, 1). */
  draws: (moment: number) => { draw: number; coin: number };
}

export interface DecidedMoment {
  inputs: DecisionInputs;
  decision: ArbitrationDecision;
  /** `name@version` of what serves, comma-separated. */
  servedBy: string;
}

export interface DecidedMoments {
  /** With the scores of the side that serves, all on one scale. */
  members: GroupMember[];
  /** By moment; null where there was nothing to decide: nobody is warm, or ML is off. */
  decided: DecidedMoment[] | null;
}

/** Of a list, as far as the arbiter looks. */
const TOP = 10;

/** What there is to decide; a learned arbiter, where one serves, is asked in between. */
export interface OpenMoments {
  /** By moment; null where there is nothing to decide: nobody is warm, or ML is off. */
  inputs: readonly ArbitrationInput[] | null;
  /** @param learned by moment; null: the rules decide */
  decide(learned: readonly LearnedVerdict[] | null): DecidedMoments;
}

/**
 * Each moment is a decision of its own. A group's two lists are what its strategy makes of the members' utilities on
 * either side, before anybody was served; a member without an ML ranking has the same utilities on both.
 * @throws RangeError for no members
 */
export function openMoments(request: MomentsRequest): OpenMoments {
  const { members, candidates } = request;
  const [first] = members;
  if (!first) throw new RangeError('a trip has at least one traveller');
  const asLlm = members.map(({ id, persona, llm }): GroupMember => ({ id, persona, moments: llm }));
  const trained = members.flatMap(({ ml }) => ('missing' in ml ? [] : [ml]));
  if (trained.length === 0 && 'missing' in first.ml && first.ml.missing !== 'unavailable') {
    return { inputs: null, decide: () => ({ members: asLlm, decided: null }) };
  }
  const asMl = members.map(
    ({ id, persona, llm, ml }): GroupMember => ({
      id,
      persona,
      moments: 'missing' in ml ? llm : llm.map((moment, m) => onScaleOf(moment, ml.logits[m]!, candidates)),
    }),
  );
  const [llmOrders, mlOrders, conflicts] = orders(asLlm, asMl, request);
  const anybody = anybodysOrders(first.llm, candidates);
  const dimensions = groupDimensions(members.map(({ persona }) => persona.dimensions));
  const nearestArchetype = archetypesByDistance(dimensions)[0]!.id;
  const config = configFor(request.config, nearestArchetype);
  const inputs = first.llm.map(({ context }, m): ArbitrationInput => {
    const ml: SideView | MissingMl =
      trained.length === 0
        ? (first.ml as MissingMl)
        : {
            top: topOf(mlOrders[m]!, candidates),
            confidence: mean(trained.map(({ logits }) => mlConfidence(logits[m]!))),
            version: unique(trained.map(({ modelVersion }) => modelVersion)),
            source: 'ml',
          };
    const lists = request.lists?.[m];
    const llm: ArbitrationInput['llm'] = lists
      ? {
          top: topOf(llmOrders[m]!, candidates),
          confidence: mean(lists.map(({ confidence }) => confidence)),
          version: unique(lists.map(({ modelVersion }) => modelVersion)),
          source: unique(lists.map(({ source }) => source)),
        }
      : { missing: 'late' };
    const top = (side: SideView | { missing: string }) => ('missing' in side ? [] : side.top);
    return {
      mode: request.mode,
      ml,
      llm,
      venues: venuesOf(new Set([...top(ml), ...top(llm)]), candidates),
      anybodysTop: topOf(anybody[m]!, candidates),
      context: {
        userTripCount: request.traveller.trips,
        countingSignals: request.traveller.countingSignals,
        sequenceMomentum: request.traveller.sequenceMomentum,
        localBias: dimensions.local_vs_tourist_bias,
        nearestArchetype,
        isGroup: members.length > 1,
        groupConflict: members.length > 1 ? conflicts[m]! : null,
        partySize: request.partySize,
        tripDay: context.tripDay,
        dayPart: context.dayPart,
        candidates: candidates.length,
      },
      exploration: request.exploration,
    };
  });
  return {
    inputs,
    decide(learned) {
      const decided = inputs.map((input, m): DecidedMoment => {
        const { draw, coin } = request.draws(m);
        const verdict = learned?.[m] ?? null;
        const decision = decide(input, config, draw, coin, verdict);
        return {
          inputs: { input, config, draw, coin, learned: verdict },
          decision,
          servedBy: versionOf(input[decision.served]),
        };
      });
      const members = asLlm.map((member, i) => ({
        ...member,
        moments: member.moments.map((moment, m) =>
          decided[m]!.decision.served === 'ml' ? asMl[i]!.moments[m]! : moment,
        ),
      }));
      return { members, decided };
    },
  };
}

/** By moment: candidate indices, best first, on either side; and how far the members are from agreeing. */
function orders(
  asLlm: readonly GroupMember[],
  asMl: readonly GroupMember[],
  { candidates, strategy = DEFAULT_STRATEGY }: MomentsRequest,
): [number[][], number[][], number[]] {
  if (asLlm.length === 1) {
    const alone = (members: readonly GroupMember[]) => members[0]!.moments.map(({ order }) => order);
    return [alone(asLlm), alone(asMl), []];
  }
  const weights = asLlm.map(() => 1);
  const [llm, ml] = [affinityMatrix(asLlm), affinityMatrix(asMl)];
  const combined = (matrix: typeof llm) =>
    matrix.moments.map(({ utilities }) =>
      bestFirst(
        Float64Array.from(candidates, (_, c) =>
          groupUtility(
            strategy,
            utilities.map((own) => own[c]!),
            weights,
          ),
        ),
        candidates,
      ),
    );
  return [combined(llm), combined(ml), llm.moments.map(({ utilities }) => momentConflict(utilities))];
}

/** What the traveller of whom nothing is known would be shown. */
function anybodysOrders(moments: readonly ScoredMoment[], candidates: readonly Venue[]): number[][] {
  const persona = makePersona(NEUTRAL_DIMENSIONS, []);
  const scores = personalScores(
    { persona, candidates },
    moments.map(({ context }) => context),
  );
  return moments.map((_, m) => bestFirst(scores[m]!, candidates));
}

function bestFirst(scores: ArrayLike<number>, candidates: readonly Venue[]): number[] {
  return candidates
    .map((_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || (candidates[a]!.id < candidates[b]!.id ? -1 : 1));
}

const topOf = (order: readonly number[], candidates: readonly Venue[]) =>
  order.slice(0, TOP).map((i) => candidates[i]!.id);

function venuesOf(ids: ReadonlySet<string>, candidates: readonly Venue[]): Record<string, ArbitrationVenue> {
  return Object.fromEntries(
    candidates
      .filter(({ id }) => ids.has(id))
      .map(({ id, touristScore, localScore, firstSeenAt }) => [id, { touristScore, localScore, firstSeenAt }]),
  );
}

const unique = (texts: readonly string[]) => [...new Set(texts)].sort().join(',');
const versionOf = (side: SideView | { missing: string }) => ('missing' in side ? 'none' : side.version);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
