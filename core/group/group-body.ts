/** A group's trip as its members see it: whom each slot serves how well, and what it adds up to. */
import { daysBetween } from '../itinerary/local-time.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { type Served, tripServed } from './served.ts';
import type { GroupStrategy } from './strategies.ts';

export interface ServedBody {
  user_id: string;
  utility: number;
  best: number;
}

export interface GroupBody {
  strategy: GroupStrategy;
  conflict: number;
  /** By day, in the order of `members`. */
  weights_by_day: number[][];
  members: { user_id: string; total: number; mean: number; satisfaction: number }[];
  least_satisfaction: number;
  mean_satisfaction: number;
}

const round = (x: number) => Math.round(x * 1e4) / 1e4;

/** Only of members who still travel along. */
function servedBy({ group, members }: Trip, slot: TripSlot): Served[] | null {
  if (!group || !slot.served || slot.served.venueId !== slot.venueId) return null;
  const values = slot.served.members;
  return group.memberIds.flatMap((id, i) =>
    id !== null && members.some(({ userId }) => userId === id) ? [{ memberId: id, ...values[i]! }] : [],
  );
}

/** Null where one traveller was planned for, and where the slot has got another venue since. */
export function servedBody(trip: Trip, slot: TripSlot): ServedBody[] | null {
  const served = servedBy(trip, slot)?.map(({ memberId, utility, best }) => ({
    user_id: memberId,
    utility: round(utility),
    best: round(best),
  }));
  return served ?? null;
}

/** Over the slots that stand as they were planned. Null where one traveller was planned for. */
export function groupBody(trip: Trip): GroupBody | null {
  const { group } = trip;
  if (!group) return null;
  const standing = trip.slots.filter(({ status }) => status !== 'skipped').map((slot) => servedBy(trip, slot) ?? []);
  const { members, leastSatisfaction, meanSatisfaction } = tripServed(standing.filter((served) => served.length > 0));
  const places = members.map(({ memberId }) => group.memberIds.indexOf(memberId));
  const days = daysBetween(trip.startDate, trip.endDate) + 1;
  return {
    strategy: group.strategy,
    conflict: round(group.conflict),
    weights_by_day: group.weightsByDay.slice(0, days).map((weights) => places.map((place) => round(weights[place]!))),
    members: members.map(({ memberId, total, mean, satisfaction }) => ({
      user_id: memberId,
      total: round(total),
      mean: round(mean),
      satisfaction: round(satisfaction),
    })),
    least_satisfaction: round(leastSatisfaction),
    mean_satisfaction: round(meanSatisfaction),
  };
}
