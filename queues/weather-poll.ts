/** Hourly: one forecast for each city in which people travel. Signals read it, and trips are told of the rain. */
import pLimit from 'p-limit';
import { rainSpells } from '../core/weather/rain.ts';
import { citiesWithActiveTrips, type TravelledCity } from '../platform/database/active-trips.ts';
import { type JobOf, sendJobs } from '../platform/queue/jobs.ts';
import { openMeteo } from '../platform/weather/open-meteo.ts';
import { type StoredForecast, storedForecasts } from '../platform/weather/stored-forecasts.ts';
import { WeatherUnavailable } from '../platform/weather/weather-unavailable.ts';
import type { JobContext } from './job-context.ts';

const CITIES_A_STRETCH = 20;
const CALLS_AT_ONCE = 4;

/**
 * Some cities, from `after` on. A city whose forecast this run has fetched already is not asked for again. What the
 * provider does not give is left until the next run, and changes nothing.
 */
export async function weatherPoll(
  after: string | null,
  { env, settings, database, now, log }: JobContext,
  runId: string,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  if (!settings.weather) return { next: null, counts: {} };
  const provider = openMeteo({ ...settings.weather, fetch: (...asked) => fetch(...asked) });
  const stored = storedForecasts(env.CACHE);
  const counts = { fetched: 0, failed: 0 };

  async function forecastOf({ slug, centre }: TravelledCity): Promise<StoredForecast | null> {
    const last = await stored.read(slug);
    if (last?.runId === runId) return last;
    try {
      const forecast = { fetchedAt: now, hours: await provider.hours(centre), runId };
      counts.fetched += 1;
      await stored
        .write(slug, forecast)
        .catch((error) => log('forecast_not_stored', { city: slug, error: String(error) }));
      return forecast;
    } catch (error) {
      if (!(error instanceof WeatherUnavailable)) throw error;
      log('weather_unavailable', { city: slug, code: error.code, error: error.message });
      counts.failed += 1;
      return null;
    }
  }

  const cities = await citiesWithActiveTrips(database, after, CITIES_A_STRETCH);
  const limit = pLimit(CALLS_AT_ONCE);
  const forecasts = await Promise.all(cities.map((city) => limit(() => forecastOf(city))));
  const rainy = forecasts.flatMap((forecast, i): JobOf<'expect_rain'>[] => {
    const spells = forecast ? rainSpells(forecast.hours) : [];
    if (!forecast || spells.length === 0) return [];
    return [expectRainJob({ runId, cityId: cities[i]!.id, fetchedAt: forecast.fetchedAt, spells, after: null })];
  });
  await sendJobs(env.JOBS, rainy);
  return { next: cities.length === CITIES_A_STRETCH ? cities.at(-1)!.id : null, counts };
}

export function expectRainJob(
  fields: Pick<JobOf<'expect_rain'>, 'runId' | 'cityId' | 'fetchedAt' | 'spells' | 'after'>,
): JobOf<'expect_rain'> {
  return { v: 1, id: `rain:${fields.runId}:${fields.after ?? fields.cityId}`, kind: 'expect_rain', ...fields };
}
