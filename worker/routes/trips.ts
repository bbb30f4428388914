/** Trips: planned, read, changed and taken along. Every trip body carries `seq`. */
import { createRoute, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Trip } from '../../core/itinerary/trip.ts';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { listTrips } from '../../platform/database/trips.ts';
import type { AppContext, AppEnv } from '../app-env.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { access, liveAccess } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';
import { idParam, uuid } from '../schemas/shared.ts';
import { partyOf, replanRequest, slotChange, tripBody, tripChange, tripListing, tripRequest } from '../schemas/trip.ts';
import { toCalendar } from '../trips/calendar.ts';
import { createTrip } from '../trips/create-trip.ts';
import { toGeoJson } from '../trips/geojson.ts';
import { replanTrip } from '../trips/replan-trip.ts';
import { toTripBody } from '../trips/trip-body.ts';
import { answered } from '../trips/trip-problem.ts';

const listPosition = z.object({ created_at: z.iso.datetime(), id: z.uuid() });

async function readTrip(c: AppContext, id: string): Promise<Trip> {
  return answered(c, await tripStub(c.env, id).read(c.var.userId));
}

const created = json(tripBody, 'The trip');

export const tripRoutes = newRouter();

tripRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/trips',
    summary: 'Plan a trip',
    tags: ['Trips'],
    ...access('user'),
    request: { body: body(tripRequest), headers: idempotencyHeaders('plans nothing') },
    responses: { 201: created, ...problemResponses(400, 401, 413, 422, 503) },
  }),
  async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header');
    const made = await createTrip(c, c.req.valid('json'), key);
    c.set('modelVersion', made.body.ranking.model_version);
    if (made.replayed) c.header('Idempotent-Replayed', 'true');
    c.header('Location', `/api/v1/trips/${made.body.id}`);
    return c.json(made.body, 201);
  },
);

tripRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/trips',
    summary: 'Your trips',
    tags: ['Trips'],
    ...access('user'),
    request: {
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20), cursor: cursorParam }),
    },
    responses: {
      200: json(z.object({ trips: z.array(tripListing), next_cursor: z.string().nullable() }), 'Newest first'),
      ...problemResponses(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(cursor, listPosition);
    const { database, userId } = c.var;
    const rows = await listTrips(database, userId, limit + 1, after && { createdAt: after.created_at, id: after.id });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        trips: page.map((trip) => ({
          id: trip.id,
          city: trip.city,
          start_date: trip.startDate,
          end_date: trip.endDate,
          status: trip.status,
          role: trip.role,
          created_at: trip.createdAt.toISOString(),
        })),
        next_cursor:
          rows.length > limit && last ? encodeCursor({ created_at: last.createdAt.toISOString(), id: last.id }) : null,
      },
      200,
    );
  },
);

const FILES = {
  ics: {
    mediaType: 'text/calendar',
    summary: 'The trip for a calendar',
    write: (trip: Trip) => toCalendar(toTripBody(trip), trip.city.name, trip.city.timeZone),
  },
  geojson: {
    mediaType: 'application/geo+json',
    summary: 'The trip for a map',
    write: (trip: Trip) => JSON.stringify(toGeoJson(toTripBody(trip))),
  },
};

/** Stands where an id does. A path pattern of its own would take the app's fast router away, which cannot tell two apart. */
const FILE = /^([\da-fA-F-]{36})\.(ics|geojson)$/;

const ifFile =
  (handler: MiddlewareHandler<AppEnv>): MiddlewareHandler<AppEnv> =>
  (c, next) =>
    FILE.test(c.req.param('id') ?? '') ? handler(c, next) : next();

const {
  middleware: [signedIn],
  ...documented
} = liveAccess();

for (const [extension, { mediaType, summary }] of Object.entries(FILES)) {
  tripRoutes.openAPIRegistry.registerPath({
    method: 'get',
    path: `/trips/{id}.${extension}`,
    summary,
    tags: ['Trips'],
    ...documented,
    request: { params: idParam },
    responses: {
      200: { description: summary, content: { [mediaType]: { schema: z.string() } } },
      ...problemResponses(400, 401, 404),
    },
  });
}

tripRoutes.get(
  '/trips/:id',
  ifFile(signedIn),
  ifFile(async (c) => {
    const [, name, extension] = FILE.exec(c.req.param('id') ?? '') ?? [];
    const id = uuid.safeParse(name);
    if (!id.success) {
      throw new Problem(400, 'invalid_request', 'not a valid request: id', {
        errors: [{ field: 'id', message: 'must be a UUID' }],
      });
    }
    const trip = await readTrip(c, id.data);
    const { mediaType, write } = FILES[extension as keyof typeof FILES];
    return c.body(write(trip), 200, {
      'content-type': `${mediaType}; charset=utf-8`,
      'content-disposition': `attachment; filename="${trip.city.slug}-${trip.startDate}.${extension}"`,
    });
  }),
);

tripRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/trips/{id}',
    summary: 'A trip',
    tags: ['Trips'],
    ...liveAccess(),
    request: { params: idParam },
    responses: { 200: created, ...problemResponses(400, 401, 404) },
  }),
  async (c) => c.json(toTripBody(await readTrip(c, c.req.valid('param').id)), 200),
);

tripRoutes.openapi(
  createRoute({
    method: 'patch',
    path: '/trips/{id}',
    summary: 'Shorten a trip, change its party or status',
    tags: ['Trips'],
    ...access('user'),
    request: { params: idParam, body: body(tripChange) },
    responses: { 200: created, ...problemResponses(400, 401, 404, 409, 413, 422) },
  }),
  async (c) => {
    const { end_date, party, status } = c.req.valid('json');
    const answer = await tripStub(c.env, c.req.valid('param').id).change(c.var.userId, {
      endDate: end_date,
      party: party && partyOf(party),
      status,
    });
    return c.json(toTripBody(answered(c, answer)), 200);
  },
);

tripRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/trips/{id}/replan',
    summary: 'Plan a trip anew, for all its members',
    tags: ['Trips'],
    ...access('user'),
    request: { params: idParam, body: body(replanRequest) },
    responses: { 200: created, ...problemResponses(400, 401, 403, 404, 409, 413, 422, 503) },
  }),
  async (c) => {
    const trip = await replanTrip(c, c.req.valid('param').id, c.req.valid('json').strategy);
    return c.json(toTripBody(trip), 200);
  },
);

tripRoutes.openapi(
  createRoute({
    method: 'delete',
    path: '/trips/{id}',
    summary: 'Delete a trip',
    tags: ['Trips'],
    ...access('user'),
    request: { params: idParam },
    responses: { 204: { description: 'Gone' }, ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    answered(c, await tripStub(c.env, c.req.valid('param').id).remove(c.var.userId));
    return c.body(null, 204);
  },
);

tripRoutes.openapi(
  createRoute({
    method: 'patch',
    path: '/trips/{id}/slots/{slot_id}',
    summary: 'Accept, skip, swap or lock a slot',
    tags: ['Trips'],
    ...liveAccess(),
    request: { params: idParam.extend({ slot_id: uuid }), body: body(slotChange) },
    responses: { 200: created, ...problemResponses(400, 401, 404, 409, 413, 422) },
  }),
  async (c) => {
    const { id, slot_id } = c.req.valid('param');
    const { action, venue_id } = c.req.valid('json');
    const answer = await tripStub(c.env, id).actOnSlot(c.var.userId, { slotId: slot_id, action, venueId: venue_id });
    return c.json(toTripBody(answered(c, answer)), 200);
  },
);
