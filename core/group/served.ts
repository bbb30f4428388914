/** Whom a slot serves how well, and what the trip adds up to for each member. */
import { memberMean } from './member-mean.ts';

/** One member and one slot. */
export interface Served {
  memberId: string;
  /** What the slot's venue is worth to the member at its moment, in [0, 1] (`affinity-matrix.ts`). */
  utility: number;
  /** The most that any venue that the trip may hold could have been worth to the member in this slot, in [0, 1]. */
  best: number;
}

export interface MemberServed {
  memberId: string;
  /** Sum of the slots' utilities. */
  total: number;
  /** `total` by slot, in [0, 1]. */
  mean: number;
  /** `total` of what was possible (the sum of `best`), in [0, 1]; 1 where nothing was possible. */
  satisfaction: number;
}

export interface TripServed {
  /** In the order of the slots' lists. */
  members: MemberServed[];
  /** Over the members: the lowest satisfaction, and the mean one. */
  leastSatisfaction: number;
  meanSatisfaction: number;
}

/** Received over possible, in [0, 1]. A later swap may give more than was counted as possible. */
export function satisfaction(received: number, best: number): number {
  return best > 0 ? Math.min(1, received / best) : 1;
}

/** The totals over the slots that stand: leave out what was skipped. Every list holds the same members. */
export function tripServed(slots: readonly (readonly Served[])[]): TripServed {
  const ids = [...new Set(slots.flatMap((slot) => slot.map((served) => served.memberId)))];
  const members = ids.map((memberId): MemberServed => {
    const own = slots.flatMap((slot) => slot.filter((served) => served.memberId === memberId));
    const total = own.reduce((sum, { utility }) => sum + utility, 0);
    const best = own.reduce((sum, served) => sum + served.best, 0);
    return { memberId, total, mean: total / own.length, satisfaction: satisfaction(total, best) };
  });
  const all = members.map((member) => member.satisfaction);
  return {
    members,
    leastSatisfaction: all.length > 0 ? Math.min(...all) : 1,
    meanSatisfaction: all.length > 0 ? memberMean(all) : 1,
  };
}
