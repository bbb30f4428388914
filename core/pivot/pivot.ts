/** What a traveller may ask of a running day, and what they are offered. A pivot changes slots of one day, never more. */
import type { Stop } from '../itinerary/itinerary.ts';
import type { TripSlot } from '../itinerary/trip.ts';
import type { Venue } from '../venue/venue.ts';

export const PIVOT_TRIGGERS = ['venue_closed', 'weather', 'mood', 'transit_delay', 'running_late', 'early'] as const;
export type PivotTrigger = (typeof PIVOT_TRIGGERS)[number];

export const MOODS = ['tired', 'hungry', 'want_quiet', 'want_lively', 'too_crowded', 'splurge', 'save'] as const;
export type Mood = (typeof MOODS)[number];

/** Best first, and no more than a traveller takes in at a glance. */
export const MAX_PIVOT_OPTIONS = 3;

export interface PivotRequest {
  trigger: PivotTrigger;
  /** The slot that it concerns; where it is left out, the one now going on, else the next to come. */
  slotId?: string | undefined;
  /** For `weather`: the slot that is named, and no other. */
  alone?: boolean | undefined;
  /** For `mood`, and for nothing else. */
  mood?: Mood | undefined;
  /**
   * For `transit_delay` and `running_late`: how much later than planned they reach the slot, or, where it should have
   * begun by now, how much later than now. 15 where it is left out.
   */
  delayMinutes?: number | undefined;
  /** For `early`: how much earlier than planned the slot could begin; as early as can be where it is left out. */
  earlyMinutes?: number | undefined;
}

export interface ScoredVenue {
  venue: Venue;
  /** In [0, 1]. */
  score: number;
}

export interface PivotChange {
  slotId: string;
  /** The venue that stands there now. */
  from: string;
  /** Null: the slot is left out. The same as `from`: only its times change. */
  to: string | null;
  /** Wall-clock minutes of the slot's day; those of the plan where the slot is left out. */
  start: number;
  end: number;
  /** What the slot is for from now on, where that changes (a meal in place of an activity). */
  stop?: Stop;
  /** The score of a venue that is none of the slot's alternatives. */
  score?: number;
}

/** The change that leaves a slot out. */
export function leftOut({ id, venueId, start, end }: Pick<TripSlot, 'id' | 'venueId' | 'start' | 'end'>): PivotChange {
  return { slotId: id, from: venueId, to: null, start, end };
}

export interface PivotReason {
  /** Stable: `open_instead`, `indoor_instead`, `indoor_day`, `mood_<mood>`, `shift`, `shorten`, `replace`, `drop`, ... */
  code: string;
  /** A sentence of facts. */
  text: string;
}

export interface PivotOption {
  id: string;
  reason: PivotReason;
  changes: PivotChange[];
  /** The records of venues that the trip does not hold yet. */
  venues: Venue[];
  /** A venue that the traveller found closed: once the option is taken, the trip never offers it again. */
  closedVenueId: string | null;
}

/** An option before it has its id. */
export type PivotDraft = Omit<PivotOption, 'id'>;

/** Why there is nothing to offer. */
export type NoPivot =
  | 'slot_not_found'
  | 'slot_locked'
  | 'slot_skipped'
  /** Its visit is over. */
  | 'slot_past'
  /** Everything that is planned is over. */
  | 'nothing_left'
  | 'no_alternative_fits'
  /** Nothing outdoors is left that day, or all of it is locked. */
  | 'nothing_exposed'
  | 'mood_missing'
  /** Nothing that fits is quieter, cheaper, ... than what is planned. */
  | 'nothing_suits_the_mood'
  /** Nothing has to move, or all that would have to is locked. */
  | 'on_time'
  | 'nothing_earlier';

export interface PivotPlan {
  /** `fallback`: from what the trip stores. `search`: from candidates that were passed in. `retime`: new times. */
  source: 'fallback' | 'search' | 'retime';
  /** At most three, best first. */
  options: PivotOption[];
  /** Why there are none; null where there are some. */
  reason: NoPivot | null;
}

/** What answers one trigger gives back: drafts, best first, or why there are none. */
export type Drafts = PivotDraft[] | NoPivot;
