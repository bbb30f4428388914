/** Brings a database up to `migrations/`. For Node: it reads the folder. */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { migrate } from 'drizzle-orm/neon-serverless/migrator';
import { withConnection } from './client.ts';

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Applies what is missing, all of it in one transaction (over HTTP there would be none). Applying nothing is fine. */
export async function applyMigrations(url: string): Promise<void> {
  await withConnection(url, (client) => migrate(drizzle(client), { migrationsFolder }));
}
