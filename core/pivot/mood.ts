/** A mood re-ranks what lies around the travellers and offers it for the slot that goes on, or the next. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { daySlots } from '../itinerary/trip-changes.ts';
import type { Venue } from '../venue/venue.ts';
import { PRICE_PHRASES, standingPhrase, tagPhrase } from '../venue/venue-phrases.ts';
import type { VibeTag } from '../venue/vocabulary.ts';
import { clock, placePhrase, wayPhrase } from './facts.ts';
import { type Serving, servingIn } from './hunger.ts';
import { type Moment, momentAt, wayTo } from './moment.ts';
import { answersMood, moodScore } from './moods.ts';
import { type Drafts, leftOut, type Mood, type PivotChange, type PivotDraft, type ScoredVenue } from './pivot.ts';
import { type FittingVenue, timesIn } from './stored-alternatives.ts';

/** More than are offered: what a whole day's rules refuse is taken out afterwards. */
const DRAFTS = 6;

/** What of a record speaks for a mood, the clearest first. */
const TELLING_TAGS: Record<Mood, readonly VibeTag[]> = {
  tired: ['wellness', 'quiet', 'cosy', 'tea', 'coffee'],
  hungry: ['cheap-eats', 'comfort-food', 'local-favourite', 'no-reservations'],
  want_quiet: ['quiet', 'cosy', 'wellness', 'literary', 'spiritual'],
  want_lively: ['lively', 'live-music', 'dancing', 'loud', 'karaoke', 'people-watching'],
  too_crowded: ['hidden-gem', 'local-favourite', 'quiet'],
  splurge: ['splurge', 'fine-dining'],
  save: ['free', 'cheap-eats'],
};

function tellingFact(venue: Venue, mood: Mood): string | null {
  const tag = TELLING_TAGS[mood].find((candidate) => venue.vibeTags.includes(candidate));
  if (tag) return `it ${tagPhrase(venue, tag).join(' ')}`;
  if (mood === 'splurge' || mood === 'save') return `it ${PRICE_PHRASES[venue.priceLevel]}`;
  return mood === 'too_crowded' ? standingPhrase(venue) : null;
}

function textOf(trip: Trip, moment: Moment, { venue, start }: FittingVenue, mood: Mood, displaced: TripSlot[]): string {
  const fact = tellingFact(venue, mood);
  const gone = displaced.map((slot) => `${slot.stop.role} at ${trip.venues[slot.venueId]!.name} is left out`);
  const way = `${wayPhrase(wayTo(moment, venue))} away, from ${clock(start)}`;
  return `${[`${placePhrase(venue)}, is ${way}`, fact, ...gone].filter(Boolean).join('; ')}.`;
}

interface Target {
  slot: TripSlot;
  /** For a hungry traveller: what the slot becomes. */
  serving: Serving | null;
}

/** The candidates that answer the mood, best first. */
function rankByMood(
  trip: Trip,
  { slot, serving }: Target,
  moment: Moment,
  mood: Mood,
  candidates: readonly ScoredVenue[],
): ScoredVenue[] {
  const standing = new Set(trip.slots.filter((other) => other.status !== 'skipped').map((other) => other.venueId));
  const planned = trip.venues[slot.venueId];
  // For any other mood than hunger an offer must answer it better than what is planned.
  const enough = planned && !serving ? answersMood(planned, mood) : Number.NEGATIVE_INFINITY;
  return candidates
    .flatMap((candidate) => {
      // The trip's own record knows of venues that were found closed.
      const venue = trip.venues[candidate.venue.id] ?? candidate.venue;
      if (standing.has(venue.id) || (serving && !serving.accepts(venue))) return [];
      if (answersMood(venue, mood) <= enough) return [];
      const score = Math.min(1, Math.max(0, candidate.score));
      return [{ venue, score, value: moodScore(score, venue, wayTo(moment, venue).minutes, mood) }];
    })
    .sort((a, b) => b.value - a.value || (a.venue.id < b.venue.id ? -1 : 1));
}

/** What fits into one slot, best first by the mood. */
function draftsForSlot(
  trip: Trip,
  slot: TripSlot,
  moment: Moment,
  mood: Mood,
  candidates: readonly ScoredVenue[],
): PivotDraft[] {
  const serving = mood === 'hungry' ? servingIn(trip, slot, moment) : null;
  const gone = serving?.displaced(moment.notBefore) ?? [];
  const cleared = gone.length === 0 ? trip : { ...trip, slots: trip.slots.filter((other) => !gone.includes(other)) };
  const timesOf = timesIn(cleared, serving?.slot ?? slot, moment, 'soon');
  const drafts: PivotDraft[] = [];
  for (const candidate of rankByMood(trip, { slot, serving }, moment, mood, candidates)) {
    const fitting = timesOf(candidate);
    if (!fitting) continue;
    const { venue, start, end, score } = fitting;
    const displaced = serving?.displaced(end) ?? [];
    const stop = serving && serving.slot !== slot ? { stop: serving.slot.stop } : {};
    const change: PivotChange = { slotId: slot.id, from: slot.venueId, to: venue.id, start, end, score, ...stop };
    drafts.push({
      reason: { code: `mood_${mood}`, text: textOf(trip, moment, fitting, mood, displaced) },
      changes: [change, ...displaced.map(leftOut)],
      venues: trip.venues[venue.id] ? [] : [venue],
      closedVenueId: null,
    });
    if (drafts.length === DRAFTS) break;
  }
  return drafts;
}

/**
 * Offers for the slot that was named; where none was, for the one that goes on, and, where nothing fits there, for the
 * next one of the day.
 */
export function moodDrafts(
  trip: Trip,
  moment: Moment,
  mood: Mood,
  candidates: readonly ScoredVenue[],
  named: boolean,
): Drafts {
  const { slot } = moment;
  const following = named ? [] : daySlots(trip, slot.dayNumber).filter((other) => other.order > slot.order);
  const open = [slot, ...following].filter((other) => other.status !== 'locked');
  if (open.length === 0 || (named && slot.status === 'locked')) return 'slot_locked';
  for (const target of open.slice(0, 2)) {
    const drafts = draftsForSlot(trip, target, momentAt(trip, moment, target), mood, candidates);
    if (drafts.length > 0) return drafts;
  }
  return 'nothing_suits_the_mood';
}
