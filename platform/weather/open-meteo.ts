/** The forecast API of Open-Meteo: `GET /v1/forecast`. */
import { z } from 'zod';
import { type ForecastHour, HOUR_MS, type WeatherProvider } from '../../core/weather/forecast.ts';
import { callProvider, type ProviderCall } from '../provider-call.ts';
import { WeatherUnavailable } from './weather-unavailable.ts';

/** Free, and for non-commercial use; who has a key is served by the other host. */
const FREE_HOST = 'api.open-meteo.com';
const CUSTOMER_HOST = 'customer-api.open-meteo.com';

const QUERY = {
  hourly: 'precipitation,precipitation_probability,weather_code,temperature_2m',
  timezone: 'UTC',
  forecast_days: '2',
};

const valuesIn = (value: z.ZodType<number>) => z.array(value.nullable());

const answerSchema = z.object({
  utc_offset_seconds: z.literal(0),
  hourly: z
    .object({
      time: z.array(z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)).min(2),
      precipitation: valuesIn(z.number().min(0)),
      precipitation_probability: valuesIn(z.number().min(0).max(100)),
      weather_code: valuesIn(z.int().min(0).max(99)),
      temperature_2m: valuesIn(z.number().min(-100).max(70)),
    })
    .refine(({ time, ...series }) => Object.values(series).every(({ length }) => length === time.length), {
      message: 'the series are not of one length',
    })
    .refine(({ time }) => time.every((text, i) => i === 0 || instant(text) - instant(time[i - 1]!) === HOUR_MS), {
      message: 'the times are not hours in a row',
    }),
});

const instant = (text: string) => Date.parse(`${text}:00Z`);

/** Null if `raw` is not in the shape of an answer. What falls is given for the hour before a time, the rest at it. */
export function readForecast(raw: unknown): ForecastHour[] | null {
  const read = answerSchema.safeParse(raw);
  if (!read.success) return null;
  const { time, precipitation, precipitation_probability, weather_code, temperature_2m } = read.data.hourly;
  return time.slice(0, -1).map((text, i) => {
    const percent = precipitation_probability[i + 1] ?? null;
    return {
      at: instant(text),
      precipitationMm: precipitation[i + 1] ?? null,
      precipitationChance: percent === null ? null : percent / 100,
      code: weather_code[i] ?? null,
      temperatureC: temperature_2m[i] ?? null,
    };
  });
}

export interface OpenMeteoOptions {
  /** `https://api.open-meteo.com`, or another that speaks like it. */
  url: string;
  apiKey: string | null;
  /** For the whole answer. Default 5 s. */
  timeoutMs?: number;
  fetch: typeof fetch;
}

const failure: ProviderCall['failure'] = (code, what, options) =>
  new WeatherUnavailable(code, `the weather provider ${what}`, options);

/** Each question is one call, never repeated, with a deadline. Rejects with a `WeatherUnavailable`, which names no key. */
export function openMeteo({ url, apiKey, timeoutMs = 5_000, fetch }: OpenMeteoOptions): WeatherProvider {
  const base = new URL(`${url.replace(/\/+$/, '')}/v1/forecast`);
  if (apiKey !== null && base.host === FREE_HOST) base.host = CUSTOMER_HOST;
  return {
    async hours({ lat, lng }) {
      const asked = new URL(base);
      const query = { latitude: String(lat), longitude: String(lng), ...QUERY, ...(apiKey && { apikey: apiKey }) };
      for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
      const hours = readForecast(await callProvider({ url: asked, timeoutMs, fetch, failure }));
      if (!hours) throw new WeatherUnavailable('malformed', 'the weather provider answered in no known shape');
      return hours;
    },
  };
}
