/** For operators: what they should look at. */
import { createRoute, z } from '@hono/zod-openapi';
import { listAlerts } from '../../platform/database/alerts.ts';
import { access } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';

const alert = z
  .object({
    id: z.uuid(),
    kind: z.string().openapi({ example: 'model_refused' }),
    subject: z.string().openapi({ description: "A model's version, a rule, an experiment" }),
    detail: z.record(z.string(), z.unknown()),
    created_at: z.string(),
  })
  .openapi('Alert');

const listPosition = z.object({ created_at: z.iso.datetime(), id: z.uuid() });

export const alertRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/alerts',
    summary: 'What an operator should look at',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(50), cursor: cursorParam }),
    },
    responses: {
      200: json(z.object({ alerts: z.array(alert), next_cursor: z.string().nullable() }), 'Newest first'),
      ...problemResponses(400, 401, 403, 422),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(cursor, listPosition);
    const found = await listAlerts(c.var.database, {
      limit: limit + 1,
      after: after && { createdAt: after.created_at, id: after.id },
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        alerts: page.map(({ createdAt, ...row }) => ({ ...row, created_at: createdAt.toISOString() })),
        next_cursor:
          found.length > limit && last ? encodeCursor({ created_at: last.createdAt.toISOString(), id: last.id }) : null,
      },
      200,
    );
  },
);
