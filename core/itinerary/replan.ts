/** A trip planned anew, for whoever travels along now. */
import type { Party } from '../ranking/party-fit.ts';
import type { Trip, TripStatus } from './trip.ts';

export type ReplanProblem =
  | { code: 'organiser_only' }
  | { code: 'not_in_planning'; status: TripStatus }
  | { code: 'slots_locked'; slotIds: string[] }
  /** It is not the trip any more that the new plan was made of; planning again may do. */
  | { code: 'trip_changed' };

/** Why `userId` may not have the trip planned anew; null where they may. */
export function replanProblem(trip: Trip, userId: string): ReplanProblem | null {
  if (!trip.members.some((member) => member.userId === userId && member.role === 'organiser')) {
    return { code: 'organiser_only' };
  }
  if (trip.status !== 'planning') return { code: 'not_in_planning', status: trip.status };
  const slotIds = trip.slots.filter(({ status }) => status === 'locked').map(({ id }) => id);
  return slotIds.length > 0 ? { code: 'slots_locked', slotIds } : null;
}

/** What becomes of the present trip with the new plan, whose `seq` has to be the next one. */
export function takeOver(
  present: Trip,
  planned: Trip,
  userId: string,
): { ok: true; trip: Trip } | { ok: false; problem: ReplanProblem } {
  const problem = replanProblem(present, userId);
  if (problem) return { ok: false, problem };
  if (planned.seq !== present.seq + 1) return { ok: false, problem: { code: 'trip_changed' } };
  const { members, closures = [] } = present;
  // What was found closed stays so, as the present trip has it.
  const closed = Object.fromEntries(closures.map(({ venueId }) => [venueId, present.venues[venueId]!]));
  return { ok: true, trip: { ...planned, members, closures, venues: { ...planned.venues, ...closed } } };
}

/** The party of the trip, or, where more have joined than it counts, the members themselves. */
export function partyOfMembers({ party, members }: Pick<Trip, 'party' | 'members'>): Party {
  const size = members.length;
  if (size <= party.size) return party;
  const kind = party.kind === 'family' || party.kind === 'business' ? party.kind : size === 2 ? 'couple' : 'friends';
  return { size, kind };
}
