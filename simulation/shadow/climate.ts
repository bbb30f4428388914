/**
 * The weather of a day, drawn from the usual weather of its month: 1991 to 2020 normals of Central Park, Tacubaya,
 * Tokyo and Seattle-Tacoma (NOAA, SMN, JMA), rounded.
 */
import type { Random } from '../../core/experiment/random.ts';
import { CONDITION_THRESHOLDS, type Condition } from '../../core/weather/condition.ts';

interface Month {
  /** Share of days with rain or snow. */
  wet: number;
  /** Mean daily high, degrees Celsius. */
  high: number;
  /** Share of the dry days that are clear. */
  clear: number;
}

const months = (wet: number[], high: number[], clear: number[]): Month[] =>
  wet.map((_, i) => ({ wet: wet[i]!, high: high[i]!, clear: clear[i]! }));

const CLIMATE: Readonly<Record<string, readonly Month[]>> = {
  'new-york': months(
    [0.35, 0.35, 0.36, 0.38, 0.37, 0.38, 0.35, 0.33, 0.29, 0.31, 0.31, 0.36],
    [4, 6, 10, 16, 22, 27, 29, 28, 25, 18, 12, 7],
    [0.45, 0.47, 0.48, 0.48, 0.5, 0.55, 0.55, 0.57, 0.57, 0.55, 0.48, 0.44],
  ),
  'mexico-city': months(
    [0.07, 0.08, 0.13, 0.27, 0.45, 0.6, 0.74, 0.7, 0.66, 0.35, 0.13, 0.06],
    [22, 24, 26, 27, 27, 25, 24, 24, 23, 23, 23, 22],
    [0.72, 0.72, 0.66, 0.55, 0.5, 0.4, 0.38, 0.4, 0.36, 0.52, 0.64, 0.7],
  ),
  tokyo: months(
    [0.17, 0.21, 0.34, 0.35, 0.35, 0.42, 0.39, 0.29, 0.4, 0.36, 0.27, 0.2],
    [10, 11, 14, 19, 24, 26, 30, 31, 28, 22, 17, 12],
    [0.66, 0.6, 0.5, 0.48, 0.45, 0.32, 0.38, 0.48, 0.38, 0.42, 0.52, 0.6],
  ),
  seattle: months(
    [0.58, 0.55, 0.56, 0.48, 0.38, 0.31, 0.16, 0.16, 0.28, 0.45, 0.6, 0.6],
    [9, 10, 13, 15, 20, 22, 26, 26, 22, 16, 11, 8],
    [0.25, 0.3, 0.33, 0.38, 0.44, 0.48, 0.65, 0.62, 0.5, 0.34, 0.26, 0.22],
  ),
};

export function climateKnown(citySlug: string): boolean {
  return citySlug in CLIMATE;
}

/** A wet day is heavy with this chance, and snows where it is cold enough. */
const HEAVY = 0.18;
const SNOW_BELOW_C = 2;
const SPREAD_C = 3.5;

/** @throws RangeError for a city without a climate here */
export function weatherOfDay(citySlug: string, date: string, random: Random): Condition {
  const month = CLIMATE[citySlug]?.[Number(date.slice(5, 7)) - 1];
  if (!month) throw new RangeError(`no climate is known of "${citySlug}"`);
  const high = month.high + SPREAD_C * random.normal();
  if (random.chance(month.wet)) {
    if (high < SNOW_BELOW_C) return 'snow';
    return random.chance(HEAVY) ? 'heavy_rain' : 'rain';
  }
  if (high >= CONDITION_THRESHOLDS.hotC) return 'hot';
  return random.chance(month.clear) ? 'clear' : 'cloudy';
}
