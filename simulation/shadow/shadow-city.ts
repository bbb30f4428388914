/** A city made ready: its venues as the model sees them, and when each can be visited. */

import type { SlotRole } from '../../core/itinerary/itinerary.ts';
import { suitsStop } from '../../core/itinerary/rules.ts';
import { takesParty } from '../../core/ranking/party-fit.ts';
import { type DayPart, MAX_CANDIDATES } from '../../core/ranking/ranker.ts';
import { firstOpenStart } from '../../core/venue/opening-hours.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { AxisValues } from './axes.ts';
import { type Chooser, type Company, type ShadowVenue, shadowVenue } from './choice-model.ts';
import type { ShadowCity } from './settings.ts';

export interface ShadowStop {
  dayPart: DayPart;
  role: SlotRole;
  /** Wall-clock minutes: the visit begins within them, and takes at most `longest`. */
  earliest: number;
  latest: number;
  longest: number;
}

const stop = (dayPart: DayPart, role: SlotRole, earliest: number, latest: number, longest: number): ShadowStop => ({
  dayPart,
  role,
  earliest,
  latest,
  longest,
});
const BREAKFAST = stop('morning', 'breakfast', 480, 510, 45);
const MORNING = stop('morning', 'activity', 570, 600, 100);
const LUNCH = stop('afternoon', 'lunch', 720, 750, 60);
const AFTERNOON = stop('afternoon', 'activity', 825, 855, 100);
const LATE_AFTERNOON = stop('afternoon', 'activity', 965, 1005, 80);
const DINNER = stop('evening', 'dinner', 1110, 1170, 80);
const EVENING = stop('evening', 'activity', 1265, 1300, 100);

/** Who travels for the nights gives up a morning for them. */
export function dayStops({ pace, focus }: Pick<AxisValues, 'pace' | 'focus'>): readonly ShadowStop[] {
  const nights = focus === 'nightlife';
  switch (pace) {
    case 'leisurely':
      return nights ? [LUNCH, AFTERNOON, DINNER, EVENING] : [MORNING, LUNCH, AFTERNOON, DINNER];
    case 'moderate':
      return nights ? [MORNING, LUNCH, AFTERNOON, DINNER, EVENING] : [BREAKFAST, MORNING, LUNCH, AFTERNOON, DINNER];
    case 'packed':
      return [BREAKFAST, MORNING, LUNCH, AFTERNOON, LATE_AFTERNOON, DINNER, EVENING];
  }
}

export class ReadyCity {
  readonly city: ShadowCity;
  readonly places: readonly ShadowVenue[];
  readonly #starts = new Map<string, Int16Array>();

  constructor(seed: number, city: ShadowCity) {
    this.city = city;
    this.places = [...city.venues]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((venue, index) => shadowVenue(seed, venue, index));
  }

  /** The 200 that lie nearest to the traveller, or all that the city has; nearest first, ties by id. */
  candidates({ persona }: Chooser): ShadowVenue[] {
    return this.places
      .map((place) => ({ place, similarity: dot(persona.retrieval, place.vector) }))
      .sort((a, b) => b.similarity - a.similarity || a.place.index - b.place.index)
      .slice(0, MAX_CANDIDATES)
      .map(({ place }) => place);
  }

  /** By index of a place, the minute at which a visit could begin; -1 where it is closed, or no such stop. Monday is 0. */
  starts(at: ShadowStop, weekday: number): Int16Array {
    const key = `${weekday}/${at.role}/${at.earliest}`;
    let starts = this.#starts.get(key);
    if (!starts) {
      starts = Int16Array.from(this.places, ({ venue }) => {
        if (venue.hours === null || !suitsStop(venue, at)) return -1;
        return firstOpenStart(venue.hours, weekday, at.earliest, at.latest, visitMinutes(venue, at)) ?? -1;
      });
      this.#starts.set(key, starts);
    }
    return starts;
  }
}

export function visitMinutes({ visitMinutes: usual }: Pick<Venue, 'visitMinutes'>, at: ShadowStop): number {
  return Math.min(usual, at.longest);
}

export function takesCompany({ venue }: ShadowVenue, { kind, size }: Company): boolean {
  return takesParty(venue, { kind, size });
}
