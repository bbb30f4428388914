/** Every route says who may call it, and holds to it: read from the document that describes them all. */
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { call, inDays, newGuest } from './client.ts';

interface Operation {
  'x-access'?: string;
  security?: unknown[];
  responses: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
}

const document = (await call('GET', '//openapi.json')).body;
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const gated = operations.filter(({ operation }) => operation['x-access'] !== 'public');

/** Past the prefix that `call` adds, with a UUID for each parameter. */
const concrete = (path: string) =>
  path
    .replace(/\{\w+\}/g, () => uuidv7())
    .replace(/^(?!\/api\/v1)/, '/')
    .replace(/^\/api\/v1/, '');

describe('the API document', () => {
  it('is OpenAPI 3.1, whole: each reference leads somewhere, each path parameter is declared', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const resolve = (ref: string) =>
      ref
        .replace(/^#\//, '')
        .split('/')
        .reduce((at, key) => at?.[key], document);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) expect(resolve(reference), reference).toBeDefined();

    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name).sort(), path).toEqual(named);
      expect(declared.every(({ required }) => required === true)).toBe(true);
      expect(Object.keys(operation.responses).length, path).toBeGreaterThan(0);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(response.description).toEqual(expect.any(String));
        for (const media of Object.values(response.content ?? {})) expect(media.schema).toBeDefined();
      }
    }
  });

  it('holds every route of the product', () => {
    const routes = operations.map(({ path, method }) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`);
    expect(routes.sort()).toEqual(
      [
        'GET /admin/llm-spend',
        'GET /cities/{slug}/discover',
        'GET /trips/{id}/review',
        'DELETE /users/me',
        'GET /admin/dead-letters',
        'GET /admin/dead-letters/{id}',
        'GET /admin/jobs/{id}',
        'GET /users/me/export',
        'POST /admin/dead-letters/{id}/replay',
        'POST /admin/jobs/{name}',
        'POST /admin/seed-training-data',
        'GET /admin/model-registry',
        'GET /admin/models/{name}/versions/{version}/gate',
        'GET /admin/models/{name}/versions/{version}/transitions',
        'POST /admin/models/{name}/versions/{version}/shadow',
        'POST /admin/models/{name}/versions/{version}/canary',
        'POST /admin/models/{name}/versions/{version}/promote',
        'POST /admin/models/{name}/versions/{version}/retire',
        'POST /admin/models/{name}/rollback',
        'POST /admin/models/{name}/versions',
        'PUT /admin/models/{name}/versions/{version}/files/{file}',
        'GET /admin/experiments',
        'GET /admin/experiments/{id}',
        'POST /admin/experiments',
        'POST /admin/experiments/{id}/stop',
        'GET /admin/alerts',
        'GET /admin/arbitration',
        'POST /admin/arbitration/rules/{rule}',
        'GET /admin/readiness',
        'GET /admin/users/{id}/persona',
        'GET /admin/correction-signal',
        'GET /admin/synthetic',
        'GET /admin/train',
        'GET /admin/train/{id}',
        'POST /admin/train',
        'POST /signals',
        'GET /asyncapi.json',
        'GET /cities',
        'GET /cities/{slug}/venues',
        'GET /health',
        'GET /health/ready',
        'GET /trips',
        'GET /trips/{id}',
        'GET /trips/{id}.geojson',
        'GET /trips/{id}.ics',
        'GET /trips/{id}/members',
        'GET /users/me',
        'GET /users/me/persona',
        'GET /venues/{id}',
        'GET /ws/trips/{id}/pivot-stream',
        'GET /vocabulary',
        'PATCH /trips/{id}',
        'PATCH /trips/{id}/slots/{slot_id}',
        'PATCH /users/me',
        'POST /invites/{token}/accept',
        'POST /trips',
        'POST /trips/{id}/invites',
        'POST /trips/{id}/pivot',
        'POST /trips/{id}/replan',
        'POST /trips/{id}/pivot/{event_id}',
        'POST /users',
        'POST /users/me/token',
        'DELETE /trips/{id}',
        'DELETE /trips/{id}/members/{user_id}',
      ].sort(),
    );
  });

  it('says of every route who may call it', () => {
    for (const { path, operation } of operations) {
      expect(['public', 'user', 'admin'], path).toContain(operation['x-access']);
      expect(operation.security, path).toEqual(operation['x-access'] === 'public' ? [] : [{ bearer: [] }]);
    }
  });
});

describe('without a token', () => {
  it.each(gated.map(({ method, path }) => [method.toUpperCase(), path]))('%s %s answers 401', async (method, path) => {
    const refused = await call(method, concrete(path), method === 'GET' ? {} : { json: {} });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'unauthorised', request_id: expect.any(String) });
    expect(refused.headers.get('x-model-version')).toBe('none');
  });

  it.each(operations.filter((o) => !gated.includes(o)).map(({ method, path }) => [method.toUpperCase(), path]))(
    '%s %s is open',
    async (method, path) => {
      const answer = await call(method, concrete(path), method === 'GET' ? {} : { json: {} });
      expect([401, 403]).not.toContain(answer.status);
    },
  );
});

it('a stranger finds nothing at any route of a trip, and changes nothing', async () => {
  const owner = await newGuest();
  const { body: trip } = await call('POST', '/trips', {
    token: owner.token,
    json: { city: 'seattle', start_date: inDays(), days: 1 },
  });
  const { token } = await newGuest();
  const slot = `/trips/${trip.id}/slots/${trip.days[0].slots[0].id}`;
  const attempts: [string, string, unknown?][] = [
    ['GET', `/trips/${trip.id}`],
    ['GET', `/trips/${trip.id}.ics`],
    ['GET', `/trips/${trip.id}.geojson`],
    ['PATCH', `/trips/${trip.id}`, { status: 'cancelled' }],
    ['PATCH', slot, { action: 'skip' }],
    ['DELETE', `/trips/${trip.id}`],
    ['GET', `//ws/trips/${trip.id}/pivot-stream`],
    ['GET', `/trips/${trip.id}/members`],
    ['GET', `/trips/${trip.id}/review`],
    ['POST', `/trips/${trip.id}/invites`],
    ['DELETE', `/trips/${trip.id}/members/${owner.id}`],
    ['POST', `/trips/${trip.id}/replan`, {}],
    ['POST', `/trips/${trip.id}/pivot`, { id: uuidv7(), trigger: 'weather' }],
    ['POST', `/trips/${trip.id}/pivot/${uuidv7()}`, { response: 'dismiss' }],
  ];
  const tripRoutes = gated.filter(({ path }) => path.includes('/trips/{id}'));
  expect(attempts).toHaveLength(tripRoutes.length);
  for (const [method, path, json] of attempts) {
    const stranger = await call(method, path, { token, json });
    expect(stranger, `${method} ${path}`).toMatchObject({ status: 404, body: { code: 'trip_not_found' } });
    // What there is not at all looks the same.
    const nothing = await call(method, path.replace(trip.id, uuidv7()), { token, json });
    expect({ ...nothing.body, request_id: '' }).toEqual({ ...stranger.body, request_id: '' });
  }
  expect((await call('GET', '/trips', { token })).body.trips).toEqual([]);
  expect((await call('GET', `/trips/${trip.id}`, { token: owner.token })).body).toEqual(trip);
});
