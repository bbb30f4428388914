/** What a request works with: settings, database, vector index, clock and log. Nothing of it outlives the request. */
import { createMiddleware } from 'hono/factory';
import { type Database, openDatabase } from '../../platform/database/client.ts';
import { readSettings, type Settings } from '../../platform/settings.ts';
import { openVectorIndex } from '../../platform/vectors/open-vector-index.ts';
import type { AppEnv } from '../app-env.ts';

/** By the settings that name it. It holds no connection, which would belong to one request, and is dear to make. */
const opened = new WeakMap<Settings, Database>();

function databaseOf(settings: Settings): Database {
  const database = opened.get(settings) ?? openDatabase(settings.databaseUrl);
  opened.set(settings, database);
  return database;
}

export const services = createMiddleware<AppEnv>(async (c, next) => {
  const settings = readSettings(c.env);
  const database = databaseOf(settings);
  const requestId = c.get('requestId');
  c.set('settings', settings);
  c.set('database', database);
  c.set('vectors', openVectorIndex(settings, database));
  c.set('now', Date.now());
  c.set('log', (event, fields = {}) => console.log(JSON.stringify({ event, request_id: requestId, ...fields })));
  await next();
});
