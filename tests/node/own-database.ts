/** A database of the importing test file's own: migrated, otherwise empty, and gone with the file. */
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { type Database, openDatabase } from '../../platform/database/client.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { freePort } from '../stand-ins/free-port.ts';

let postgres: EmbeddedPostgres | undefined;
export let database: Database;
export let databaseUrl: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ port: await freePort() });
  databaseUrl = postgres.url;
  await applyMigrations(databaseUrl);
  database = openDatabase(databaseUrl);
});
afterAll(() => postgres?.close());
