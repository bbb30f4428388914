/** A city as travellers move in it: what is near to whom, and what is open when. */
import { suitsStop } from '../../core/itinerary/rules.ts';
import type { Persona } from '../../core/persona/persona.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { type BudgetBand, DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import { firstOpenStart } from '../../core/venue/opening-hours.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Meal, Venue } from '../../core/venue/venue.ts';
import { venueVector } from '../../core/venue/venue-vector.ts';
import type { ShadowCity } from '../shadow/settings.ts';

/** When each part of a day begins, wall-clock minutes; a visit takes `longest` at most. */
export const SLOT_WINDOWS: Record<DayPart, { earliest: number; latest: number; longest: number; meal: Meal }> = {
  morning: { earliest: 510, latest: 630, longest: 120, meal: 'breakfast' },
  afternoon: { earliest: 750, latest: 900, longest: 120, meal: 'lunch' },
  evening: { earliest: 1110, latest: 1260, longest: 120, meal: 'dinner' },
};

export class SimCity {
  readonly slug: string;
  readonly catalogueVersion: string;
  /** By id. */
  readonly venues: readonly Venue[];
  readonly #byId: ReadonlyMap<string, Venue>;
  readonly #vectors: readonly Float32Array[];
  readonly #suitable = new Map<string, ReadonlySet<string>>();

  constructor({ slug, catalogueVersion, venues }: ShadowCity) {
    this.slug = slug;
    this.catalogueVersion = catalogueVersion;
    this.venues = [...venues].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#byId = new Map(this.venues.map((venue) => [venue.id, venue]));
    this.#vectors = this.venues.map((venue) => venueVector(venue));
  }

  venue(id: string): Venue | undefined {
    return this.#byId.get(id);
  }

  /** As production retrieves: the nearest, by the rules of party, budget and date; at most 200, best first. */
  candidates(persona: Persona, party: Party, budget: BudgetBand, onDate: string): Venue[] {
    const hits = this.venues
      .map(({ id }, i) => ({ id, similarity: dot(persona.retrieval, this.#vectors[i]!) }))
      .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
      .slice(0, RETRIEVED);
    return selectCandidates(hits, this.#byId, party, onDate, budget);
  }

  /** Ids of what is open then, and is a thing to do or to eat in that part of the day. Monday is 0. */
  suitable(dayPart: DayPart, weekday: number): ReadonlySet<string> {
    const key = `${dayPart}/${weekday}`;
    let ids = this.#suitable.get(key);
    if (!ids) {
      const { earliest, latest, longest, meal } = SLOT_WINDOWS[dayPart];
      const open = this.venues.filter((venue) => {
        if (venue.hours === null) return false;
        const suits = suitsStop(venue, { role: 'activity', dayPart }) || suitsStop(venue, { role: meal, dayPart });
        const minutes = Math.min(venue.visitMinutes, longest);
        return suits && firstOpenStart(venue.hours, weekday, earliest, latest, minutes) !== null;
      });
      ids = new Set(open.map(({ id }) => id));
      this.#suitable.set(key, ids);
    }
    return ids;
  }
}

/** Morning 0, afternoon 1, evening 2. */
export const partIndex = (dayPart: DayPart) => DAY_PARTS.indexOf(dayPart);
