/** For operators: how far real travellers have replaced the simulated ones. */
import { createRoute, z } from '@hono/zod-openapi';
import type { MeanShare } from '../../core/signal/archetype-comparison.ts';
import { PHASE_OUT, PHASES, phaseOf } from '../../core/signal/phase-out.ts';
import { SIGNAL_SOURCES, trainingFactor, weightOf } from '../../core/signal/signal.ts';
import { SYNTHETIC_SOURCES } from '../../platform/database/correction-signal.ts';
import { countRealUsers } from '../../platform/database/real-users.ts';
import { latestReview } from '../../platform/database/synthetic-review.ts';
import { access } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';

const interval = z.object({ lower: z.number(), upper: z.number() });
const side = z
  .object({ travellers: z.int(), acceptance: z.number(), interval })
  .openapi({ description: 'Mean over travellers of the share that they took of the venues they decided on' });
const percent = `${PHASE_OUT.divergence * 100}%`;

const comparison = z
  .object({
    source: z.enum(SYNTHETIC_SOURCES),
    archetype: z.string(),
    real: side.nullable(),
    synthetic: side.nullable(),
    difference: z.number().nullable().openapi({ description: 'Real less synthetic; null where one side has nobody' }),
    interval: interval.nullable(),
    flagged: z.boolean().openapi({ description: `They differ by more than ${percent}` }),
    certain: z
      .boolean()
      .openapi({ description: `All of the interval is beyond ${percent}: a flag without it may be noise` }),
  })
  .openapi('ArchetypeComparison');

const factor = z.number().openapi({ description: 'Of the row in persona training' });
const body = z
  .object({
    real_users: z.int().openapi({ description: 'People with an account who decided on something in the app, now' }),
    seasoned_users: z.int().openapi({ description: `Of them, those with ${PHASE_OUT.trips} trips or more` }),
    phase: z.enum(PHASES),
    thresholds: z.object({ compare_from: z.int(), supersede_from: z.int(), trips: z.int(), divergence: z.number() }),
    missing: z
      .object({ real_users: z.int(), seasoned_users: z.int() })
      .openapi({ description: 'Until both sides are compared, and until simulated travellers are left out' }),
    weights: z.array(
      z.object({ source: z.enum(SIGNAL_SOURCES), row: z.number(), persona: z.object({ warm: factor, cold: factor }) }),
    ),
    excluded: z.array(z.enum(SIGNAL_SOURCES)).openapi({ description: 'Sources that real users have superseded' }),
    reviewed_at: z.string().nullable().openapi({ description: 'The last nightly review; null before the first' }),
    level: z.number().nullable().openapi({ description: 'Of the intervals' }),
    comparison: z
      .array(comparison)
      .nullable()
      .openapi({ description: 'Of the last review; null where there were too few real users' }),
  })
  .openapi('SyntheticPhaseOut');

const sideBody = (of: MeanShare | null) =>
  of && { travellers: of.travellers, acceptance: of.value, interval: of.interval };

export const syntheticRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/synthetic',
    summary: 'How far real travellers have replaced the simulated ones',
    description:
      'Counts, phase and weights are those of this moment; the comparison is that of the last `synthetic-review`. What either side was shown was not drawn at random: a flag says where to look, not why.',
    tags: ['Operators'],
    ...access('admin'),
    responses: { 200: json(body, 'Where it stands'), ...problemResponses(401, 403) },
  }),
  async (c) => {
    const { database } = c.var;
    const [counts, review] = await Promise.all([countRealUsers(database), latestReview(database)]);
    const { realUsers, seasonedUsers } = counts;
    const { compareFrom, supersedeFrom, trips, divergence } = PHASE_OUT;
    const factorOf = (source: (typeof SIGNAL_SOURCES)[number], warm: boolean) =>
      trainingFactor(source, warm, seasonedUsers);
    const compared = review?.comparison ?? null;
    return c.json(
      {
        real_users: realUsers,
        seasoned_users: seasonedUsers,
        phase: phaseOf(counts),
        thresholds: { compare_from: compareFrom, supersede_from: supersedeFrom, trips, divergence },
        missing: {
          real_users: Math.max(0, compareFrom - realUsers),
          seasoned_users: Math.max(0, supersedeFrom - seasonedUsers),
        },
        weights: SIGNAL_SOURCES.map((source) => ({
          source,
          row: weightOf(source),
          persona: { warm: factorOf(source, true), cold: factorOf(source, false) },
        })),
        excluded: SIGNAL_SOURCES.filter(
          (source) => trainingFactor(source, true, 0) > 0 && factorOf(source, true) === 0,
        ),
        reviewed_at: review?.reviewedAt.toISOString() ?? null,
        level: compared?.level ?? null,
        comparison:
          compared &&
          SYNTHETIC_SOURCES.flatMap((source) =>
            (compared.sources[source] ?? []).map(({ real, synthetic, ...rest }) => ({
              source,
              ...rest,
              real: sideBody(real),
              synthetic: sideBody(synthetic),
            })),
          ),
      },
      200,
    );
  },
);
