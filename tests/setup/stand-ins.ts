/**
 * Tests in workerd can start no server: they ask this one for stand-ins of their own, over HTTP.
 * `POST /messages-api` `{}`; `POST /places-api` `{places: {query: [place]}}`; `POST /key-set` `{keys}`; `POST /open-meteo`
 * `{}` -> `{id, url}`. `PUT /open-meteo/<id>` `{skies?: {place: skies}, answer?}`; `GET /open-meteo/<id>` -> `{requests}`;
 * `PUT /places-api/<id>` `{answer: {status, body} | null}`; `GET /places-api/<id>` -> `{requests}`;
 * `POST /database-gate` `{url}` -> `{id, url}`; `PUT /database-gate/<id>` `{open}`;
 * `PUT /key-set/<id>` `{keys, status}`. The Messages API's stand-in has controls of its own.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type DatabaseGate, startDatabaseGate } from '../stand-ins/database-gate.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type KeySetServer, startKeySet } from '../stand-ins/key-set.ts';
import { startMessagesApi } from '../stand-ins/messages-api.ts';
import { type OpenMeteoStandIn, type Skies, startOpenMeteo } from '../stand-ins/open-meteo.ts';
import { type PlaceRecord, type PlacesStandIn, startPlacesApi } from '../stand-ins/places-api.ts';

declare module 'vitest' {
  interface ProvidedContext {
    standInsUrl: string;
  }
}

async function bodyOf(request: IncomingMessage) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text || '{}');
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: { close(): Promise<void> }[] = [];
  const places = new Map<string, PlacesStandIn>();
  const keySets = new Map<string, KeySetServer>();
  const weather = new Map<string, OpenMeteoStandIn>();
  const gates = new Map<string, DatabaseGate>();

  async function answer(request: IncomingMessage): Promise<unknown> {
    const [, kind, id = String(started.length)] = (request.url ?? '').split('/');
    const body = await bodyOf(request);
    const placesApi = places.get(id);
    switch (`${request.method} ${kind}`) {
      case 'POST messages-api': {
        const api = await startMessagesApi();
        started.push(api);
        return { id, url: api.url };
      }
      case 'POST places-api': {
        const api = await startPlacesApi();
        started.push(api);
        places.set(id, api);
        for (const [query, found] of Object.entries<PlaceRecord[]>(body.places)) api.places.set(query, found);
        return { id, url: api.url, apiKey: api.apiKey };
      }
      case 'PUT places-api':
        if (placesApi) placesApi.override = () => body.answer;
        return {};
      case 'GET places-api':
        return { requests: placesApi?.requests };
      case 'POST open-meteo': {
        const api = await startOpenMeteo();
        started.push(api);
        weather.set(id, api);
        return { id, url: api.url };
      }
      case 'PUT open-meteo': {
        const api = weather.get(id);
        for (const [place, skies] of Object.entries<Skies>(body.skies ?? {})) api?.skies.set(place, skies);
        if (api && body.answer !== undefined) api.answer = body.answer;
        return {};
      }
      case 'GET open-meteo':
        return { requests: weather.get(id)?.requests };
      case 'POST database-gate': {
        const gate = await startDatabaseGate(body.url);
        started.push(gate);
        gates.set(id, gate);
        return { id, url: gate.url };
      }
      case 'PUT database-gate':
        await (body.open ? gates.get(id)?.open() : gates.get(id)?.shut());
        return {};
      case 'POST key-set': {
        const keySet = await startKeySet(body.keys);
        started.push(keySet);
        keySets.set(id, keySet);
        return { id, url: keySet.url };
      }
      case 'PUT key-set':
        keySets.get(id)?.serve(body.keys, body.status);
        return {};
      default:
        throw new Error(`no such control: ${request.method} ${request.url}`);
    }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  const port = await freePort();
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  project.provide('standInsUrl', `http://127.0.0.1:${port}`);
  return async () => {
    await Promise.all(started.map((standIn) => standIn.close()));
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
}
