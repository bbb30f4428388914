/** Pivots: asked for when a day does not go as planned, and answered. */
import { createRoute } from '@hono/zod-openapi';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { liveAccess } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';
import { pivotAsk, pivotBody, pivotOutcome, pivotReply } from '../schemas/live.ts';
import { idParam, uuid } from '../schemas/shared.ts';
import { toTripBody } from '../trips/trip-body.ts';
import { asProblem } from '../trips/trip-problem.ts';

export const pivotRoutes = newRouter();

pivotRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/trips/{id}/pivot',
    summary: 'Ask for other options',
    tags: ['Pivots'],
    ...liveAccess(),
    request: { params: idParam, body: body(pivotAsk) },
    responses: {
      200: json(pivotBody, 'At most three options, or why there are none'),
      ...problemResponses(400, 401, 404, 409, 413, 429),
    },
  }),
  async (c) => {
    const { id, trigger, slot_id, mood, delay_minutes, early_minutes, note } = c.req.valid('json');
    const answer = await tripStub(c.env, c.req.valid('param').id).askPivot(c.var.userId, {
      id,
      trigger,
      slotId: slot_id,
      mood,
      delayMinutes: delay_minutes,
      earlyMinutes: early_minutes,
      note,
    });
    if (!answer.ok) throw asProblem(answer.problem);
    return c.json(answer.pivot, 200);
  },
);

pivotRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/trips/{id}/pivot/{event_id}',
    summary: 'Accept an option, or dismiss them all',
    tags: ['Pivots'],
    ...liveAccess(),
    request: { params: idParam.extend({ event_id: uuid }), body: body(pivotReply) },
    responses: { 200: json(pivotOutcome, 'The outcome'), ...problemResponses(400, 401, 404, 409, 413, 422) },
  }),
  async (c) => {
    const { id, event_id } = c.req.valid('param');
    const { response, option_id } = c.req.valid('json');
    const answer = await tripStub(c.env, id).answerPivot(c.var.userId, event_id, { response, optionId: option_id });
    if (!answer.ok) throw asProblem(answer.problem);
    c.set('modelVersion', answer.trip.ranking.modelVersion);
    return c.json(
      {
        event_id,
        response: answer.response,
        option_id: answer.optionId,
        seq: answer.seq,
        trip: toTripBody(answer.trip),
      },
      200,
    );
  },
);
