/** `X-Model-Version` on every response, errors included (invariant 6): `none` where nothing was ranked. */
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

export const modelVersionHeader = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  c.res.headers.set('X-Model-Version', c.get('modelVersion') ?? 'none');
});
