/** For operators: experiments on travellers, each with its control, its guardrails and its confidence sequence. */
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { configFault, experimentConfig, placeOf, storedExperiment } from '../../core/experiment/experiment.ts';
import { experimentAnalysis, exposuresByDay } from '../../platform/database/experiment-log.ts';
import {
  type ExperimentRecord,
  endExperiment,
  findExperiment,
  listExperiments,
} from '../../platform/database/experiments.ts';
import { ExperimentRefused, startExperiment } from '../../platform/database/start-experiment.ts';
import type { AppContext } from '../app-env.ts';
import { access } from '../middleware/access.ts';
import { invalidField, Problem, problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';
import { idParam } from '../schemas/shared.ts';

const wanted = experimentConfig
  .extend({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^(?!canary\/)/, 'canaries have such names'),
  })
  .openapi('ExperimentRequest', { description: 'The first variant is the control, and in production' });

const experiment = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(['canary', 'ab']),
    status: z.enum(['running', 'stopped', 'concluded']),
    place: z.string().openapi({ description: 'The model whose place the variants take' }),
    variants: z.array(z.object({ name: z.string(), model: z.string(), share: z.number() })),
    metric: z.string(),
    guardrails: z.record(z.string(), z.number()),
    alpha: z.number(),
    outcome_days: z.int(),
    ended: z
      .object({ by: z.string(), reason: z.string(), detail: z.record(z.string(), z.unknown()).optional() })
      .nullable(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
  })
  .openapi('Experiment');

const interval = { lower: z.number(), upper: z.number() };
const report = experiment
  .omit({ variants: true })
  .extend({
    variants: z.array(
      z.object({
        name: z.string(),
        model: z.string(),
        share: z.number(),
        travellers: z.int(),
        outcomes: z.int().openapi({ description: 'Travellers whose days are over' }),
        acceptance: z.number().nullable(),
        requests: z.int(),
        failed: z.int(),
        latency_p95_ms: z.number().nullable(),
      }),
    ),
    series: z
      .record(
        z.string(),
        z.array(z.object({ day: z.string(), travellers: z.int(), difference: z.number(), ...interval })),
      )
      .openapi({
        description:
          'By variant: the difference of acceptance from the control at the end of each day, with its confidence sequence',
      }),
    exposures: z.array(z.object({ day: z.string(), variant: z.string(), exposures: z.int() })),
    guardrail_states: z.array(
      z.object({
        guardrail: z.string(),
        variant: z.string(),
        found: z.object({ value: z.number().nullable(), ...interval }),
        limit: z.number(),
        broken: z.boolean(),
      }),
    ),
    decision: z.object({ kind: z.enum(['undecided', 'better', 'worse']), variant: z.string().nullable() }),
  })
  .openapi('ExperimentReport');

function experimentBody({
  id,
  name,
  status,
  config,
  startedAt,
  endedAt,
}: ExperimentRecord): z.infer<typeof experiment> {
  const { kind, place, variants, metric, guardrails, alpha, outcome_days, ended } = config;
  return {
    ...{ id, name, kind, status, place, variants, metric, guardrails, alpha, outcome_days, ended: ended ?? null },
    started_at: startedAt.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
  };
}

async function experimentOf(c: AppContext, id: string): Promise<ExperimentRecord> {
  const found = await findExperiment(c.var.database, id);
  if (!found) throw new Problem(404, 'experiment_not_found', 'there is no such experiment');
  return found;
}

const CONFLICTS = new Set(['experiment_exists', 'experiment_running']);

function asProblem(error: unknown): unknown {
  if (!(error instanceof ExperimentRefused)) return error;
  const { code, field, message } = error;
  if (!CONFLICTS.has(code)) return invalidField(field, code, message);
  return new Problem(409, code, message, { errors: [{ field, message }] });
}

export const experimentRoutes = newRouter();

experimentRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/experiments',
    summary: 'Give travellers one of several versions, by lot',
    tags: ['Operators'],
    ...access('admin'),
    request: { body: body(wanted) },
    responses: { 201: json(experiment, 'It runs'), ...problemResponses(400, 401, 403, 409, 422) },
  }),
  async (c) => {
    const { name, ...config } = c.req.valid('json');
    const fault = configFault(config);
    if (fault) throw invalidField(fault.field, 'invalid_variants', fault.message);
    const id = uuidv7();
    const place = placeOf(config.variants[0]!.model);
    const { database, now, settings } = c.var;
    const stored = storedExperiment.parse({ ...config, kind: 'ab', salt: id, place });
    const started = { environment: settings.environment, now: new Date(now) };
    await startExperiment(database, { id, name, experiment: stored }, started).catch((error: unknown) => {
      throw asProblem(error);
    });
    c.header('Location', `/api/v1/admin/experiments/${id}`);
    return c.json(experimentBody(await experimentOf(c, id)), 201);
  },
);

experimentRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/experiments',
    summary: 'The experiments, canaries among them',
    tags: ['Operators'],
    ...access('admin'),
    request: { query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(50) }) },
    responses: {
      200: json(z.object({ experiments: z.array(experiment) }), 'Newest first'),
      ...problemResponses(400, 401, 403),
    },
  }),
  async (c) => {
    const found = await listExperiments(c.var.database, c.req.valid('query').limit);
    return c.json({ experiments: found.map(experimentBody) }, 200);
  },
);

experimentRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/experiments/{id}',
    summary: 'How an experiment stands, with the data of its plot',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 200: json(report, 'May be looked at every day'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const { database, now } = c.var;
    const record = await experimentOf(c, c.req.valid('param').id);
    // What ended is told as it stood then.
    const at = record.endedAt?.getTime() ?? now;
    const [{ variants, series, guardrails, decision }, exposures] = await Promise.all([
      experimentAnalysis(database, record, at),
      exposuresByDay(database, record.id),
    ]);
    return c.json(
      {
        ...experimentBody(record),
        variants: variants.map(({ latencyP95Ms, ...variant }) => ({ ...variant, latency_p95_ms: latencyP95Ms })),
        series,
        exposures,
        guardrail_states: guardrails,
        decision,
      },
      200,
    );
  },
);

experimentRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/experiments/{id}/stop',
    summary: 'End an experiment: everybody is served by production again',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: idParam,
      body: {
        required: false,
        content: {
          'application/json': { schema: z.strictObject({ reason: z.string().trim().min(1).max(500).optional() }) },
        },
      },
    },
    responses: { 200: json(experiment, 'It has ended'), ...problemResponses(400, 401, 403, 404, 409) },
  }),
  async (c) => {
    const { database, now, userId } = c.var;
    const record = await experimentOf(c, c.req.valid('param').id);
    if (record.config.kind === 'canary') {
      throw new Problem(
        409,
        'is_a_canary',
        'a canary ends when its version goes back to shadow, is promoted or retired',
      );
    }
    const ended = { by: `admin:${userId}`, reason: c.req.valid('json')?.reason ?? 'stopped by an operator' };
    if (!(await endExperiment(database, record.id, 'stopped', ended, new Date(now)))) {
      throw new Problem(409, 'experiment_ended', 'it does not run any more');
    }
    return c.json(experimentBody(await experimentOf(c, record.id)), 200);
  },
);
