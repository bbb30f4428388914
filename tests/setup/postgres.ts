/** One embedded Postgres in memory for the whole test run, migrated. Tests in Node and in workerd share it. */
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { freePort } from '../stand-ins/free-port.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres({ port: await freePort() });
  await applyMigrations(postgres.url);
  project.provide('databaseUrl', postgres.url);
  return () => postgres.close();
}
