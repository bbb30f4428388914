/** What is asked of Open-Meteo, and what its answers become. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMeteo, readForecast } from '../../platform/weather/open-meteo.ts';
import type { WeatherFailureCode } from '../../platform/weather/weather-unavailable.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type OpenMeteoStandIn, startOpenMeteo } from '../stand-ins/open-meteo.ts';

const PLACE = { lat: 47.6, lng: -122.33 };

let standIn: OpenMeteoStandIn;
beforeEach(async () => {
  standIn = await startOpenMeteo();
});
afterEach(() => standIn.close());

const provider = (options: Partial<Parameters<typeof openMeteo>[0]> = {}) =>
  openMeteo({ url: standIn.url, apiKey: null, fetch, ...options });
const failure = (code: WeatherFailureCode) => expect.objectContaining({ name: 'WeatherUnavailable', code });

describe('a forecast', () => {
  it('is one request for two days in UTC', async () => {
    await provider().hours(PLACE);
    expect(standIn.requests).toEqual([
      {
        path: '/v1/forecast',
        query: {
          latitude: '47.6',
          longitude: '-122.33',
          hourly: 'precipitation,precipitation_probability,weather_code,temperature_2m',
          timezone: 'UTC',
          forecast_days: '2',
        },
      },
    ]);
  });

  it('has what falls in the hour in which it falls', async () => {
    standIn.skies.set('47.6,-122.33', {
      today: '2026-12-05',
      rain: [{ from: '2026-12-05T14:00Z', to: '2026-12-05T16:00Z', mm: 1.5, chance: 80 }],
      temperature: 7.5,
    });
    const hours = await provider().hours(PLACE);
    expect(hours).toHaveLength(47);
    expect(hours[0]!.at).toBe(Date.parse('2026-12-05T00:00Z'));
    const wet = hours.filter(({ precipitationMm }) => precipitationMm! > 0);
    expect(wet).toEqual(
      ['14', '15'].map((at) => ({
        at: Date.parse(`2026-12-05T${at}:00Z`),
        precipitationMm: 1.5,
        precipitationChance: 0.8,
        code: 61,
        temperatureC: 7.5,
      })),
    );
  });

  it('leaves open what the provider does not know', async () => {
    const hourly = {
      time: ['2026-12-05T00:00', '2026-12-05T01:00'],
      precipitation: [0, 0.4],
      precipitation_probability: [null, null],
      weather_code: [null, 3],
      temperature_2m: [null, 4],
    };
    expect(readForecast({ utc_offset_seconds: 0, hourly })).toEqual([
      {
        at: Date.parse('2026-12-05T00:00Z'),
        precipitationMm: 0.4,
        precipitationChance: null,
        code: null,
        temperatureC: null,
      },
    ]);
  });
});

describe('a key', () => {
  it('goes along', async () => {
    await provider({ apiKey: 'secret' }).hours(PLACE);
    expect(standIn.requests[0]!.query.apikey).toBe('secret');
  });

  it.each([
    ['https://api.open-meteo.com', null, 'api.open-meteo.com'],
    ['https://api.open-meteo.com/', 'secret', 'customer-api.open-meteo.com'],
    ['https://weather.example/proxy', 'secret', 'weather.example'],
  ])('at %s (%s) is served by %s', async (url, apiKey, host) => {
    const asked: URL[] = [];
    const answered = provider({
      url,
      apiKey,
      fetch: async (to) => {
        asked.push(new URL(String(to)));
        return fetch(standIn.url + asked[0]!.pathname.replace('/proxy', '') + asked[0]!.search);
      },
    });
    await answered.hours(PLACE);
    expect([asked[0]!.host, asked[0]!.protocol, asked[0]!.searchParams.get('apikey')]).toEqual([
      host,
      'https:',
      apiKey,
    ]);
  });

  it('stands in no error', async () => {
    standIn.answer = { status: 401, body: '{"error":true,"reason":"secret"}' };
    const error = await provider({ apiKey: 'secret' })
      .hours(PLACE)
      .catch((reason) => reason);
    expect(error).toEqual(failure('rejected'));
    expect(String(error)).not.toContain('secret');
  });
});

describe('no forecast', () => {
  const good = {
    utc_offset_seconds: 0,
    hourly: {
      time: ['2026-12-05T00:00', '2026-12-05T01:00', '2026-12-05T02:00'],
      precipitation: [0, 0, 0],
      precipitation_probability: [0, 0, 0],
      weather_code: [0, 0, 0],
      temperature_2m: [5, 5, 5],
    },
  };
  const bent = (hourly: object) => JSON.stringify({ ...good, hourly: { ...good.hourly, ...hourly } });

  it('comes of this as it stands', () => {
    expect(readForecast(good)).toHaveLength(2);
  });

  it.each([
    ['no JSON', '<html>'],
    ['no series', '{}'],
    ['local time', JSON.stringify({ ...good, utc_offset_seconds: 3600 })],
    ['a series that is shorter', bent({ precipitation: [0, 0] })],
    ['a gap', bent({ time: ['2026-12-05T00:00', '2026-12-05T01:00', '2026-12-05T03:00'] })],
    ['no times', bent({ time: [1, 2, 3] })],
    ['negative rain', bent({ precipitation: [0, -1, 0] })],
    ['an impossible chance', bent({ precipitation_probability: [0, 101, 0] })],
    ['an unknown code', bent({ weather_code: [0, 100, 0] })],
    ['text for a number', bent({ temperature_2m: ['5', 5, 5] })],
  ])('comes of %s', async (_, body) => {
    standIn.answer = { status: 200, body };
    await expect(provider().hours(PLACE)).rejects.toEqual(failure('malformed'));
  });

  it.each([
    [500, 'rejected'],
    [400, 'rejected'],
    [429, 'rate_limited'],
  ] as const)('comes with status %i', async (status, code) => {
    standIn.answer = { status, body: bent({}) };
    await expect(provider().hours(PLACE)).rejects.toEqual(failure(code));
    expect(standIn.requests).toHaveLength(1);
  });

  it('comes of a provider that does not answer in time, or is not there', async () => {
    standIn.answer = 'hang';
    await expect(provider({ timeoutMs: 50 }).hours(PLACE)).rejects.toEqual(failure('timeout'));
    const nobody = provider({ url: `http://127.0.0.1:${await freePort()}` });
    await expect(nobody.hours(PLACE)).rejects.toEqual(failure('unreachable'));
  });
});
