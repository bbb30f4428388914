/** Stand-ins of a test file's own, on loopback: `tests/setup/stand-ins.ts` starts them. */
import { inject } from 'vitest';
import type { Location } from '../../../core/venue/venue.ts';
import type { Behaviour, Recording } from '../../stand-ins/messages-api.ts';
import type { OpenMeteoAnswer, OpenMeteoRequest, Skies } from '../../stand-ins/open-meteo.ts';
import type { PlaceRecord, PlacesRequest } from '../../stand-ins/places-api.ts';
import type { Overrides } from './client.ts';

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${inject('standInsUrl')}/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export interface MessagesApi {
  /** What makes the Worker ask it. */
  env: Overrides;
  /** The behaviour of the next requests, and of all after them (default: good). Forgets what was recorded. */
  play(script: Behaviour[], otherwise?: Behaviour): Promise<void>;
  release(): Promise<void>;
  recording(): Promise<Recording>;
}

export async function startMessagesApi(): Promise<MessagesApi> {
  const { url } = await control<{ url: string }>('POST', 'messages-api');
  const post = async (path: string, body: unknown = {}) => {
    await (await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })).text();
  };
  return {
    env: { ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: url },
    play: (script, otherwise = { kind: 'good' }) => post('/control', { script, otherwise }),
    release: () => post('/control/release'),
    recording: async () => (await fetch(`${url}/control/requests`)).json(),
  };
}

export interface PlacesApi {
  env: Overrides;
  /** What is answered in place of searching; null: the search. */
  override(answer: { status: number; body: string } | null): Promise<void>;
  requests(): Promise<PlacesRequest[]>;
}

/** `places`: what there is to find, by text query. */
export async function startPlacesApi(places: Record<string, PlaceRecord[]>): Promise<PlacesApi> {
  const { id, url, apiKey } = await control<{ id: string; url: string; apiKey: string }>('POST', 'places-api', {
    places,
  });
  return {
    env: { PLACES_API_KEY: apiKey, PLACES_BASE_URL: url, PLACES_DAILY_CALLS: '10000' },
    override: (answer) => control('PUT', `places-api/${id}`, { answer }),
    requests: async () => (await control<{ requests: PlacesRequest[] }>('GET', `places-api/${id}`)).requests,
  };
}

export interface KeySet {
  url: string;
  serve(keys: readonly object[], status?: number): Promise<void>;
}

export async function startKeySet(keys: readonly object[]): Promise<KeySet> {
  const { id, url } = await control<{ id: string; url: string }>('POST', 'key-set', { keys });
  return { url, serve: (next, status = 200) => control('PUT', `key-set/${id}`, { keys: next, status }) };
}

export interface OpenMeteo {
  env: Overrides;
  /** The weather of a place from now on. */
  bring(place: Location, skies: Skies): Promise<void>;
  /** What is answered in place of the forecast; null: the forecast. */
  override(answer: OpenMeteoAnswer): Promise<void>;
  /** Those for a place. */
  requests(place: Location): Promise<OpenMeteoRequest[]>;
}

export async function startOpenMeteo(): Promise<OpenMeteo> {
  const { id, url } = await control<{ id: string; url: string }>('POST', 'open-meteo', {});
  return {
    env: { WEATHER_URL: url },
    bring: ({ lat, lng }, skies) => control('PUT', `open-meteo/${id}`, { skies: { [`${lat},${lng}`]: skies } }),
    override: (answer) => control('PUT', `open-meteo/${id}`, { answer }),
    async requests({ lat, lng }) {
      const { requests } = await control<{ requests: OpenMeteoRequest[] }>('GET', `open-meteo/${id}`);
      return requests.filter(({ query }) => query.latitude === String(lat) && query.longitude === String(lng));
    },
  };
}

export interface Gate {
  /** What has everything that runs with it reach the database through this gate. */
  env: Overrides & { DATABASE_URL: string };
  open(): Promise<void>;
  shut(): Promise<void>;
}

/** Open at first. */
export async function startDatabaseGate(databaseUrl: string): Promise<Gate> {
  const { id, url } = await control<{ id: string; url: string }>('POST', 'database-gate', { url: databaseUrl });
  const put = (open: boolean) => control<void>('PUT', `database-gate/${id}`, { open });
  return { env: { DATABASE_URL: url }, open: () => put(true), shut: () => put(false) };
}
