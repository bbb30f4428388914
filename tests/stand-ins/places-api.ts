/**
 * Speaks text search of Google's Places API (New), as far as we use it: key and field mask are required, only fields of
 * the mask come back, at most 20 places a page, and a page token continues the search that it came from.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './free-port.ts';

export interface PlacesRequest {
  textQuery: string;
  pageSize: number;
  pageToken?: string;
  locationRestriction: { rectangle: { low: LatLng; high: LatLng } };
}

interface LatLng {
  latitude: number;
  longitude: number;
}

export type PlaceRecord = { id: string } & Record<string, unknown>;

/** Answers in place of the search: a status, a body sent as it is, or none ever. */
export type PlacesOverride = (request: PlacesRequest) => { status: number; body: string } | 'hang' | null;

export interface PlacesStandIn {
  url: string;
  apiKey: string;
  /** All places that match, by text query. */
  places: Map<string, PlaceRecord[]>;
  requests: PlacesRequest[];
  override: PlacesOverride;
  close(): Promise<void>;
}

const failure = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ error: { code: status, message, status: 'INVALID_ARGUMENT' } }),
});

function project(place: PlaceRecord, mask: string[]): Record<string, unknown> {
  const asked = mask.flatMap((path) => (path.startsWith('places.') ? [path.split('.')[1]] : []));
  return Object.fromEntries(Object.entries(place).filter(([field]) => asked.includes(field)));
}

function search(request: PlacesRequest, mask: string[], found: PlaceRecord[]) {
  if (!(request.pageSize >= 1 && request.pageSize <= 20)) return failure(400, 'pageSize must be between 1 and 20');
  const [tokenQuery, tokenStart] = JSON.parse(request.pageToken ?? '[null, 0]') as [string | null, number];
  if (tokenQuery !== null && tokenQuery !== request.textQuery)
    return failure(400, 'the page token is of another search');
  const end = tokenStart + request.pageSize;
  const places = found.slice(tokenStart, end).map((place) => project(place, mask));
  const hasMore = end < found.length && mask.includes('nextPageToken');
  const answer = {
    ...(places.length > 0 && { places }),
    ...(hasMore && { nextPageToken: JSON.stringify([request.textQuery, end]) }),
  };
  return { status: 200, body: JSON.stringify(answer) };
}

export async function startPlacesApi(): Promise<PlacesStandIn> {
  const port = await freePort();
  const standIn: PlacesStandIn = {
    url: `http://127.0.0.1:${port}`,
    apiKey: 'places-test-key',
    places: new Map(),
    requests: [],
    override: () => null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
    const send = ({ status, body }: { status: number; body: string }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (incoming.method !== 'POST' || incoming.url !== '/v1/places:searchText')
      return send(failure(404, 'no such method'));
    if (incoming.headers['x-goog-api-key'] !== standIn.apiKey) return send(failure(403, 'the API key is not valid'));
    const mask = incoming.headers['x-goog-fieldmask'];
    if (typeof mask !== 'string') return send(failure(400, 'FieldMask is a required parameter'));
    const request = JSON.parse(text) as PlacesRequest;
    standIn.requests.push(request);
    const given =
      standIn.override(request) ?? search(request, mask.split(','), standIn.places.get(request.textQuery) ?? []);
    if (given !== 'hang') send(given);
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return standIn;
}
