/** What a trip that was planned for a group keeps of that: who, how, and whom each slot serves how well. */
import type { Stop } from '../itinerary/itinerary.ts';
import type { Venue } from '../venue/venue.ts';
import type { GroupScores } from './group-scores.ts';
import type { GroupStrategy } from './strategies.ts';

export interface TripGroup {
  strategy: GroupStrategy;
  /** In [0, 1], over the whole trip. */
  conflict: number;
  /** Whom it was planned for; null where they have left since. All lists of members are in this order. */
  memberIds: (string | null)[];
  /** The say of each member by day of the trip, the first day first. */
  weightsByDay: number[][];
}

export interface SlotServed {
  /** What the rest is said of: a slot that holds another venue now has nothing to say. */
  venueId: string;
  /** By member (`served.ts`). */
  members: { utility: number; best: number }[];
}

export function tripGroup(scores: GroupScores, days: number): TripGroup {
  return {
    strategy: scores.strategy,
    conflict: scores.conflict,
    memberIds: [...scores.memberIds],
    weightsByDay: Array.from({ length: days }, (_, i) => [...scores.weightsOn(i + 1)]),
  };
}

/** Ask once all days are planned: what was possible depends on what the days before hold. */
export function slotServed(
  scores: GroupScores,
  candidates: readonly Venue[],
  { dayNumber, stop, venueId }: { dayNumber: number; stop: Stop; venueId: string },
): SlotServed {
  const candidate = candidates.findIndex((venue) => venue.id === venueId);
  const members = scores.served(dayNumber, stop, candidate).map(({ utility, best }) => ({ utility, best }));
  return { venueId, members };
}

/** The group without the id of a person who has left. */
export function withoutPerson<Group extends TripGroup | null | undefined>(group: Group, userId: string): Group {
  return group ? { ...group, memberIds: group.memberIds.map((id) => (id === userId ? null : id)) } : group;
}
