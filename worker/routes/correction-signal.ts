/** For operators: where real travellers differ from the simulated ones of their archetype. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  type Acceptance,
  adjusted,
  CORRECTION_LEVEL,
  FALSE_DISCOVERIES,
  LEAST_TRAVELLERS,
  share,
} from '../../core/signal/correction.ts';
import { SYNTHETIC_SOURCES, storedDivergences } from '../../platform/database/correction-signal.ts';
import { latestReview } from '../../platform/database/synthetic-review.ts';
import { access } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';

const interval = z.object({ lower: z.number(), upper: z.number() });
const acceptance = z.object({ accepted: z.int(), travellers: z.int(), share: z.number(), interval });

const divergence = z
  .object({
    archetype: z.string(),
    venue: z.object({ id: z.uuid(), name: z.string(), category: z.string(), city: z.string() }),
    real: acceptance,
    synthetic: acceptance,
    difference: z.number().openapi({ description: 'Share of the real less that of the simulated travellers' }),
    interval,
    p: z.number().openapi({ description: "Fisher's exact test" }),
    q: z.number().openapi({ description: 'p, adjusted for all that were compared (Benjamini and Hochberg)' }),
  })
  .openapi('Divergence');

const body = z.object({
  source: z.enum(SYNTHETIC_SOURCES),
  minimum: z.int(),
  level: z.number(),
  reviewed_at: z.string().nullable().openapi({ description: 'When it was found; null before the first review' }),
  compared: z.int().openapi({ description: 'Pairs of archetype and venue with enough travellers on both sides' }),
  told_apart: z.int().openapi({ description: `Of them, those with a q below ${FALSE_DISCOVERIES}` }),
  divergences: z.array(divergence),
});

const shareBody = (of: Acceptance) => {
  const { accepted, travellers, value, interval } = share(of, CORRECTION_LEVEL);
  return { accepted, travellers, share: value, interval };
};

export const correctionSignalRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/correction-signal',
    summary: 'Where real travellers differ from simulated ones',
    description:
      'By archetype and venue: of those who decided, the share who took it. A traveller counts once for a venue. As the last nightly `synthetic-review` found it. Neither side was shown its venues at random, so a divergence says where to look, not why.',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({
        source: z.enum(SYNTHETIC_SOURCES).default('synthetic_agent_v1'),
        minimum: z.coerce
          .number()
          .int()
          .min(LEAST_TRAVELLERS)
          .max(10_000)
          .default(10)
          .openapi({ description: 'Travellers on either side, or the two are not compared' }),
        limit: z.coerce.number().int().min(1).max(500).default(50),
      }),
    },
    responses: { 200: json(body, 'Strongest evidence first'), ...problemResponses(400, 401, 403, 422) },
  }),
  async (c) => {
    const { source, minimum, limit } = c.req.valid('query');
    const { database } = c.var;
    const [stored, review] = await Promise.all([
      storedDivergences(database, { source, minimum }),
      latestReview(database),
    ]);
    const found = adjusted(stored, minimum);
    return c.json(
      {
        source,
        minimum,
        level: CORRECTION_LEVEL,
        reviewed_at: review?.reviewedAt.toISOString() ?? null,
        compared: found.length,
        told_apart: found.filter(({ q }) => q < FALSE_DISCOVERIES).length,
        divergences: found
          .slice(0, limit)
          .map((one) => ({ ...one, real: shareBody(one.real), synthetic: shareBody(one.synthetic) })),
      },
      200,
    );
  },
);
