import { Command } from 'commander';
import { CommandError } from '../command-error.ts';

export const reindexCommand = new Command('reindex')
  .description(
    'write the vectors of DATABASE_URL into the index: all of them where QDRANT_URL names one, and item vectors',
  )
  .option('--models <folder>', 'folder of model versions, <name>/<version>/ (default: those of the checkout)')
  .action(async ({ models }: { models?: string }) => {
    const { DATABASE_URL: databaseUrl, QDRANT_URL: qdrantUrl } = process.env;
    if (!databaseUrl) throw new CommandError('Set DATABASE_URL, and QDRANT_URL where Qdrant serves.');
    const { openDatabase } = await import('../../platform/database/client.ts');
    const { fillItemVectors, fillVectorIndex } = await import('../local/seed-progress.ts');
    const database = openDatabase(databaseUrl);
    await fillVectorIndex(database, qdrantUrl);
    const indexed = await fillItemVectors(database, qdrantUrl, models === undefined ? {} : { folder: models });
    for (const { version, written, reason } of indexed) {
      console.log(`two-tower@${version}: ${reason ?? `${written} venues written`}.`);
    }
    if (indexed.length === 0) console.log('No two-tower version is in shadow, canary or production.');
  });
