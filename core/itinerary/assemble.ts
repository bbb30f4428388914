/**
 * Fills the days of a trip with venues: a beam search over the stops of each day (the orienteering problem with time
 * windows of Vansteenwegen et al. 2011, one beam a day), then a second pass that re-plans each day against the others.
 */
import { targetEnergy } from '../ranking/energy-arc.ts';
import { alternativesOfDay } from './alternatives.ts';
import type { AssemblyRequest } from './assembly-request.ts';
import { type DayContext, type DayDraft, planDay } from './day-search.ts';
import type { DayFrame, DayNote, PlannedDay } from './itinerary.ts';
import { cuisineBits } from './objective.ts';
import { allowedInTrip } from './rules.ts';
import { travelBetween, travelMatrix } from './travel.ts';
import { visitLength } from './visit-length.ts';

function dayContext(request: AssemblyRequest): DayContext {
  const { candidates, dimensions, party, budgetBand, frames } = request;
  // A place that closes for good while the trip lasts is left out of all of it.
  const lastDate = frames.at(-1)?.date ?? '';
  const categories = [...new Set(candidates.map((venue) => venue.category))];
  return {
    request,
    minutes: travelMatrix(candidates.map((venue) => venue.location)),
    fromStart: Uint16Array.from(candidates, (venue) =>
      request.start ? travelBetween(request.start, venue.location).minutes : 0,
    ),
    lengths: Uint16Array.from(candidates, (venue) => visitLength(venue, dimensions)),
    allowed: candidates.map((venue) => allowedInTrip(venue, party, budgetBand, lastDate)),
    category: Uint8Array.from(candidates, (venue) => categories.indexOf(venue.category)),
    cuisines: Int32Array.from(candidates, (venue) => cuisineBits(venue.vibeTags)),
    used: new Uint8Array(candidates.length),
    tripCategories: new Uint8Array(categories.length),
    tripCuisines: new Uint8Array(32),
    targetEnergy: (dayNumber, dayPart) => targetEnergy(dayPart, dayNumber, dimensions),
  };
}

/** Takes a day's venues into the trip's counts (`by` 1), or out of them (`by` -1). */
function count(context: DayContext, draft: DayDraft, by: 1 | -1): void {
  for (const { candidate, stop } of draft.visits) {
    context.used[candidate] = by === 1 ? 1 : 0;
    if (stop.role === 'activity') context.tripCategories[context.category[candidate]!]! += by;
    else {
      for (let bits = context.cuisines[candidate]!, i = 0; bits !== 0; bits >>>= 1, i++) {
        if (bits & 1) context.tripCuisines[i]! += by;
      }
    }
  }
}

function settle(context: DayContext, frame: DayFrame, draft: DayDraft): void {
  count(context, draft, 1);
  context.request.afterDay?.(frame.dayNumber, draft.visits);
}

/** What the scores of now add to a day's value. */
function scoreSum({ scores }: AssemblyRequest, { dayNumber }: DayFrame, { visits }: DayDraft): number {
  return visits.reduce((sum, { candidate, stop }) => sum + scores(dayNumber, stop.dayPart)[candidate]!, 0);
}

function notesOf(frame: DayFrame, draft: DayDraft): DayNote[] {
  if (frame.stops.length === 0) return ['day_already_over'];
  if (draft.visits.length === 0) return ['nothing_feasible'];
  const filled = new Set(draft.visits.map((visit) => visit.stop));
  const missing = frame.stops.filter((stop) => stop.required && !filled.has(stop));
  return [...new Set(missing.map((s): DayNote => `no_feasible_${s.role === 'activity' ? s.dayPart : s.role}`))];
}

/**
 * The plan of a trip. Every hard rule of `rules.ts`, opening hours, travel times and meal times hold in it; where nothing
 * feasible is left, the day says so in `notes` and the stop stays out.
 */
export function assemble(request: AssemblyRequest): PlannedDay[] {
  const { candidates, frames } = request;
  const context = dayContext(request);
  const scoredAt: number[] = [];
  const drafts = frames.map((frame) => {
    const draft = planDay(frame, context);
    scoredAt.push(scoreSum(request, frame, draft));
    settle(context, frame, draft);
    return draft;
  });
  // The first days took what later ones may use better: each is planned once more against all others.
  if (frames.length > 1) {
    frames.forEach((frame, i) => {
      const before = drafts[i]!;
      count(context, before, -1);
      const again = planDay(frame, context);
      // Its scores may have moved since with the days before it.
      const worthNow = before.value + (scoreSum(request, frame, before) - scoredAt[i]!);
      const kept = again.value > worthNow ? again : before;
      drafts[i] = kept;
      settle(context, frame, kept);
    });
  }
  const inTrip = new Set(drafts.flatMap((draft) => draft.visits.map((visit) => candidates[visit.candidate]!.id)));
  return frames.map((frame, i) => {
    const draft = drafts[i]!;
    const slots = draft.visits.map(({ candidate, stop, start, end }, position) => {
      const venue = candidates[candidate]!;
      const before = draft.visits[position - 1];
      const from = before ? candidates[before.candidate]!.location : request.start;
      const score = request.scores(frame.dayNumber, stop.dayPart)[candidate]!;
      return { venueId: venue.id, start, end, travel: from ? travelBetween(from, venue.location) : null, stop, score };
    });
    const alternatives = alternativesOfDay(frame, slots, inTrip, request);
    return {
      dayNumber: frame.dayNumber,
      date: frame.date,
      slots: slots.map((slot, s) => ({ ...slot, alternatives: alternatives[s]! })),
      notes: notesOf(frame, draft),
    };
  });
}
