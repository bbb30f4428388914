/** What a traveller is offered when the day does not go as planned. */
import type { Trip } from '../itinerary/trip.ts';
import type { LocalNow } from '../itinerary/trip-changes.ts';
import { holds } from './apply-pivot.ts';
import { closedVenueDrafts } from './closed-venue.ts';
import { earlyDrafts } from './early.ts';
import { lateDrafts } from './late.ts';
import { findMoment, type Moment } from './moment.ts';
import { moodDrafts } from './mood.ts';
import {
  type Drafts,
  MAX_PIVOT_OPTIONS,
  type NoPivot,
  type PivotDraft,
  type PivotPlan,
  type PivotRequest,
  type ScoredVenue,
} from './pivot.ts';
import { otherStored } from './stored-alternatives.ts';
import { weatherDrafts } from './weather.ts';

function sourceOf({ trigger }: PivotRequest, candidates: readonly ScoredVenue[] | null): PivotPlan['source'] {
  switch (trigger) {
    case 'venue_closed':
    case 'weather':
      return 'fallback';
    case 'mood':
      return candidates ? 'search' : 'fallback';
    case 'transit_delay':
    case 'running_late':
    case 'early':
      return 'retime';
  }
}

function draftsFor(
  trip: Trip,
  request: PivotRequest,
  moment: Moment,
  candidates: readonly ScoredVenue[] | null,
): Drafts {
  const named = request.slotId !== undefined;
  switch (request.trigger) {
    case 'venue_closed':
      return closedVenueDrafts(trip, moment);
    case 'weather':
      return weatherDrafts(trip, moment, named, named && request.alone);
    case 'mood':
      return request.mood
        ? moodDrafts(trip, moment, request.mood, candidates ?? otherStored(trip), named)
        : 'mood_missing';
    case 'transit_delay':
    case 'running_late':
      return lateDrafts(trip, moment, request.delayMinutes, named);
    case 'early':
      return earlyDrafts(trip, moment, request.earlyMinutes);
  }
}

/** The drafts that a trip can take, each once. */
function usable(trip: Trip, drafts: readonly PivotDraft[], now: LocalNow): PivotDraft[] {
  const seen = new Set<string>();
  const kept: PivotDraft[] = [];
  for (const draft of drafts) {
    const key = draft.changes.map(({ slotId, to, start, end }) => `${slotId} ${to} ${start} ${end}`).join();
    if (seen.has(key) || !holds(trip, draft, now)) continue;
    seen.add(key);
    kept.push(draft);
    if (kept.length === MAX_PIVOT_OPTIONS) break;
  }
  return kept;
}

const NOTHING_FITS: Record<PivotPlan['source'], NoPivot> = {
  fallback: 'no_alternative_fits',
  search: 'nothing_suits_the_mood',
  retime: 'no_alternative_fits',
};

/**
 * At most three options, best first, each of which keeps every hard rule in what is left of its day, touches no locked
 * slot and no other day, and starts nothing before `now`; for a trip that is only planned, "now" is the start of the
 * slot. An ended trip is for the caller to refuse.
 *
 * `candidates` are read for a mood only, around `whereabouts`: at most 200, with scores in [0, 1]; null where no
 * search could be made: then the trip's own stored venues are ranked. `newId` is called once an option.
 */
export function planPivot(
  trip: Trip,
  request: PivotRequest,
  now: LocalNow,
  candidates: readonly ScoredVenue[] | null,
  newId: () => string,
): PivotPlan {
  const source = sourceOf(request, candidates);
  const moment = findMoment(trip, request, now);
  const drafts = typeof moment === 'string' ? moment : draftsFor(trip, request, moment, candidates);
  if (typeof drafts === 'string') return { source, options: [], reason: drafts };
  const options = usable(trip, drafts, now).map((draft) => ({ id: newId(), ...draft }));
  return { source, options, reason: options.length > 0 ? null : NOTHING_FITS[source] };
}
