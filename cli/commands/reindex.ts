import { Command } from 'commander';
import { CommandError } from '../command-error.ts';

export const reindexCommand = new Command('reindex')
  .description('write the vectors of DATABASE_URL into the Qdrant of QDRANT_URL')
  .action(async () => {
    const { DATABASE_URL: databaseUrl, QDRANT_URL: qdrantUrl } = process.env;
    if (!databaseUrl || !qdrantUrl) throw new CommandError('Set DATABASE_URL and QDRANT_URL.');
    const { openDatabase } = await import('../../platform/database/client.ts');
    const { fillVectorIndex } = await import('../local/seed-progress.ts');
    await fillVectorIndex(openDatabase(databaseUrl), qdrantUrl);
  });
