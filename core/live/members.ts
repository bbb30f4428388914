/** Who travels along: joining, leaving, being removed, being forgotten. A trip has one organiser, always. */
import { withoutPerson } from '../group/trip-group.ts';
import type { Trip, TripMember, TripStatus } from '../itinerary/trip.ts';
import { ENDED, withTravel } from '../itinerary/trip-changes.ts';
import { NEUTRAL_DIMENSIONS } from '../persona/dimensions.ts';

/** The most that a party has, too. */
export const MOST_MEMBERS = 20;

export type MemberProblem =
  | { code: 'trip_ended'; status: TripStatus }
  | { code: 'trip_full' }
  | { code: 'organiser_only' }
  | { code: 'member_not_found' }
  /** Who travels alone deletes the trip instead. */
  | { code: 'last_member' };

export type MemberResult = { ok: true; trip: Trip } | { ok: false; problem: MemberProblem };

const refuse = (problem: MemberProblem): MemberResult => ({ ok: false, problem });

export const isMember = (trip: Trip, userId: string) => trip.members.some((member) => member.userId === userId);

export const isOrganiser = (trip: Trip, userId: string) =>
  trip.members.some((member) => member.userId === userId && member.role === 'organiser');

/** The same trip where they are a member already. */
export function join(trip: Trip, userId: string): MemberResult {
  if (isMember(trip, userId)) return { ok: true, trip };
  if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
  if (trip.members.length >= MOST_MEMBERS) return refuse({ code: 'trip_full' });
  return { ok: true, trip: { ...trip, members: [...trip.members, { userId, role: 'member' }], seq: trip.seq + 1 } };
}

/** Where the organiser goes, the one who has been there longest takes over. */
function without(members: readonly TripMember[], userId: string): TripMember[] {
  const left = members.filter((member) => member.userId !== userId);
  if (left.some(({ role }) => role === 'organiser')) return left;
  return left.map((member, i) => (i === 0 ? { ...member, role: 'organiser' } : member));
}

/** A member leaves, or the organiser has them go. */
export function leave(trip: Trip, by: string, userId: string): MemberResult {
  if (by !== userId && !isOrganiser(trip, by)) return refuse({ code: 'organiser_only' });
  if (!isMember(trip, userId)) return refuse({ code: 'member_not_found' });
  const members = without(trip.members, userId);
  if (members.length === 0) return refuse({ code: 'last_member' });
  return { ok: true, trip: { ...trip, members, group: withoutPerson(trip.group, userId), seq: trip.seq + 1 } };
}

/** No way to the first stop of a day is left either: the ways of several days lead back to where they began. */
function withoutStartArea(trip: Trip): Trip {
  if (!trip.startArea) return trip;
  const nowhere = { ...trip, startArea: null };
  const days = new Set(trip.slots.map(({ dayNumber }) => dayNumber));
  const slots = [...days].reduce((changed, day) => withTravel(nowhere, changed, day), trip.slots);
  // A skipped slot keeps the way that it had.
  return { ...nowhere, slots: slots.map((slot) => (slot.status === 'skipped' ? { ...slot, travel: null } : slot)) };
}

/**
 * The trip without a person whose account is deleted, and without what it knew of them: the taste that a trip was planned
 * for is its organiser's, or its whole group's; where the days begin is the organiser's. Null where nobody is left to
 * travel; the same trip where they were no member.
 */
export function forgetMember(trip: Trip, userId: string): Trip | null {
  if (!isMember(trip, userId)) return trip;
  const members = without(trip.members, userId);
  if (members.length === 0) return null;
  const organised = isOrganiser(trip, userId);
  const dimensions = organised || trip.group ? NEUTRAL_DIMENSIONS : trip.dimensions;
  const group = withoutPerson(trip.group, userId);
  return { ...(organised ? withoutStartArea(trip) : trip), members, dimensions, group, seq: trip.seq + 1 };
}
