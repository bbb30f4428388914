/** The database that a command works on. */
import { announcedDatabase } from './announced-database.ts';
import { DEFAULT_PORT, freePortFrom } from './port.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * Runs with the URL of a database: that of `DATABASE_URL`; without it, the embedded one of the state folder, be it open
 * already (`npm start`) or opened for this.
 * @throws CommandError when another process has the folder and does not say where its database is
 */
export async function withDatabase<T>(state: StateFolder, work: (url: string) => Promise<T>): Promise<T> {
  const url = process.env.DATABASE_URL || (await announcedDatabase(state));
  if (url) return work(url);
  const { openLocalDatabase } = await import('./database.ts');
  const database = await openLocalDatabase(state, await freePortFrom(DEFAULT_PORT + 1));
  try {
    return await work(database.url);
  } finally {
    await database.close();
  }
}

/**
 * What may be trained on: `ENVIRONMENT` says where this is. Without it, a database on this machine is for development, and
 * one elsewhere is not.
 */
export function environmentOf(databaseUrl: string): string {
  const { ENVIRONMENT } = process.env;
  if (ENVIRONMENT) return ENVIRONMENT;
  const { hostname } = new URL(databaseUrl);
  return hostname === '127.0.0.1' || hostname === 'localhost' ? 'development' : 'production';
}
