/** What a model measured, as bodies show it. */
import { z } from '@hono/zod-openapi';

export const metrics = z
  .record(
    z.string(),
    z.object({ value: z.number(), interval: z.object({ lower: z.number(), upper: z.number() }).nullable() }),
  )
  .openapi('Metrics', { description: 'Of the test; intervals of 95%' });
