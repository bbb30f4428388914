/** The trip's socket, and the document that describes what travels over it. */
import { createRoute, z } from '@hono/zod-openapi';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { asyncApi } from '../async-api.ts';
import { access, liveAccess } from '../middleware/access.ts';
import { services } from '../middleware/services.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { idParam } from '../schemas/shared.ts';
import { asProblem } from '../trips/trip-problem.ts';

export const liveRoutes = newRouter();

liveRoutes.use('/ws/*', services);
liveRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/ws/trips/{id}/pivot-stream',
    summary: 'Watch and change a trip live',
    description:
      'A WebSocket; its messages are described at `/asyncapi.json`. Browsers send the token as a subprotocol: `overplanned.v1, bearer.<token>`.',
    tags: ['Live'],
    ...liveAccess(),
    request: {
      params: idParam,
      query: z.object({
        since: z
          .string()
          .optional()
          .openapi({ description: 'The last `seq` that the client knows: what it missed is sent, or a snapshot' }),
      }),
    },
    responses: { 101: { description: 'The socket is open' }, ...problemResponses(400, 401, 404, 426) },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { since } = c.req.valid('query');
    const url = new URL('https://trip/');
    if (since !== undefined) url.searchParams.set('since', since);
    // Made anew: nothing but these passes from the client to the object, its token least of all.
    const headers = new Headers({ 'x-user-id': c.var.userId, 'x-token-expires-at': String(c.var.tokenExpiresAt) });
    const upgrade = c.req.header('upgrade');
    if (upgrade) headers.set('upgrade', upgrade);
    const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
    const known = offered.filter((name) => name.startsWith('overplanned.'));
    if (known.length > 0) headers.set('sec-websocket-protocol', known.join(', '));
    const response = await tripStub(c.env, id).fetch(new Request(url, { headers }));
    if (response.status === 404) throw asProblem({ code: 'trip_not_found' });
    if (response.status === 426) throw new Problem(426, 'upgrade_required', 'connect with a WebSocket');
    // A copy: the headers of what another service answered cannot be added to.
    return new Response(null, { status: 101, webSocket: response.webSocket, headers: response.headers }) as never;
  },
);

liveRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/asyncapi.json',
    summary: 'What travels over the socket',
    tags: ['Live'],
    ...access('public'),
    responses: { 200: json(z.record(z.string(), z.unknown()), 'AsyncAPI 3') },
  }),
  (c) => c.json(asyncApi(), 200),
);
