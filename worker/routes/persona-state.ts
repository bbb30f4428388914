/** For operators: what a traveller's persona is, and what the last night made of it. */
import { createRoute, z } from '@hono/zod-openapi';
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { isWarm } from '../../core/persona/persona.ts';
import { dot, unitLength } from '../../core/venue/unit-vector.ts';
import { findPersonaState } from '../../platform/database/persona-embedding.ts';
import { findTraveller } from '../../platform/database/users.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { idParam } from '../schemas/shared.ts';

const embedding = z.object({
  version: z.string().nullable().openapi({ description: 'What made it; two versions have two spaces' }),
  values: z.array(z.number()).openapi({ description: '128 numbers of unit length' }),
});

const body = z
  .object({
    user_id: z.uuid(),
    state: z.enum(['cold', 'warm']),
    counting_signals: z.int(),
    dimensions: z.object(Object.fromEntries(DIMENSION_NAMES.map((name) => [name, z.number()]))),
    interests: z.array(z.string()),
    embedding: embedding.nullable(),
    embedding_before: embedding
      .nullable()
      .openapi({ description: 'What it was before the nightly encoder last changed it' }),
    cosine: z
      .number()
      .nullable()
      .openapi({ description: 'Between the two; means something only where `same_space` holds' }),
    same_space: z.boolean().nullable(),
    embedded_at: z.string().nullable().openapi({ description: 'When the encoder last read the signals' }),
    updated_at: z.string(),
  })
  .openapi('PersonaState');

export const personaStateRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/users/{id}/persona',
    summary: "A traveller's persona, before and after the last night",
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 200: json(body, 'The persona'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { database } = c.var;
    const [state, traveller] = await Promise.all([findPersonaState(database, id), findTraveller(database, id)]);
    if (!state || !traveller) throw new Problem(404, 'user_not_found', 'there is no such traveller');
    const { embedding: after, embeddingBefore: before, version, versionBefore } = state;
    const { dimensions, interests } = traveller.persona;
    return c.json(
      {
        user_id: id,
        state: isWarm(state.countingSignals) ? ('warm' as const) : ('cold' as const),
        counting_signals: state.countingSignals,
        dimensions,
        interests: [...interests],
        embedding: after && { version, values: after },
        embedding_before: before && { version: versionBefore, values: before },
        cosine: after && before ? cosine(after, before) : null,
        same_space: after && before ? version === versionBefore : null,
        embedded_at: state.embeddedAt?.toISOString() ?? null,
        updated_at: state.updatedAt.toISOString(),
      },
      200,
    );
  },
);

const cosine = (a: readonly number[], b: readonly number[]) =>
  dot(unitLength(Float64Array.from(a)), unitLength(Float64Array.from(b)));
