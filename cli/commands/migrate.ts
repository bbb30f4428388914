import { Command } from 'commander';
import { DEFAULT_PORT, freePortFrom } from '../local/port.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';

export const migrateCommand = new Command('migrate')
  .description('apply migrations/ to DATABASE_URL or the embedded database')
  .addOption(stateOption())
  .action(async ({ state }: { state: string }) => {
    const url = process.env.DATABASE_URL;
    if (url) {
      const { applyMigrations } = await import('../../platform/database/migrate.ts');
      await applyMigrations(url);
      // The HNSW index is no migration: the embedded database does without it.
      const { openDatabase } = await import('../../platform/database/client.ts');
      const { openPgvectorIndex } = await import('../../platform/vectors/pgvector.ts');
      await openPgvectorIndex(openDatabase(url), { hnsw: true }).prepare();
      const { registerBundled } = await import('../local/first-versions.ts');
      await registerBundled(
        openDatabase(url),
        process.env.ENVIRONMENT === 'development' ? 'development' : 'production',
      );
      console.log(`Migrated ${new URL(url).host}.`);
      return;
    }
    const { openLocalDatabase } = await import('../local/database.ts');
    const folder = stateFolder(state);
    const database = await openLocalDatabase(folder, await freePortFrom(DEFAULT_PORT + 1));
    try {
      const { openDatabase } = await import('../../platform/database/client.ts');
      const { registerBundled } = await import('../local/first-versions.ts');
      await registerBundled(openDatabase(database.url), 'development');
    } finally {
      await database.close();
    }
    console.log(`Migrated the embedded database in ${folder.postgres}.`);
  });
