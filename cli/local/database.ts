/** The embedded Postgres of a state folder, migrated, and announced to the commands that run beside it. */
import { DrizzleQueryError } from 'drizzle-orm';
import { applyMigrations } from '../../platform/database/migrate.ts';
import { CommandError } from '../command-error.ts';
import { DataDirLocked } from '../embedded/data-dir-lock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/server.ts';
import { announceDatabase } from './announced-database.ts';
import type { StateFolder } from './state-folder.ts';

/** @throws CommandError when another process has the folder, or the migrations do not fit what is in it. */
export async function openLocalDatabase(state: StateFolder, port: number): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({
    port,
    dataDir: state.postgres,
    onLockLost() {
      console.error(`Another process took over ${state.postgres}. Stopping without writing to it.`);
      process.exit(1);
    },
  }).catch((error: unknown) => {
    throw error instanceof DataDirLocked ? new CommandError(error.message) : error;
  });
  let takeBack: () => Promise<void>;
  try {
    await applyMigrations(database.url);
    takeBack = await announceDatabase(state, database.url);
  } catch (error) {
    await database.close();
    const reason = error instanceof DrizzleQueryError ? error.cause?.message : undefined;
    throw reason ? new CommandError(`${state.postgres} could not be migrated: ${reason}.`) : error;
  }
  return {
    url: database.url,
    async close() {
      await takeBack();
      await database.close();
    },
  };
}
