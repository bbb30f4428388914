/** The log of candidates, read: what each of its rankings offered. */
import type { FullCandidateSet } from './candidate-log.ts';

/** One ranking's candidates; all arrays are in the order of `venueIds`. */
export interface LoggedCandidates {
  venueIds: readonly string[];
  scores: readonly number[];
  /** Probability with which the policy shows each, in [0, 1]. */
  propensities: number[];
  /** Indices of the venues that were shown. */
  shown: readonly number[];
}

/** Null where the set does not hold that ranking. */
export function loggedCandidates(set: FullCandidateSet, rankingEventId: string): LoggedCandidates | null {
  const ranking = set.rankings.find((one) => one.ranking_event_id === rankingEventId);
  if (!ranking) return null;
  return {
    venueIds: set.venue_ids,
    scores: set.scores[ranking.scores] ?? [],
    propensities: propensitiesOf(set, ranking),
    shown: ranking.shown,
  };
}

function propensitiesOf(
  { venue_ids, propensities }: FullCandidateSet,
  { shown, propensity }: FullCandidateSet['rankings'][number],
): number[] {
  if ('list' in propensity) return [...(propensities?.[propensity.list] ?? [])];
  const all = venue_ids.map(() => propensity.other);
  for (const i of shown) all[i] = propensity.shown;
  return all;
}
