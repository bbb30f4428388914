/** Positions in lists, opaque to clients. */
import { z } from '@hono/zod-openapi';
import { invalidField } from '../problem.ts';

export const cursorParam = z
  .string()
  .min(1)
  .max(512)
  .optional()
  .openapi({ description: '`next_cursor` of the page before' });

/** Base64url of the position as JSON in UTF-8. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** What `encodeCursor` made of a position of this shape. Throws the problem that names `cursor` where it is no such text. */
export function decodeCursor<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw invalidField('cursor', 'invalid_cursor', 'not a cursor of this list');
  }
}
