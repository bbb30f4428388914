/** A planned trip as the core sees it. Times are wall-clock minutes from the local midnight of each day. */
import type { DayPart } from '../ranking/ranker.ts';
import type { Meal } from '../venue/venue.ts';
import type { Leg } from './travel.ts';

export type SlotRole = 'activity' | Meal;

/** A place in the day's plan that a venue may take. */
export interface Stop {
  dayPart: DayPart;
  role: SlotRole;
  /** The visit starts within `[earliest, latest]` and ends by `endBy`. */
  earliest: number;
  latest: number;
  endBy: number;
  /** A day without it says so. */
  required: boolean;
}

/** A day to be filled. */
export interface DayFrame {
  /** From 1. */
  dayNumber: number;
  date: string;
  /** Monday 0. */
  weekday: number;
  stops: readonly Stop[];
}

/** A venue and when one is there; `travel` is null where nothing comes before it. */
export interface Visit {
  venueId: string;
  start: number;
  end: number;
  travel: Leg | null;
}

export interface Alternative {
  venueId: string;
  /** The ranking's score, in [0, 1]. */
  score: number;
}

export interface PlannedSlot extends Visit {
  stop: Stop;
  /** The ranking's score, in [0, 1]. */
  score: number;
  /** Could stand here instead without moving anything else; best first. */
  alternatives: Alternative[];
}

/** Why part of a day stays empty: `no_feasible_lunch`, `nothing_feasible`, ... */
export type DayNote = `no_feasible_${SlotRole | DayPart}` | 'nothing_feasible' | 'day_already_over';

export interface PlannedDay {
  dayNumber: number;
  date: string;
  slots: PlannedSlot[];
  notes: DayNote[];
}
