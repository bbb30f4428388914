/** Text search of Google's Places API (New): `POST /v1/places:searchText`. */
import { z } from 'zod';
import { callProvider, type ProviderCall } from '../provider-call.ts';
import { PlacesUnavailable } from './places-unavailable.ts';

const PLACES_BASE_URL = 'https://places.googleapis.com';

/** The API's own bound. */
const PLACES_PAGE_SIZE = 20;

/** What is asked for decides the price of a call: nothing that is not read. */
const FIELD_MASK = [
  'nextPageToken',
  ...[
    'id',
    'displayName',
    'location',
    'primaryType',
    'types',
    'priceLevel',
    'businessStatus',
    'regularOpeningHours.periods',
    'addressComponents',
  ].map((field) => `places.${field}`),
].join(',');

export interface TextSearch {
  textQuery: string;
  /** Nothing outside is returned. Degrees. */
  within: { south: number; west: number; north: number; east: number };
  /** The `nextPageToken` of the answer to the same search. */
  pageToken?: string | undefined;
}

const answerSchema = z.looseObject({
  places: z.array(z.unknown()).default([]),
  nextPageToken: z.string().min(1).optional(),
});
/** An answer as it came: each place is still unread. */
export type PlacesAnswer = z.infer<typeof answerSchema>;

/** Null if `raw` is not in the shape of an answer. */
export function readPlacesAnswer(raw: unknown): PlacesAnswer | null {
  return answerSchema.safeParse(raw).data ?? null;
}

export interface PlacesApi {
  /** One call, never repeated, with a deadline. Rejects with a `PlacesUnavailable`. */
  searchText(search: TextSearch): Promise<PlacesAnswer>;
}

export interface PlacesApiOptions {
  apiKey: string;
  /** Google's own by default. */
  baseUrl?: string | null;
  /** For the whole answer. Default 5 s. */
  timeoutMs?: number;
  fetch: typeof fetch;
}

const failure: ProviderCall['failure'] = (code, what, options) =>
  new PlacesUnavailable(code, `the places provider ${what}`, options);

export function openPlacesApi({ apiKey, baseUrl, timeoutMs = 5_000, fetch }: PlacesApiOptions): PlacesApi {
  const url = `${(baseUrl ?? PLACES_BASE_URL).replace(/\/+$/, '')}/v1/places:searchText`;
  return {
    async searchText({ textQuery, within, pageToken }) {
      const body = {
        textQuery,
        pageSize: PLACES_PAGE_SIZE,
        locationRestriction: {
          rectangle: {
            low: { latitude: within.south, longitude: within.west },
            high: { latitude: within.north, longitude: within.east },
          },
        },
        ...(pageToken !== undefined && { pageToken }),
      };
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': apiKey, 'x-goog-fieldmask': FIELD_MASK },
        body: JSON.stringify(body),
      };
      const answer = readPlacesAnswer(await callProvider({ url, init, timeoutMs, fetch, failure }));
      if (answer === null) throw new PlacesUnavailable('malformed', 'the places provider answered in no known shape');
      return answer;
    },
  };
}
