/** What each member has received so far, and how much more say that gives them from now on. Pure: updates are copies. */
import { memberMean } from './member-mean.ts';
import { type Served, satisfaction } from './served.ts';

export interface LedgerEntry {
  /** Sum of utilities over the slots so far. */
  received: number;
  /** Sum of what those slots could have been worth to the member at best. */
  best: number;
}

/** By member id. */
export type FairnessLedger = ReadonlyMap<string, LedgerEntry>;

export const EMPTY_LEDGER: FairnessLedger = new Map();

/** No member's say more than doubles or less than halves: fairness corrects the ranking, it does not replace it. */
export const WEIGHT_BOUNDS = { least: 0.5, most: 2 } as const;

/** The ledger after a slot that served the members so. */
export function credit(ledger: FairnessLedger, slot: readonly Served[]): FairnessLedger {
  const next = new Map(ledger);
  for (const { memberId, utility, best } of slot) {
    const entry = next.get(memberId) ?? { received: 0, best: 0 };
    next.set(memberId, { received: entry.received + utility, best: entry.best + best });
  }
  return next;
}

/**
 * How steeply a member's say rises as they fall behind: alpha of the alpha-fair family (Mo & Walrand 2000), in which 1 is
 * Nash welfare over the whole trip and infinity looks at the worst off alone. A day has few slots, so 1 evens out only in
 * part over a usual trip; at 4 the worst off stand no worse than under least misery, and the total stays within a
 * hundredth of a plain average's (both asserted over random groups in the tests).
 */
export const FAIRNESS_ALPHA = 4;

/**
 * The members' weights in Nash welfare, in the order of `memberIds`, within `WEIGHT_BOUNDS`:
 * `(mean satisfaction / own satisfaction) ^ FAIRNESS_ALPHA`, satisfaction being received over best. It is the marginal
 * alpha-fair welfare of what a member holds, `U ^ -alpha`, on the scale of the group's mean: how proportionally fair
 * schedulers serve their users in turn (Kelly 1997), and a slot at a time what Conitzer, Freeman & Shah 2017 ask of public
 * decisions as a whole. Above 1 for who is behind, below 1 for who is ahead, exactly 1 where all are level and on the
 * first day. A member of whom the ledger knows nothing stands at the mean of the others.
 */
export function fairnessWeights(ledger: FairnessLedger, memberIds: readonly string[]): number[] {
  const shares = memberIds.map((id) => {
    const entry = ledger.get(id);
    return entry ? satisfaction(entry.received, entry.best) : null;
  });
  const known = shares.filter((share) => share !== null);
  const mean = known.length > 0 ? memberMean(known) : 1;
  return shares.map((share) => {
    if (share === null || share === mean) return 1;
    const weight = (mean / share) ** FAIRNESS_ALPHA;
    return Math.min(WEIGHT_BOUNDS.most, Math.max(WEIGHT_BOUNDS.least, weight));
  });
}
