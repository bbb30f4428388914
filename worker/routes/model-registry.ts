/** For operators: the versions of the models. What changes them is in `model-status.ts`. */
import { createRoute, z } from '@hono/zod-openapi';
import { listModelVersions, type ModelVersion } from '../../platform/database/model-registry.ts';
import { access } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';
import { metrics } from '../schemas/metrics.ts';

export const modelVersion = z
  .object({
    name: z.string(),
    version: z.string(),
    status: z.string().openapi({ description: 'registered, shadow, canary, production or retired' }),
    metrics,
    lineage: z.array(z.string()).openapi({
      description: 'Where the rows came from that it learned from; with any synthetic one it is never promoted',
    }),
    artifact_path: z.string().nullable(),
    trained_at: z.string().nullable(),
    promoted_at: z.string().nullable(),
    shadow_since: z.string().nullable().openapi({ description: 'Scored beside what serves, without a break' }),
    canary_since: z.string().nullable().openapi({ description: 'While it serves a part of the travellers' }),
    created_at: z.string(),
  })
  .openapi('ModelVersion');

export function versionBody(row: ModelVersion): z.infer<typeof modelVersion> {
  return {
    name: row.modelName,
    version: row.version,
    status: row.status,
    metrics: row.metrics,
    lineage: row.lineage,
    artifact_path: row.artifactPath,
    trained_at: row.trainingDate?.toISOString() ?? null,
    promoted_at: row.promotedAt?.toISOString() ?? null,
    shadow_since: row.shadowSince?.toISOString() ?? null,
    canary_since: row.canarySince?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

const listPosition = z.object({ created_at: z.iso.datetime(), id: z.uuid() });

export const modelRegistryRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/model-registry',
    summary: 'The versions of the models',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({
        name: z.string().min(1).max(100).optional().openapi({ description: 'Of this model alone' }),
        limit: z.coerce.number().int().min(1).max(100).default(50),
        cursor: cursorParam,
      }),
    },
    responses: {
      200: json(z.object({ versions: z.array(modelVersion), next_cursor: z.string().nullable() }), 'Newest first'),
      ...problemResponses(400, 401, 403, 422),
    },
  }),
  async (c) => {
    const { name, limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(cursor, listPosition);
    const found = await listModelVersions(c.var.database, {
      name,
      limit: limit + 1,
      after: after && { createdAt: after.created_at, id: after.id },
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        versions: page.map(versionBody),
        next_cursor:
          found.length > limit && last ? encodeCursor({ created_at: last.createdAt.toISOString(), id: last.id }) : null,
      },
      200,
    );
  },
);
