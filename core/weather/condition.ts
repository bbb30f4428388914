/** The weather of an hour in one word. */
import { type Forecast, type ForecastHour, HOUR_MS } from './forecast.ts';

export const CONDITIONS = ['clear', 'cloudy', 'rain', 'heavy_rain', 'snow', 'hot'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Replaceable by calibration. */
export const CONDITION_THRESHOLDS = {
  /** Millimetres an hour: less is a trace. */
  rainMm: 0.2,
  /** Millimetres an hour. */
  heavyRainMm: 4,
  hotC: 32,
} as const;

/** A forecast that is older than this when the hour begins says nothing of it any more. */
export const MOST_FORECAST_AGE_MS = 3 * HOUR_MS;

const SNOW = new Set([71, 73, 75, 77, 85, 86]);
/** Heavy, freezing and heavy, violent showers, thunderstorms. */
const HEAVY_RAIN = new Set([65, 67, 82, 95, 96, 99]);
/** Mainly clear is clear. */
const CLEAR = new Set([0, 1]);
const isRain = (code: number) => (code >= 51 && code <= 67) || (code >= 80 && code <= 82);

/** What one would remark on first: what falls, then heat, then the sky. Null where nothing is known. */
export function conditionOf({ code, precipitationMm, temperatureC }: ForecastHour): Condition | null {
  const { rainMm, heavyRainMm, hotC } = CONDITION_THRESHOLDS;
  const fallen = precipitationMm ?? 0;
  if (code !== null && SNOW.has(code)) return 'snow';
  if (fallen >= heavyRainMm || (code !== null && HEAVY_RAIN.has(code))) return 'heavy_rain';
  if (fallen >= rainMm || (code !== null && isRain(code))) return 'rain';
  if (temperatureC !== null && temperatureC >= hotC) return 'hot';
  if (code === null) return null;
  return CLEAR.has(code) ? 'clear' : 'cloudy';
}

/**
 * The weather of the hour of an instant (milliseconds since the epoch); null where the forecast does not reach it, or was
 * made more than three hours before it.
 */
export function conditionAt({ fetchedAt, hours }: Forecast, instant: number): Condition | null {
  const at = Math.floor(instant / HOUR_MS) * HOUR_MS;
  if (fetchedAt < at - MOST_FORECAST_AGE_MS) return null;
  const hour = hours.find((candidate) => candidate.at === at);
  return hour ? conditionOf(hour) : null;
}
