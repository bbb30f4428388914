/** Signals: taken into the queue, nothing more; Postgres is not on this path. */
import { createRoute, z } from '@hono/zod-openapi';
import { clientSignal, readClientSignal } from '../../core/signal/client-signal.ts';
import { clientSignalMessage, type SignalMessage } from '../../core/signal/signal-message.ts';
import { sendAll } from '../../platform/queue/delivery.ts';
import { liveAccess } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';

const MOST_SIGNALS = 100;

/** 100 signals of which each brings all the context that it may. */
export const MOST_SIGNALS_BYTES = 512 * 1024;

export const signalRoutes = newRouter();

signalRoutes.openAPIRegistry.register('ClientSignal', clientSignal);

const rejectedSignal = z
  .object({ index: z.int(), code: z.string(), field: z.string() })
  .openapi('RejectedSignal', { description: 'Which of the `signals`, and the first thing that is wrong with it' });

const signalsBody = z
  .strictObject({
    // Each is read by itself: a bad one does not hold up the others.
    signals: z
      .array(z.unknown())
      .min(1)
      .max(MOST_SIGNALS)
      .openapi({ type: 'array', items: { $ref: '#/components/schemas/ClientSignal' } }),
  })
  .openapi('Signals');

const taken = z.object({ accepted: z.int(), rejected: z.array(rejectedSignal) }).openapi('SignalsTaken');

signalRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/signals',
    summary: 'Report what the traveller did',
    description:
      "Answers once the good ones are in the queue. A signal whose id was sent before changes nothing. One about a trip that is not the traveller's is accepted here and goes no further.",
    tags: ['Signals'],
    ...liveAccess(),
    request: { body: body(signalsBody) },
    responses: {
      202: json(taken, 'The good ones are in the queue'),
      ...problemResponses(400, 401, 413, 422, 503),
    },
  }),
  async (c) => {
    const { signals } = c.req.valid('json');
    const { userId, now, log } = c.var;
    const messages: SignalMessage[] = [];
    const rejected: z.infer<typeof rejectedSignal>[] = [];
    const seen = new Set<string>();
    for (const [index, value] of signals.entries()) {
      const read = readClientSignal(value, now);
      if (!read.ok) {
        rejected.push({ index, code: read.code, field: read.field });
      } else if (seen.has(read.signal.id)) {
        rejected.push({ index, code: 'duplicate_id', field: 'id' });
      } else {
        seen.add(read.signal.id);
        messages.push(clientSignalMessage(read.signal, userId));
      }
    }
    if (messages.length === 0) {
      throw new Problem(422, 'no_valid_signal', 'none of the signals can be taken', {
        errors: rejected.map(({ index, code, field }) => ({ field: `signals.${index}.${field}`, message: code })),
        extra: { rejected },
      });
    }
    try {
      await sendAll(c.env.SIGNALS, messages);
    } catch (error) {
      log('signal_queue_failed', { signals: messages.length, error: String(error) });
      throw new Problem(
        503,
        'queue_unavailable',
        'the signals could not be queued: send them again, with the same ids',
      );
    }
    return c.json({ accepted: messages.length, rejected }, 202);
  },
);
