/** The frame of a day: how many stops, when, and which of them are meals, from pace, rhythm and the city's meal times. */
import type { Dimensions } from '../persona/dimensions.ts';
import type { DayPart } from '../ranking/ranker.ts';
import { parseClock } from '../venue/opening-hours.ts';
import type { Meal } from '../venue/venue.ts';
import type { DayFrame, Stop } from './itinerary.ts';
import { addDays, DAY_MINUTES, steadyUntil, weekdayOf } from './local-time.ts';

export type MealTimes = Record<Meal, readonly [from: string, to: string]>;

/** No visit lasts beyond this minute of the day it began on (01:30 the next morning). */
const LATEST_END = DAY_MINUTES + 90;
const SHORTEST_VISIT = 30;

/** A morning is over by noon and an afternoon by six, or when lunch and dinner begin where that is later. */
const NOON = 12 * 60;
const LATE_AFTERNOON = 18 * 60;
const GRID_MINUTES = 5;

export interface FrameRequest {
  startDate: string;
  days: number;
  timeZone: string;
  mealTimes: MealTimes;
  dimensions: Dimensions;
  /** On the first day nothing starts before this minute (the trip may begin today). */
  notBefore: number;
}

const toQuarter = (minutes: number) => Math.round(minutes / 15) * 15;

interface Rhythm {
  wake: number;
  end: number;
  meals: Record<Meal, [number, number]>;
  counts: Record<DayPart, number>;
}

function rhythmOf(dimensions: Dimensions, mealTimes: MealTimes): Rhythm {
  const { night_owl: nightOwl, pace_preference: pace } = dimensions;
  const meals = Object.fromEntries(
    Object.entries(mealTimes).map(([meal, [from, to]]) => [meal, [parseClock(from), parseClock(to)]]),
  ) as Rhythm['meals'];

  const wake = toQuarter(8 * 60 + 180 * nightOwl);
  const end = Math.min(LATEST_END, Math.max(toQuarter(20.5 * 60 + 300 * nightOwl), meals.dinner[0] + 90));
  const evening = nightOwl < 0.25 ? 0 : nightOwl > 0.7 && pace > 0.35 ? 2 : 1;
  const fullness = pace < 0.35 ? 'slow' : pace > 0.65 ? 'fast' : 'moderate';
  const counts = {
    slow: { morning: 1, afternoon: 1, evening: Math.min(1, evening) },
    moderate: { morning: 1, afternoon: 2, evening },
    fast: { morning: 2, afternoon: 2, evening: Math.max(1, evening) },
  }[fullness];
  return { wake, end, meals, counts: { ...counts, morning: wake >= 10.5 * 60 ? 1 : counts.morning } };
}

function stopsOf({ wake, end, meals, counts }: Rhythm): Stop[] {
  const activity = (dayPart: DayPart, earliest: number, latest: number, endBy: number, n: number): Stop[] =>
    Array.from({ length: n }, (_, i) => ({
      dayPart,
      role: 'activity',
      earliest,
      latest: Math.min(latest, end - SHORTEST_VISIT),
      endBy: Math.min(endBy, end),
      required: i === 0 && dayPart !== 'evening',
    }));
  const meal = (dayPart: DayPart, role: Meal, required: boolean): Stop => {
    const latest = Math.min(meals[role][1], end - SHORTEST_VISIT);
    return { dayPart, role, earliest: Math.max(wake, meals[role][0]), latest, endBy: end, required };
  };
  const [lunchFrom, lunchTo] = meals.lunch;
  const [dinnerFrom, dinnerTo] = meals.dinner;
  const lastMorning = Math.min(lunchTo - 60, Math.max(NOON, lunchFrom) - GRID_MINUTES);
  const lastAfternoon = Math.min(dinnerTo - 60, Math.max(LATE_AFTERNOON, dinnerFrom) - GRID_MINUTES);
  return [
    meal('morning', 'breakfast', false),
    ...activity('morning', wake, lastMorning, lunchTo, counts.morning),
    meal('afternoon', 'lunch', true),
    ...activity('afternoon', lunchFrom + 30, lastAfternoon, dinnerTo, counts.afternoon),
    meal('evening', 'dinner', true),
    ...activity('evening', dinnerFrom + 30, end, end, counts.evening),
  ].filter((stop) => stop.latest >= stop.earliest);
}

/** The days of a trip to be filled. A stop that the clock has passed on the first day is left out. */
export function frameDays(request: FrameRequest): DayFrame[] {
  const rhythm = rhythmOf(request.dimensions, request.mealTimes);
  const stops = stopsOf(rhythm);
  return Array.from({ length: request.days }, (_, i) => {
    const date = addDays(request.startDate, i);
    const steady = steadyUntil(date, request.timeZone, rhythm.wake, rhythm.end);
    const notBefore = i === 0 ? request.notBefore : 0;
    return {
      dayNumber: i + 1,
      date,
      weekday: weekdayOf(date),
      stops: stops
        .map((stop) => ({
          ...stop,
          earliest: Math.max(stop.earliest, notBefore),
          latest: Math.min(stop.latest, steady - SHORTEST_VISIT),
          endBy: Math.min(stop.endBy, steady),
        }))
        .filter((stop) => stop.earliest <= stop.latest),
    };
  });
}
