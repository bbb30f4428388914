/** How much each member of a group would like each candidate at each moment of the trip, on one scale for all. */
import type { Persona } from '../persona/persona.ts';
import type { ScoredMoment } from '../ranking/personal-rescore.ts';
import type { RankingContext } from '../ranking/ranker.ts';
import { memberMean } from './member-mean.ts';

export interface GroupMember {
  id: string;
  persona: Persona;
  /** The moments of the trip, the same contexts for all, with the scores that this member would be served alone. */
  moments: readonly ScoredMoment[];
}

export interface AffinityMoment {
  context: RankingContext;
  /** `utilities[member][candidate]` in [0, 1]. */
  utilities: Float64Array[];
}

export interface AffinityMatrix {
  /** In the order of the matrix' rows. */
  memberIds: readonly string[];
  moments: AffinityMoment[];
  /** The score that utilities 0 and 1 stand for: the means of the members' lowest and highest scores. */
  scale: { low: number; high: number };
}

/**
 * Members x candidates for each moment. A member's utility is the score that they would be served alone, brought to [0, 1] by the lowest and the highest score that this member gives anywhere in the
 * trip, so that a generous scale has no louder voice than a strict one (Masthoff, "Group Recommender Systems", in
 * Recommender Systems Handbook, 2nd ed. 2015, ch. 22; min-max scaling as in Jain, Nandakumar & Ross 2005). The range is the whole
 * trip's, not the moment's: utilities of one member add up over slots, and who cares more about dinner than about the
 * morning keeps saying so. A member to whom all is one has utility 1 throughout and sways nothing.
 */
export function affinityMatrix(members: readonly GroupMember[]): AffinityMatrix {
  const rows = members.map(({ moments }) => {
    const scores = moments.map((moment) => moment.scores);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const list of scores) {
      for (const score of list) {
        low = Math.min(low, score);
        high = Math.max(high, score);
      }
    }
    const range = high - low;
    const utilities = scores.map((list) => list.map((score) => (range > 0 ? (score - low) / range : 1)));
    return low <= high ? { low, high, utilities } : { low: 0, high: 1, utilities };
  });
  return {
    memberIds: members.map(({ id }) => id),
    moments: (members[0]?.moments ?? []).map(({ context }, m) => ({
      context,
      utilities: rows.map(({ utilities }) => utilities[m]!),
    })),
    scale: { low: memberMean(rows.map(({ low }) => low)), high: memberMean(rows.map(({ high }) => high)) },
  };
}
