/** The gate's answer, as bodies show it. */
import { z } from '@hono/zod-openapi';
import type { GateCondition } from '../../core/registry/gate.ts';

export const gateCondition = z
  .object({
    name: z.string(),
    passed: z.boolean(),
    kind: z.enum(['required', 'warning']).openapi({ description: 'A warning keeps nobody back' }),
    waived: z.boolean(),
    found: z
      .unknown()
      .openapi({ description: 'Number, text, or numbers with their interval; `no_support` where the log cannot say' }),
    required: z.unknown(),
    detail: z.string(),
  })
  .openapi('GateCondition');

export function conditionBody({ waivable: _, ...condition }: GateCondition): z.infer<typeof gateCondition> {
  return condition;
}
