/** What a request works with: settings, database, vector index, clock and log. Nothing of it outlives the request. */
import { createMiddleware } from 'hono/factory';
import { openDatabase } from '../../platform/database/client.ts';
import { readSettings } from '../../platform/settings.ts';
import { openVectorIndex } from '../../platform/vectors/open-vector-index.ts';
import type { AppEnv } from '../app-env.ts';

export const services = createMiddleware<AppEnv>(async (c, next) => {
  const settings = readSettings(c.env);
  const database = openDatabase(settings.databaseUrl);
  const requestId = c.get('requestId');
  c.set('settings', settings);
  c.set('database', database);
  c.set('vectors', openVectorIndex(settings, database));
  c.set('now', Date.now());
  c.set('log', (event, fields = {}) => console.log(JSON.stringify({ event, request_id: requestId, ...fields })));
  await next();
});
