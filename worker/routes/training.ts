/** For operators: trainings are asked for here; a trainer (`overplanned trainer`) does them. */
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { modelsReady, TRAINABLE, TRAINING_SPLITS } from '../../models/configs.ts';
import { uniqueViolation } from '../../platform/database/client.ts';
import { countTrainingData } from '../../platform/database/training-counts.ts';
import {
  findTraining,
  listTrainings,
  type NewTrainingJob,
  queueTraining,
  queueTrainingOnce,
  TRAINING_STATUSES,
  type TrainingJob,
} from '../../platform/database/training-jobs.ts';
import type { AppContext } from '../app-env.ts';
import { earlierAnswer, idempotencyHeaders, requestHashOf } from '../idempotency.ts';
import { access } from '../middleware/access.ts';
import { fieldProblems, Problem, problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';
import { metrics } from '../schemas/metrics.ts';
import { idParam } from '../schemas/shared.ts';

const NAMES = [...TRAINABLE.keys()];

const wanted = z
  .strictObject({
    model: z
      .string()
      .max(100)
      .openapi({ description: `One of: ${NAMES.join(', ')}` }),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .openapi({ description: "What it leaves out has the model's default" }),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(1)
      .openapi({ description: 'The same data, config and seed give the same model' }),
    split: z.enum(TRAINING_SPLITS).default('leave-one-out').openapi({ description: 'What is kept for the test' }),
  })
  .openapi('TrainingRequest');

const queued = z.object({ id: z.uuid() }).openapi('TrainingQueued');

const training = z
  .object({
    id: z.uuid(),
    model: z.string(),
    config: z.record(z.string(), z.unknown()),
    seed: z.int(),
    split: z.string(),
    status: z.enum(TRAINING_STATUSES),
    attempts: z.int(),
    progress: z
      .object({
        phase: z.enum(['data', 'training', 'storing']),
        epoch: z.int().optional(),
        epochs: z.int().optional(),
        loss: z.number().nullable().optional().openapi({ description: 'Mean of the epoch so far' }),
        validation: z.number().nullable().optional().openapi({ description: 'The last one; higher is better' }),
      })
      .nullable(),
    error: z.string().nullable().openapi({ description: 'Of a training that is tried again: of the last attempt' }),
    result: z
      .object({ version: z.string(), artifact_path: z.string(), metrics, lineage: z.array(z.string()) })
      .nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .openapi('Training');

function trainingBody(job: TrainingJob): z.infer<typeof training> {
  const { id, modelName, config, seed, split, status, attempts, progress, error, result } = job;
  return {
    id,
    model: modelName,
    config,
    seed,
    split,
    status,
    attempts,
    progress,
    error,
    result: result && { ...result, lineage: [...result.lineage] },
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

const listPosition = z.object({ created_at: z.iso.datetime(), id: z.uuid() });

/** With its config as it was asked for, once it is known to be one of the model's. */
function jobOf({ model, config, seed, split }: z.output<typeof wanted>): NewTrainingJob {
  const known = TRAINABLE.get(model);
  if (!known) {
    const errors = [{ field: 'model', message: 'unknown', known: NAMES }];
    throw new Problem(400, 'unknown_model', `there is no model "${model}"`, { errors });
  }
  const parsed = known.config.safeParse(config);
  if (!parsed.success) {
    const errors = fieldProblems(parsed.error, '').map(({ field, ...rest }) => ({
      field: field === '' ? 'config' : `config.${field}`,
      ...rest,
    }));
    const fields = errors.map(({ field }) => field).join(', ');
    throw new Problem(400, 'invalid_request', `not a config of ${model}: ${fields}`, { errors });
  }
  return { id: uuidv7(), modelName: model, config, seed, split };
}

interface Queued {
  id: string;
}

async function queue(c: AppContext, job: NewTrainingJob, key: string | undefined) {
  const { database, userId, now } = c.var;
  const response: Queued = { id: job.id };
  if (key === undefined) {
    await queueTraining(database, job, new Date(now));
    return { response, replayed: false };
  }
  const { id: _, config, ...asked } = job;
  const inOrder = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  const requestHash = await requestHashOf({ ...asked, config: inOrder });
  const earlier = await earlierAnswer<Queued>(c, key, requestHash);
  if (earlier) return { response: earlier, replayed: true };
  try {
    await queueTrainingOnce(database, job, { userId, key, requestHash, response }, new Date(now));
    return { response, replayed: false };
  } catch (error) {
    // A retry that overtook this request has stored its answer: that one counts.
    const winner =
      uniqueViolation(error)?.table === 'idempotency_keys' ? await earlierAnswer<Queued>(c, key, requestHash) : null;
    if (!winner) throw error;
    return { response: winner, replayed: true };
  }
}

export const trainingRoutes = newRouter();

trainingRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/train',
    summary: 'Ask for a model to be trained',
    tags: ['Operators'],
    ...access('admin'),
    request: { body: body(wanted), headers: idempotencyHeaders('queues nothing') },
    responses: { 202: json(queued, 'For the next trainer'), ...problemResponses(400, 401, 403, 422) },
  }),
  async (c) => {
    const { response, replayed } = await queue(c, jobOf(c.req.valid('json')), c.req.valid('header')['idempotency-key']);
    if (replayed) c.header('Idempotent-Replayed', 'true');
    c.header('Location', `/api/v1/admin/train/${response.id}`);
    return c.json(response, 202);
  },
);

trainingRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/train',
    summary: 'The trainings',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({
        status: z.enum(TRAINING_STATUSES).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        cursor: cursorParam,
      }),
    },
    responses: {
      200: json(z.object({ trainings: z.array(training), next_cursor: z.string().nullable() }), 'Newest first'),
      ...problemResponses(400, 401, 403, 422),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(cursor, listPosition);
    const found = await listTrainings(c.var.database, {
      status,
      limit: limit + 1,
      after: after && { createdAt: after.created_at, id: after.id },
    });
    const page = found.slice(0, limit).map(trainingBody);
    const last = page.at(-1);
    return c.json(
      {
        trainings: page,
        next_cursor: found.length > limit && last ? encodeCursor({ created_at: last.created_at, id: last.id }) : null,
      },
      200,
    );
  },
);

trainingRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/train/{id}',
    summary: 'How a training goes',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 200: json(training, 'The training'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const job = await findTraining(c.var.database, c.req.valid('param').id);
    if (!job) throw new Problem(404, 'training_not_found', 'there is no such training');
    return c.json(trainingBody(job), 200);
  },
);

const readiness = z
  .object({
    environment: z.enum(['development', 'test', 'production']),
    counted: z.enum(['warm_users', 'all_rows']).openapi({
      description:
        '`warm_users`: what travellers did in the app once they were warm, all that may be trained on outside development; ' +
        '`all_rows`: those of cold and of simulated travellers, too',
    }),
    models: z.array(
      z.object({
        model: z.string(),
        unit: z.string().openapi({ description: 'What the minimum counts' }),
        needed: z.int(),
        found: z.int(),
        found_warm_users: z.int().openapi({ description: 'Of them, of `warm_users`' }),
        missing: z.int(),
        ready: z.boolean(),
      }),
    ),
  })
  .openapi('Readiness');

trainingRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/readiness',
    summary: 'Which models there is enough data for',
    tags: ['Operators'],
    ...access('admin'),
    responses: { 200: json(readiness, 'Of each model'), ...problemResponses(401, 403) },
  }),
  async (c) => {
    const { environment } = c.var.settings;
    const { counted, models } = modelsReady(await countTrainingData(c.var.database), environment);
    return c.json(
      {
        environment,
        counted,
        models: models.map(({ foundWarmUsers, ...model }) => ({ ...model, found_warm_users: foundWarmUsers })),
      },
      200,
    );
  },
);
