/** What the weather of a city is going to be, hour by hour, and who tells. */
import type { Location } from '../venue/venue.ts';

export const HOUR_MS = 3_600_000;

export interface ForecastHour {
  /** Its start, milliseconds since the epoch. */
  at: number;
  /** Rain and snow that fall within it, millimetres of water; null where it is not known, as in the fields below. */
  precipitationMm: number | null;
  /** In [0, 1]: that any falls. */
  precipitationChance: number | null;
  /** WMO code 4677, as providers use it: 0 clear to 99 thunderstorm with hail. At its start. */
  code: number | null;
  /** At its start, two metres above the ground. */
  temperatureC: number | null;
}

export interface Forecast {
  /** Milliseconds since the epoch. */
  fetchedAt: number;
  /** In their order, without gaps. */
  hours: ForecastHour[];
}

export interface WeatherProvider {
  /** The hours of today and tomorrow in UTC around a place, those that have passed among them. Rejects where it cannot be had. */
  hours(place: Location): Promise<ForecastHour[]>;
}
