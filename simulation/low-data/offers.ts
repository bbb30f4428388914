/**
 * What travellers are offered, one venue at a time, and what they answer. Synthetic travellers and those who play real ones are
 * shown the same kind of offers: drawn evenly from what production retrieves for them and what suits the moment.
 */
import { Random } from '../../core/experiment/random.ts';
import { addDays, weekdayOf } from '../../core/itinerary/local-time.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { type Evidence, learnDimensions } from '../../core/persona/learn.ts';
import { makePersona, WARM_SIGNALS } from '../../core/persona/persona.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import { trainingFactor } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Condition } from '../../core/weather/condition.ts';
import type { DecisionContext } from '../agents/persona-agent.ts';
import { energyOfDay } from '../agents/persona-state.ts';
import { type SimCity, SLOT_WINDOWS } from '../agents/sim-city.ts';
import type { SimTraveller } from '../agents/traveller.ts';
import { profileOf } from '../agents/venue-profile.ts';
import { weatherOfDay } from '../shadow/climate.ts';

/** Four trips of five days: 60 offers, over the 50 interactions of seed 4. */
export const OFFERS = { trips: 4, days: 5, apart: 45 } as const;

export interface Answer {
  accepted: boolean;
  /** That it is accepted, by who knows all but the last noise; null where nobody says. */
  probability: number | null;
}

/** A synthetic agent, or the hidden population. */
export type Asked = (context: DecisionContext, venue: Venue) => Answer;

export interface Offer extends Answer {
  traveller: SimTraveller;
  /** 0: the first trip; below 0: a question that belongs to none. */
  trip: number;
  day: number;
  dayPart: DayPart;
  /** Milliseconds since the epoch; the zone's offset is left out. */
  at: number;
  city: string;
  weather: Condition;
  venue: Venue;
  /** What the app took the dimensions for, then. */
  seen: Dimensions;
}

export interface OfferRequest {
  traveller: SimTraveller;
  cities: readonly SimCity[];
  seed: number;
  asked: Asked;
}

/** In order of time: `OFFERS.trips * OFFERS.days * 3`, fewer where nothing suited a slot. */
export function offersOf({ traveller, cities, seed, asked }: OfferRequest): Offer[] {
  const random = Random.of(seed, `offers/${traveller.id}`);
  const offered = new Set<string>();
  const offers: Offer[] = [];
  let seen = traveller.dimensions;
  for (let trip = 0; trip < OFFERS.trips; trip++) {
    const city = cities[(traveller.number + trip) % cities.length]!;
    const startDate = addDays(traveller.trip.startDate, OFFERS.apart * trip + random.int(OFFERS.apart - OFFERS.days));
    const candidates = candidatesOf(traveller, seen, city, startDate);
    const visited: Venue[] = [];
    for (let day = 1; day <= OFFERS.days; day++) {
      const date = addDays(startDate, day - 1);
      const weather = weatherOfDay(city.slug, date, random);
      const today: Venue[] = [];
      const evidence: Evidence[] = [];
      for (const dayPart of DAY_PARTS) {
        const suitable = city.suitable(dayPart, weekdayOf(date));
        const pool = candidates.filter(({ id }) => suitable.has(id) && !offered.has(id));
        if (pool.length === 0) continue;
        const venue = random.pick(pool);
        offered.add(venue.id);
        const state = { dimensions: traveller.dimensions, energy: energyOfDay(day) };
        const context = { traveller, trip, state, day, dayPart, weather, today: [...today], visited: [...visited] };
        const answer = asked(context, venue);
        const at = Date.parse(date) + SLOT_WINDOWS[dayPart].earliest * 60_000;
        offers.push({ traveller, trip, day, dayPart, at, city: city.slug, weather, venue, seen, ...answer });
        evidence.push(evidenceOf(venue, answer.accepted, offers.length > WARM_SIGNALS));
        if (!answer.accepted) continue;
        today.push(venue);
        visited.push(venue);
      }
      // Overnight, as the nightly job has it.
      seen = learnDimensions(seen, evidence);
    }
  }
  return offers;
}

/** Questions to a traveller of whom nothing but the onboarding is known: each an offer by itself, no venue twice. */
export function questionsTo({ traveller, cities, seed, asked }: OfferRequest, count: number): Offer[] {
  const random = Random.of(seed, `questions/${traveller.id}`);
  const offered = new Set<string>();
  return Array.from({ length: count }, (_, k): Offer[] => {
    const city = random.pick(cities);
    const date = addDays(traveller.trip.startDate, random.int(365));
    const day = 1 + random.int(OFFERS.days);
    const dayPart = random.pick(DAY_PARTS);
    const suitable = city.suitable(dayPart, weekdayOf(date));
    const candidates = candidatesOf(traveller, traveller.dimensions, city, date);
    const pool = candidates.filter(({ id }) => suitable.has(id) && !offered.has(id));
    if (pool.length === 0) return [];
    const venue = random.pick(pool);
    offered.add(venue.id);
    const [trip, weather] = [-1 - k, weatherOfDay(city.slug, date, random)];
    const state = { dimensions: traveller.dimensions, energy: energyOfDay(day) };
    const answer = asked({ traveller, trip, state, day, dayPart, weather, today: [], visited: [] }, venue);
    const at = Date.parse(date) + SLOT_WINDOWS[dayPart].earliest * 60_000;
    const seen = traveller.dimensions;
    return [{ traveller, trip, day, dayPart, at, city: city.slug, weather, venue, seen, ...answer }];
  }).flat();
}

function candidatesOf({ interests, party, budget }: SimTraveller, seen: Dimensions, city: SimCity, date: string) {
  return city.candidates(makePersona(seen, interests), party, budget, date);
}

function evidenceOf(venue: Venue, accepted: boolean, warm: boolean): Evidence {
  const type = accepted ? 'slot_accept' : 'slot_skip';
  const { strength } = verdictsOf({ type, venueId: venue.id, timeToActionMs: null, context: {} })[0]!;
  return { profile: profileOf(venue), accepted, weight: strength * trainingFactor('user_behavioral', warm) };
}
