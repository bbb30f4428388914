import { getRouterName } from 'hono/dev';
import { expect, it } from 'vitest';
import { app } from '../../../worker/app.ts';

it('no path takes the fast router away from all the others', async () => {
  // The router is chosen at the first request.
  await app.request('/');
  expect(getRouterName(app)).toBe('SmartRouter + RegExpRouter');
});
