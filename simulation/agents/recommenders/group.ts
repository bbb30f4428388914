/** A party as production plans for it: each member's own scores, made one list by `core/group`. */
import { type AffinityMatrix, affinityMatrix, type GroupMember } from '../../../core/group/affinity-matrix.ts';
import { momentConflict } from '../../../core/group/conflict.ts';
import { credit, EMPTY_LEDGER, fairnessWeights } from '../../../core/group/fairness-ledger.ts';
import { groupModelVersion } from '../../../core/group/group-scores.ts';
import { DEFAULT_STRATEGY, groupUtility } from '../../../core/group/strategies.ts';
import { momentIndex } from '../../../core/itinerary/plan-days.ts';
import { suitsStop } from '../../../core/itinerary/rules.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { bestOf, type RankerView } from '../recommender.ts';
import { SLOT_WINDOWS } from '../sim-city.ts';

export const PARTY_VERSION = groupModelVersion(DEFAULT_STRATEGY);

/** Members as they are on a day of the trip. */
export interface PartyRanking {
  /** The one who asks first; each with every ranked moment of the trip, in the order of `momentIndex`. */
  members: readonly GroupMember[];
  matrix: AffinityMatrix;
  /** The say of each on that day. */
  weights: readonly number[];
  /** By part of the day: the mean over the lists behind the members' scores, in [0, 1]. */
  confidences: readonly number[];
}

/**
 * How much say each has, seen where the trip has led on the days before, as `core/group/group-scores.ts` has it; what was gone by
 * then counts as possible here.
 */
export function sayOf({ candidates, context, startDate, history }: RankerView, matrix: AffinityMatrix): number[] {
  const { memberIds, moments } = matrix;
  const begin = Date.parse(startDate);
  let ledger = EMPTY_LEDGER;
  for (const { venueId, accepted, at, tripDay, dayPart } of history) {
    if (!accepted || at < begin || tripDay === null || dayPart === null || tripDay >= context.tripDay) continue;
    const { utilities } = moments[momentIndex(tripDay, dayPart)]!;
    const taken = candidates.findIndex(({ id }) => id === venueId);
    const activity = suitsStop(candidates[taken]!, { role: 'activity', dayPart });
    const role = activity ? ('activity' as const) : SLOT_WINDOWS[dayPart].meal;
    const possible = candidates.flatMap((venue, c) => (suitsStop(venue, { role, dayPart }) ? [c] : []));
    const served = memberIds.map((memberId, member) => {
      const own = utilities[member]!;
      return { memberId, utility: own[taken]!, best: Math.max(own[taken]!, ...possible.map((c) => own[c]!)) };
    });
    ledger = credit(ledger, served);
  }
  return fairnessWeights(ledger, memberIds);
}

/** The pool, best first for all, by production's default strategy. */
export function bestForParty(view: RankerView, matrix: AffinityMatrix, weights: readonly number[]): Venue[] {
  const { utilities } = matrix.moments[momentOf(view)]!;
  const scores = view.candidates.map((_, c) =>
    groupUtility(
      DEFAULT_STRATEGY,
      utilities.map((own) => own[c]!),
      weights,
    ),
  );
  return bestByScores(view, scores);
}

/** In [0, 1], as production asks it: of the members' scores without ML. */
export function conflictAt(view: RankerView, { matrix }: PartyRanking): number {
  return momentConflict(matrix.moments[momentOf(view)]!.utilities);
}

/** With other scores of the one who asks, at the moment of the view. */
export function withLead(
  view: RankerView,
  { members }: PartyRanking,
  replaced: (moment: GroupMember['moments'][number]) => GroupMember['moments'][number],
): AffinityMatrix {
  const [lead, ...others] = members;
  const at = momentOf(view);
  return affinityMatrix([{ ...lead!, moments: lead!.moments.with(at, replaced(lead!.moments[at]!)) }, ...others]);
}

const momentOf = ({ context: { tripDay, dayPart } }: RankerView) => momentIndex(tripDay, dayPart);

const places = new WeakMap<readonly Venue[], ReadonlyMap<string, number>>();

/** The pool by scores of the trip's candidates, best first. */
export function bestByScores({ pool, candidates }: RankerView, scores: ArrayLike<number>): Venue[] {
  let place = places.get(candidates);
  if (!place) {
    place = new Map(candidates.map(({ id }, i) => [id, i]));
    places.set(candidates, place);
  }
  const byId = place;
  return bestOf(pool, ({ id }) => scores[byId.get(id)!]!);
}
