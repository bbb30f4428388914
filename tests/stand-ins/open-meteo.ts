/**
 * Speaks the forecast API of Open-Meteo, as far as we use it: series of 24 hours a day from midnight UTC, of the variables
 * that were asked for. What falls stands at the end of its hour, everything else at the hour's start.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './free-port.ts';

const HOUR_MS = 3_600_000;

export interface Skies {
  /** The first day of the series, `YYYY-MM-DD`. Default: today. */
  today?: string;
  /** Whole hours, ISO 8601 in UTC, `to` excluded; a chance in percent (default 90). */
  rain?: { from: string; to: string; mm: number; chance?: number | null }[];
  /** Degrees Celsius. Default 15. */
  temperature?: number;
}

export interface OpenMeteoRequest {
  path: string;
  query: Record<string, string>;
}

/** Answers in place of the forecast: a status and a body sent as it is, or nothing ever. */
export type OpenMeteoAnswer = { status: number; body: string } | 'hang' | null;

export interface OpenMeteoStandIn {
  url: string;
  /** By `<latitude>,<longitude>`; clear and dry elsewhere. */
  skies: Map<string, Skies>;
  requests: OpenMeteoRequest[];
  answer: OpenMeteoAnswer;
  close(): Promise<void>;
}

type Series = (at: number, skies: Skies) => number | null;

const rainAt = (at: number, { rain = [] }: Skies) =>
  rain.find(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to));

const SERIES: Record<string, Series> = {
  precipitation: (at, skies) => rainAt(at - HOUR_MS, skies)?.mm ?? 0,
  precipitation_probability: (at, skies) => {
    const rain = rainAt(at - HOUR_MS, skies);
    return rain ? (rain.chance === undefined ? 90 : rain.chance) : 5;
  },
  weather_code: (at, skies) => (rainAt(at, skies) ? 61 : 0),
  temperature_2m: (_, { temperature = 15 }) => temperature,
};

const failure = (reason: string) => ({ status: 400, body: JSON.stringify({ error: true, reason }) });

function forecast(query: Record<string, string>, skies: Skies) {
  const { latitude, longitude, hourly = '', timezone, forecast_days = '7' } = query;
  if (!latitude || !longitude)
    return failure("Parameter 'latitude' and 'longitude' must have the same number of elements");
  const names = hourly.split(',');
  const unknown = names.find((name) => !SERIES[name]);
  if (unknown !== undefined) return failure(`Cannot initialize from invalid String value ${unknown}`);
  if (timezone !== 'UTC') return failure('this stand-in speaks UTC only');
  const first = Date.parse(skies.today ?? new Date().toISOString().slice(0, 10));
  const times = Array.from({ length: 24 * Number(forecast_days) }, (_, i) => first + i * HOUR_MS);
  const body = {
    latitude: Number(latitude),
    longitude: Number(longitude),
    generationtime_ms: 0.05,
    utc_offset_seconds: 0,
    timezone: 'GMT',
    timezone_abbreviation: 'GMT',
    elevation: 38,
    hourly_units: { time: 'iso8601' },
    hourly: {
      time: times.map((at) => new Date(at).toISOString().slice(0, 16)),
      ...Object.fromEntries(names.map((name) => [name, times.map((at) => SERIES[name]!(at, skies))])),
    },
  };
  return { status: 200, body: JSON.stringify(body) };
}

export async function startOpenMeteo(): Promise<OpenMeteoStandIn> {
  const port = await freePort();
  const standIn: OpenMeteoStandIn = {
    url: `http://127.0.0.1:${port}`,
    skies: new Map(),
    requests: [],
    answer: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', standIn.url);
    const query = Object.fromEntries(searchParams);
    standIn.requests.push({ path: pathname, query });
    const skies = standIn.skies.get(`${query.latitude},${query.longitude}`) ?? {};
    const missing = incoming.method !== 'GET' || pathname !== '/v1/forecast';
    const given = standIn.answer ?? (missing ? { status: 404, body: '{}' } : forecast(query, skies));
    if (given === 'hang') return;
    response.writeHead(given.status, { 'content-type': 'application/json; charset=utf-8' }).end(given.body);
  };
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return standIn;
}
