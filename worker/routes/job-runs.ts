/** For operators: scheduled jobs, now. */
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { failRun, findRun, queueRun } from '../../platform/database/job-runs.ts';
import { SCHEDULED_JOBS, sendJobs } from '../../platform/queue/jobs.ts';
import { scheduledJob } from '../../queues/scheduled-jobs.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { idParam } from '../schemas/shared.ts';

const started = z.object({ id: z.uuid() }).openapi('JobStarted');

const run = z
  .object({
    id: z.uuid(),
    name: z.string(),
    trigger: z.enum(['cron', 'admin']),
    status: z.enum(['queued', 'running', 'done', 'failed']),
    progress: z.record(z.string(), z.number()),
    error: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .openapi('JobRun');

export const jobRoutes = newRouter();

jobRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/jobs/{name}',
    summary: 'Run a scheduled job now',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: z.strictObject({
        name: z
          .string()
          .max(100)
          .openapi({ description: `One of: ${SCHEDULED_JOBS.join(', ')}` }),
      }),
    },
    responses: { 202: json(started, 'In the queue'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const { database, now } = c.var;
    const wanted = c.req.valid('param').name;
    const name = SCHEDULED_JOBS.find((known) => known === wanted);
    if (!name) {
      throw new Problem(404, 'unknown_job', `there is no job "${wanted}"`, {
        errors: [{ field: 'name', message: 'unknown', known: SCHEDULED_JOBS }],
      });
    }
    const id = uuidv7();
    await queueRun(database, { id, name, trigger: 'admin' }, new Date(now));
    try {
      await sendJobs(c.env.JOBS, [scheduledJob(name, id, 'admin')]);
    } catch (error) {
      await failRun(database, id, String(error), new Date(now));
      throw error;
    }
    c.header('Location', `/api/v1/admin/jobs/${id}`);
    return c.json({ id }, 202);
  },
);

jobRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/jobs/{id}',
    summary: 'How a run of a job goes',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 200: json(run, 'The run'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const found = await findRun(c.var.database, c.req.valid('param').id);
    if (!found) throw new Problem(404, 'job_run_not_found', 'there is no such run');
    const { id, name, trigger, status, progress, error, createdAt, startedAt, finishedAt } = found;
    return c.json(
      {
        id,
        name,
        trigger,
        status,
        progress,
        error,
        created_at: createdAt.toISOString(),
        started_at: startedAt?.toISOString() ?? null,
        finished_at: finishedAt?.toISOString() ?? null,
      },
      200,
    );
  },
);
