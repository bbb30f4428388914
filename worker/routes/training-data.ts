/** For operators in development: shadow travellers to train on. */
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { failRun, queueRun } from '../../platform/database/job-runs.ts';
import { sendJobs } from '../../platform/queue/jobs.ts';
import { SEED_TRAINING_DATA, seedTrainingDataJob } from '../../queues/seed-training-data.ts';
import { DEFAULT_SEED, DEFAULT_USERS, MOST_USERS } from '../../simulation/shadow/settings.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';

const INT32 = 2 ** 31;

const wanted = z
  .strictObject({
    seed: z
      .int()
      .min(-INT32)
      .max(INT32 - 1)
      .default(DEFAULT_SEED)
      .openapi({ description: 'The same seed gives the same rows' }),
    users: z.int().min(1).max(MOST_USERS).default(DEFAULT_USERS).openapi({ description: 'Shadow travellers' }),
    replace: z
      .boolean()
      .default(false)
      .openapi({ description: 'Take out a population with other settings first; without it, the run fails' }),
  })
  .openapi('SeedTrainingData');

const queued = z.object({ id: z.uuid() }).openapi('TrainingDataQueued');

export const trainingDataRoutes = newRouter().openapi(
  createRoute({
    method: 'post',
    path: '/admin/seed-training-data',
    summary: 'Fill the database with shadow travellers; not in production',
    tags: ['Operators'],
    ...access('admin'),
    request: { body: { content: { 'application/json': { schema: wanted } }, required: false } },
    responses: {
      202: json(queued, 'In the queue; `GET /admin/jobs/{id}` tells how it goes'),
      ...problemResponses(400, 401, 403),
    },
  }),
  async (c) => {
    const { database, settings, now } = c.var;
    if (settings.environment === 'production') {
      throw new Problem(403, 'synthetic_data_refused', 'synthetic travellers have no place in production');
    }
    const request = wanted.parse(c.req.valid('json') ?? {});
    const id = uuidv7();
    await queueRun(database, { id, name: SEED_TRAINING_DATA, trigger: 'admin' }, new Date(now));
    try {
      await sendJobs(c.env.JOBS, [seedTrainingDataJob(id, request)]);
    } catch (error) {
      await failRun(database, id, String(error), new Date(now));
      throw error;
    }
    c.header('Location', `/api/v1/admin/jobs/${id}`);
    return c.json({ id }, 202);
  },
);
