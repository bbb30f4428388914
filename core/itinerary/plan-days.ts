/** From what a trip's members are ranked with to its days: one is planned for by their own scores, more as a group. */
import type { GroupMember } from '../group/affinity-matrix.ts';
import { groupDimensions } from '../group/group-dimensions.ts';
import { GroupScores } from '../group/group-scores.ts';
import type { GroupStrategy } from '../group/strategies.ts';
import { rankedTripDay } from '../ranking/cache-key.ts';
import type { ScoredMoment } from '../ranking/personal-rescore.ts';
import { DAY_PARTS, type DayPart } from '../ranking/ranker.ts';
import type { Venue } from '../venue/venue.ts';
import { assemble } from './assemble.ts';
import type { AssemblyRequest } from './assembly-request.ts';
import { type FrameRequest, frameDays } from './day-frame.ts';
import type { PlannedDay, PlannedSlot } from './itinerary.ts';
import { addDays } from './local-time.ts';

type Frame = Omit<FrameRequest, 'dimensions'>;

export interface PlanDaysRequest extends Frame, Pick<AssemblyRequest, 'candidates' | 'party' | 'budgetBand' | 'start'> {
  /** At least one, each with the same moments: every day part of the first ranked days, in the order of `momentIndex`. */
  members: readonly GroupMember[];
  /** For two members or more. Default: the fair one. */
  strategy?: GroupStrategy | undefined;
}

export interface PreparedDays {
  assembly: AssemblyRequest;
  /** The scores of a day of the trip and a part of it. For a group: as they are after the days planned so far. */
  momentOf: (dayNumber: number, dayPart: DayPart) => ScoredMoment;
  /** Null for one member. */
  group: GroupScores | null;
}

/** A slot with its day, its place in the day (from 1) and its venue. */
export interface PlacedSlot extends PlannedSlot {
  dayNumber: number;
  order: number;
  venue: Venue;
}

export interface PlannedDays extends PreparedDays {
  planned: PlannedDay[];
  /** Of all days, in order. */
  slots: PlacedSlot[];
}

/** Where a day's part stands in the list of ranked moments; days after the last ranked one are ranked like it. */
export function momentIndex(dayNumber: number, dayPart: DayPart): number {
  return (rankedTripDay(dayNumber) - 1) * DAY_PARTS.length + DAY_PARTS.indexOf(dayPart);
}

/** What assembly is asked. Throws `RangeError` for no members. */
export function prepareDays(request: PlanDaysRequest): PreparedDays {
  const { members, strategy, candidates, party, budgetBand, start, ...frame } = request;
  const dimensions = groupDimensions(members.map(({ persona }) => persona.dimensions));
  const asked = { candidates, frames: frameDays({ ...frame, dimensions }), party, budgetBand, dimensions, start };
  const [first, ...others] = members;
  if (first && others.length === 0) {
    const momentOf = (dayNumber: number, dayPart: DayPart) => first.moments[momentIndex(dayNumber, dayPart)]!;
    const scores = (dayNumber: number, dayPart: DayPart) => momentOf(dayNumber, dayPart).scores;
    return { assembly: { ...asked, scores }, momentOf, group: null };
  }
  const group = new GroupScores({
    members,
    candidates,
    party,
    budgetBand,
    lastDate: addDays(frame.startDate, frame.days - 1),
    ...(strategy ? { strategy } : {}),
  });
  return {
    assembly: { ...asked, scores: group.scores, afterDay: group.afterDay },
    momentOf: (dayNumber, dayPart) => group.moment(dayNumber, dayPart),
    group,
  };
}

export function placedSlots(planned: readonly PlannedDay[], candidates: readonly Venue[]): PlacedSlot[] {
  const venues = new Map(candidates.map((venue) => [venue.id, venue]));
  return planned.flatMap(({ dayNumber, slots }) =>
    slots.map((slot, i) => ({ ...slot, dayNumber, order: i + 1, venue: venues.get(slot.venueId)! })),
  );
}

export function planDays(request: PlanDaysRequest): PlannedDays {
  const prepared = prepareDays(request);
  const planned = assemble(prepared.assembly);
  return { ...prepared, planned, slots: placedSlots(planned, request.candidates) };
}
