/** Pivots and live messages with the schemas of what they hold. */
import { z } from '@hono/zod-openapi';
import {
  MOOD_RULE,
  moodMatchesTrigger,
  PIVOT_OUTCOMES,
  pivotFields,
  pivotSchema,
  serverMessageSchema,
} from '../../core/live/messages.ts';
import { slotVenue, uuid } from './shared.ts';
import { slot, tripBody } from './trip.ts';

export const pivotAsk = z.strictObject(pivotFields).refine(moodMatchesTrigger, MOOD_RULE).openapi('PivotRequest');

export const pivotBody = pivotSchema(slotVenue).openapi('Pivot');

export const pivotReply = z
  .strictObject({ response: z.enum(['accept', 'dismiss']), option_id: uuid.optional() })
  .refine(({ response, option_id }) => (response === 'accept') === (option_id !== undefined), {
    path: ['option_id'],
    message: 'goes with `accept`, and with nothing else',
  })
  .openapi('PivotReply');

export const pivotOutcome = z
  .object({
    event_id: z.uuid(),
    response: z.enum(PIVOT_OUTCOMES),
    option_id: z.uuid().nullable(),
    seq: z.int(),
    trip: tripBody,
  })
  .openapi('PivotOutcome', { description: 'What the pivot came to: what its first answer made it' });

export const serverMessage = serverMessageSchema({ trip: tripBody, slot, slotVenue });
