/** One embedded Postgres in memory for the whole test run, migrated and seeded. Tests in Node and in workerd share it. */
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { openDatabase } from '../../platform/database/client.ts';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { seedMissingCities } from '../../platform/database/seed-cities.ts';
import { freePort } from '../stand-ins/free-port.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres({ port: await freePort() });
  await applyMigrations(postgres.url);
  await seedMissingCities(openDatabase(postgres.url), { now: new Date() });
  project.provide('databaseUrl', postgres.url);
  return () => postgres.close();
}
