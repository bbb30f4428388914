/** Where and when a shadow trip happens, and what every signal of it says of the moment. */

import { Random } from '../../core/experiment/random.ts';
import { addDays, wallClock } from '../../core/itinerary/local-time.ts';
import type { DayPart } from '../../core/ranking/ranker.ts';
import type { Condition } from '../../core/weather/condition.ts';
import type { Company, ShadowVenue } from './choice-model.ts';
import { weatherOfDay } from './climate.ts';
import type { PlannedTrip } from './population-plan.ts';
import { shadowId } from './settings.ts';

const NOON = 12 * 60;
const MINUTE_MS = 60_000;

export interface TripDay {
  number: number;
  date: string;
  weather: Condition;
  /** The instant of a wall-clock minute of the day; clocks change at night, while nobody is out. */
  at: (minutes: number) => number;
}

export interface TripScene {
  id: string;
  planned: PlannedTrip;
  company: Company;
  days: TripDay[];
  /** When it was planned, milliseconds since the epoch. */
  plannedAt: number;
}

const DAY_MS = 86_400_000;
const LONGEST_AHEAD_DAYS = 9;

export function tripScene(seed: number, planned: PlannedTrip, company: Company): TripScene {
  const random = Random.of(seed, `scene/${planned.index}`);
  const { city } = planned;
  const days = Array.from({ length: planned.days }, (_, i): TripDay => {
    const date = addDays(planned.startDate, i);
    const noon = Date.parse(wallClock(date, NOON, city.timeZone));
    return {
      number: i + 1,
      date,
      weather: weatherOfDay(city.slug, date, random),
      at: (minutes) => noon + (minutes - NOON) * MINUTE_MS,
    };
  });
  const ahead = (1 + random.uniform() * (LONGEST_AHEAD_DAYS - 1)) * DAY_MS;
  return {
    id: shadowId(seed, 'trip', planned.index),
    planned,
    company,
    days,
    plannedAt: Math.round(days[0]!.at(0) - ahead),
  };
}

/** The weather is noted where one is out in it. */
export function signalContext(
  day: TripDay,
  dayPart: DayPart,
  place: ShadowVenue,
  { size }: Company,
): Record<string, unknown> {
  return {
    day_of_trip: day.number,
    day_part: dayPart,
    group_size: size,
    ...(place.outdoorOrActive ? { weather: day.weather } : {}),
  };
}
