/** Companions: invited, joining, leaving, removed. */
import { createRoute, z } from '@hono/zod-openapi';
import { ENDED } from '../../core/itinerary/trip-changes.ts';
import { isOrganiser } from '../../core/live/members.ts';
import { memberBodies } from '../../core/live/trip-events.ts';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import {
  findInvite,
  insertInvite,
  inviteHash,
  markAccepted,
  newInviteToken,
} from '../../platform/database/trip-invites.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { idParam, uuid } from '../schemas/shared.ts';
import { tripBody } from '../schemas/trip.ts';
import { toTripBody } from '../trips/trip-body.ts';
import { answered, asProblem } from '../trips/trip-problem.ts';

const INVITE_MS = 7 * 24 * 3600_000;

const invite = z
  .object({ token: z.string(), trip_id: z.uuid(), expires_at: z.string() })
  .openapi('Invite', { description: 'The token is shown this once: hand it to one person' });

const members = z
  .object({
    members: z.array(z.object({ user_id: z.uuid().nullable(), role: z.enum(['organiser', 'member']) })),
  })
  .openapi('Members');

export const inviteRoutes = newRouter();

inviteRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/trips/{id}/members',
    summary: 'Who travels along',
    tags: ['Companions'],
    ...access('user'),
    request: { params: idParam },
    responses: { 200: json(members, 'The one who has been there longest first'), ...problemResponses(400, 401, 404) },
  }),
  async (c) => {
    const trip = answered(c, await tripStub(c.env, c.req.valid('param').id).read(c.var.userId));
    return c.json({ members: memberBodies(trip.members) }, 200);
  },
);

inviteRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/trips/{id}/invites',
    summary: 'Invite somebody, once, within seven days',
    tags: ['Companions'],
    ...access('user'),
    request: { params: idParam },
    responses: { 201: json(invite, 'The invite'), ...problemResponses(400, 401, 403, 404, 409) },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { userId, database, now } = c.var;
    const trip = answered(c, await tripStub(c.env, id).read(userId));
    if (!isOrganiser(trip, userId)) throw asProblem({ code: 'organiser_only' });
    if (ENDED.has(trip.status)) throw asProblem({ code: 'trip_ended', status: trip.status });
    const token = newInviteToken();
    const expiresAt = new Date(now + INVITE_MS);
    await insertInvite(database, {
      tokenHash: await inviteHash(token),
      tripId: id,
      createdAt: new Date(now),
      expiresAt,
    });
    return c.json({ token, trip_id: id, expires_at: expiresAt.toISOString() }, 201);
  },
);

inviteRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/invites/{token}/accept',
    summary: 'Join a trip',
    tags: ['Companions'],
    ...access('user'),
    request: { params: z.strictObject({ token: z.string().min(1).max(100) }) },
    responses: { 200: json(tripBody, 'The trip'), ...problemResponses(400, 401, 404, 409, 410) },
  }),
  async (c) => {
    const { userId, database, now } = c.var;
    const hash = await inviteHash(c.req.valid('param').token);
    const found = await findInvite(database, hash);
    if (!found) throw new Problem(404, 'invite_not_found', 'there is no such invite');
    if (found.acceptedAt === null && now >= found.expiresAt.getTime()) {
      throw new Problem(410, 'invite_expired', 'the invite has expired: ask for a new one');
    }
    // The object decides, so that of two who accept at once one joins; whoever joined may ask again.
    const trip = answered(c, await tripStub(c.env, found.tripId).join(userId, hash));
    await markAccepted(database, hash, new Date(now));
    return c.json(toTripBody(trip), 200);
  },
);

inviteRoutes.openapi(
  createRoute({
    method: 'delete',
    path: '/trips/{id}/members/{user_id}',
    summary: 'Leave a trip, or, as its organiser, remove a member',
    tags: ['Companions'],
    ...access('user'),
    request: { params: idParam.extend({ user_id: uuid }) },
    responses: { 204: { description: 'Gone' }, ...problemResponses(400, 401, 403, 404, 409) },
  }),
  async (c) => {
    const { id, user_id } = c.req.valid('param');
    answered(c, await tripStub(c.env, id).removeMember(c.var.userId, user_id));
    return c.body(null, 204);
  },
);
