/** For operators: messages that could not be handled. */
import { createRoute, z } from '@hono/zod-openapi';
import { findDeadLetter, listDeadLetters, markReplayed } from '../../platform/database/dead-letters.ts';
import { QUEUE_OF_DEAD_LETTERS } from '../../platform/queue/dead-letters.ts';
import { sendAll } from '../../platform/queue/delivery.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';
import { idParam } from '../schemas/shared.ts';

const QUEUES = Object.values(QUEUE_OF_DEAD_LETTERS);

const summary = z
  .object({
    id: z.uuid(),
    queue: z.string(),
    reason: z.string().openapi({ description: 'A code; `retries_exhausted` where the queue itself gave up' }),
    detail: z.string().nullable(),
    attempts: z.int(),
    failed_at: z.string(),
    replayed_at: z.string().nullable(),
  })
  .openapi('DeadLetterSummary');
const whole = summary.extend({ body: z.unknown() }).openapi('DeadLetter');

const position = z.object({ failed_at: z.iso.datetime(), id: z.uuid() });

type Listed = Awaited<ReturnType<typeof listDeadLetters>>[number];

function summaryOf({ failedAt, replayedAt, id, queue, reason, detail, attempts }: Listed): z.infer<typeof summary> {
  return {
    id,
    queue,
    reason,
    detail,
    attempts,
    failed_at: failedAt.toISOString(),
    replayed_at: replayedAt?.toISOString() ?? null,
  };
}

const notFound = () => new Problem(404, 'dead_letter_not_found', 'there is no such dead letter');

export const deadLetterRoutes = newRouter();

deadLetterRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/dead-letters',
    summary: 'Messages that could not be handled',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({
        queue: z.enum(QUEUES as [string, ...string[]]).optional(),
        open: z.enum(['true', 'false']).optional().openapi({ description: '`true`: only those not sent again yet' }),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        cursor: cursorParam,
      }),
    },
    responses: {
      200: json(z.object({ dead_letters: z.array(summary), next_cursor: z.string().nullable() }), 'Newest first'),
      ...problemResponses(400, 401, 403, 422),
    },
  }),
  async (c) => {
    const { queue, open, limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(cursor, position);
    const found = await listDeadLetters(c.var.database, {
      queue,
      open: open === 'true',
      limit: limit + 1,
      after: after && { failedAt: after.failed_at, id: after.id },
    });
    const page = found.slice(0, limit).map(summaryOf);
    const last = page.at(-1);
    return c.json(
      {
        dead_letters: page,
        next_cursor: found.length > limit && last ? encodeCursor({ failed_at: last.failed_at, id: last.id }) : null,
      },
      200,
    );
  },
);

deadLetterRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/dead-letters/{id}',
    summary: 'A message that could not be handled',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 200: json(whole, 'With its body'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const letter = await findDeadLetter(c.var.database, c.req.valid('param').id);
    if (!letter) throw notFound();
    return c.json({ ...summaryOf(letter), body: JSON.parse(letter.body) }, 200);
  },
);

deadLetterRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/dead-letters/{id}/replay',
    summary: 'Send a message again',
    description: 'Once: a second replay sends nothing. A message that fails again becomes another dead letter.',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: idParam },
    responses: { 202: json(summary, 'In its queue again'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const { database, now } = c.var;
    const letter = await findDeadLetter(database, c.req.valid('param').id);
    if (!letter) throw notFound();
    if (letter.replayedAt) return c.json(summaryOf(letter), 202);
    // Sent before it is marked: in between it may be sent twice, which changes nothing, but never not at all.
    await sendAll(letter.queue === 'jobs' ? c.env.JOBS : c.env.SIGNALS, [JSON.parse(letter.body)]);
    const replayedAt = new Date(now);
    await markReplayed(database, letter.id, replayedAt);
    return c.json(summaryOf({ ...letter, replayedAt }), 202);
  },
);
