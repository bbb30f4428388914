/**
 * The trips that a warm traveller made before: single offers, drawn evenly from what suited, each taken or not by the built-in
 * choice model, by what the traveller wants alone. Every variant finds the same past.
 */
import { Random } from '../../core/experiment/random.ts';
import { addDays, weekdayOf } from '../../core/itinerary/local-time.ts';
import type { Evidence } from '../../core/persona/learn.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { PastChoice } from '../../core/ranking/ml-ranker.ts';
import { DAY_PARTS } from '../../core/ranking/ranker.ts';
import { trainingFactor } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { ChoiceModelAgent } from './choice-agent.ts';
import { NO_PAST, type Past } from './live-traveller.ts';
import { energyOfDay } from './persona-state.ts';
import { type SimCity, SLOT_WINDOWS } from './sim-city.ts';
import type { SimTraveller } from './traveller.ts';
import { profileOf } from './venue-profile.ts';

export const PAST = {
  /**
   * One to so many trips, as likely as each other: under three and from three on, so that the arbiter's cold rule holds for some.
   * The last of them is in the city of the trip.
   */
  mostTrips: 5,
  /** Of all of them together, whatever their number: warmth does not depend on it. */
  days: 9,
  /** Days between two of them, and before the trip. */
  apart: 45,
} as const;

/** 1 to 5, of a stream of its own: what is offered on three trips is what it would be if all had three. */
function tripsBefore(traveller: SimTraveller, seed: number): number {
  return 1 + Random.of(seed, `past-trips/${traveller.id}`).int(PAST.mostTrips);
}

/** Nine days of three offers: 27 signals that count (fewer where nothing suits), over the 20 of a warm traveller. */
export function pastOf(
  traveller: SimTraveller,
  cities: readonly SimCity[],
  agent: ChoiceModelAgent,
  seed: number,
): Past {
  if (!traveller.warm) return NO_PAST;
  const random = Random.of(seed, `past/${traveller.id}`);
  const { party, budget, interests, dimensions } = traveller;
  const persona = makePersona(dimensions, interests);
  const history: PastChoice[] = [];
  const historyVenues = new Map<string, Venue>();
  const evidence: Evidence[] = [];
  let countingSignals = 0;
  const trips = tripsBefore(traveller, seed);
  for (let back = trips; back >= 1; back--) {
    // As even as can be, the latest trips the shorter ones.
    const days = Math.floor((PAST.days + back - 1) / trips);
    const city = cities[(traveller.trip.city + back - 1) % cities.length]!;
    const startDate = addDays(traveller.trip.startDate, -PAST.apart * back);
    const candidates = city.candidates(persona, party, budget, startDate);
    const visited: Venue[] = [];
    for (let day = 1; day <= days; day++) {
      const today: Venue[] = [];
      const date = addDays(startDate, day - 1);
      for (const dayPart of DAY_PARTS) {
        const suitable = city.suitable(dayPart, weekdayOf(date));
        const pool = candidates.filter(({ id }) => suitable.has(id) && !historyVenues.has(id));
        if (pool.length === 0) continue;
        const venue = random.pick(pool);
        const state = { dimensions, energy: energyOfDay(day) };
        const context = { traveller, trip: -back, state, day, dayPart, weather: 'cloudy' as const, today, visited };
        const accepted = agent.wouldTake(context, venue);
        const at = Date.parse(date) + SLOT_WINDOWS[dayPart].earliest * 60_000;
        history.push({ venueId: venue.id, accepted, at, tripDay: day, dayPart });
        historyVenues.set(venue.id, venue);
        const type = accepted ? 'slot_accept' : 'slot_skip';
        const { strength } = verdictsOf({ type, venueId: venue.id, timeToActionMs: null, context: {} })[0]!;
        const weight = strength * trainingFactor('user_behavioral', countingSignals >= 20);
        evidence.push({ profile: profileOf(venue), accepted, weight });
        countingSignals++;
        if (!accepted) continue;
        today.push(venue);
        visited.push(venue);
      }
    }
  }
  return { history, historyVenues, evidence, countingSignals, trips };
}
