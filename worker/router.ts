/** A router whose requests are checked by their schemas before a handler sees them. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './app-env.ts';
import { refuseInvalid } from './problem.ts';

export function newRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });
}

/** A response with a JSON body. */
export function json<Schema>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON request body, which must be there. */
export function body<Schema>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}
