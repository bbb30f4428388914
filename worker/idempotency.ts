/** `Idempotency-Key`: a retry gets the answer of the first request, and does nothing (invariant 10). */
import { z } from '@hono/zod-openapi';
import { findIdempotent } from '../platform/database/trips.ts';
import type { AppContext } from './app-env.ts';
import { invalidField } from './problem.ts';

/** For the `headers` of a route. `promise`: what a retry is spared. */
export function idempotencyHeaders(promise: string) {
  const key = z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: `A retry with the same key is answered with the first answer, and ${promise}` });
  return z.object({ 'idempotency-key': key });
}

/** Of a request as its schema read it, so that the order of fields makes no difference. SHA-256, hexadecimal. */
export async function requestHashOf(body: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(body)));
  return Buffer.from(digest).toString('hex');
}

/** Null where the key is new. Throws the problem that names the header where another request had it. */
export async function earlierAnswer<Answer>(c: AppContext, key: string, requestHash: string): Promise<Answer | null> {
  const earlier = await findIdempotent(c.var.database, c.var.userId, key);
  if (!earlier) return null;
  if (earlier.requestHash !== requestHash) {
    throw invalidField('Idempotency-Key', 'idempotency_key_reused', 'the key was used for another request');
  }
  return earlier.response as Answer;
}
