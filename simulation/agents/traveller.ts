/** Who travels, where and when: all that may be known of a traveller. What they hide is the choice model's alone. */
import { Random } from '../../core/experiment/random.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { archetype } from '../../core/persona/archetypes.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import type { VibeTag } from '../../core/venue/vocabulary.ts';
import type { Condition } from '../../core/weather/condition.ts';
import { weatherOfDay } from '../shadow/climate.ts';
import { sampleDimensions, sampleParty, travelStyle } from './archetypes.ts';
import { type Companion, companionsOf } from './companions.ts';
import { simulationId } from './settings.ts';

export const SHORTEST_TRIP = 3;
export const LONGEST_TRIP = 7;

const FIRST_DATE = '2026-01-01';
const DATES = 365;

export interface SimTrip {
  /** Of the cities of the run. */
  city: number;
  /** ISO date. */
  startDate: string;
  /** 3 to 7. */
  days: number;
  /** By day. */
  weather: readonly Condition[];
}

export interface SimTraveller {
  /** In the population. */
  index: number;
  /** A UUID: the actor key of their rows. */
  id: string;
  archetypeId: string;
  /** Among those of the archetype: those with one number go on the same trip. */
  number: number;
  /** Has a past in the app; one of two. */
  warm: boolean;
  /** As they set out. */
  dimensions: Dimensions;
  interests: readonly VibeTag[];
  party: Party;
  /** The rest of the party; empty where one travels alone. */
  companions: readonly Companion[];
  budget: BudgetBand;
  trip: SimTrip;
}

export interface PopulationRequest {
  seed: number;
  archetypes: readonly string[];
  /** Slugs, in the order of the run. */
  cities: readonly string[];
}

/**
 * The traveller of an index, archetypes in turn. A function of seed, archetypes, cities and index: every variant meets the
 * same traveller, whatever came before.
 */
export function travellerAt({ seed, archetypes, cities }: PopulationRequest, index: number): SimTraveller {
  const archetypeId = archetypes[index % archetypes.length]!;
  const number = Math.floor(index / archetypes.length);
  const random = Random.of(seed, `traveller/${archetypeId}/${number}`);
  const trip = tripOf(seed, number, cities);
  const dimensions = sampleDimensions(archetypeId, random);
  const party = sampleParty(archetypeId, random);
  return {
    index,
    id: simulationId(seed, 'actor', `${archetypeId}/${number}`),
    archetypeId,
    number,
    // Each city has as many of either, however many cities there are.
    warm: (trip.city + Math.floor(number / cities.length)) % 2 === 1,
    dimensions,
    interests: archetype(archetypeId).tags,
    party,
    companions: companionsOf(seed, { archetypeId, number, party }),
    budget: travelStyle(archetypeId).budget,
    trip,
  };
}

/** Of a number, whatever the archetype: lists of two archetypes can be compared place by place. */
function tripOf(seed: number, number: number, cities: readonly string[]): SimTrip {
  const random = Random.of(seed, `trip/${number}`);
  const city = number % cities.length;
  const startDate = addDays(FIRST_DATE, random.int(DATES));
  const days = SHORTEST_TRIP + random.int(LONGEST_TRIP - SHORTEST_TRIP + 1);
  const weather = Array.from({ length: days }, (_, day) => {
    const date = addDays(startDate, day);
    return weatherOfDay(cities[city]!, date, Random.of(seed, `weather/${number}/${day}`));
  });
  return { city, startDate, days, weather };
}
