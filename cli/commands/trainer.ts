import { join } from 'node:path';
import { Command } from 'commander';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  watch?: true;
  data?: string;
  out?: string;
  threads: number;
  lease: number;
  state: string;
}

export const trainerCommand = new Command('trainer')
  .description('do the trainings that were asked for: those of DATABASE_URL, `npm start` or the embedded database')
  .option('--watch', 'wait for the next one when all are done')
  .option('--data <folder>', 'where the data set is kept (default: datasets in the state folder)')
  .option('--out <folder>', 'where models are written (default: models in the state folder)')
  .option('--threads <n>', 'of the runtime', wholeNumber(1, 64), 2)
  .option(
    '--lease <seconds>',
    'how long a training is kept from others without a sign of life',
    wholeNumber(1, 3600),
    120,
  )
  .addOption(stateOption())
  .action(run);

async function run({ watch, data, out, threads, lease, state }: Options): Promise<void> {
  const { firstSignal } = await import('../local/signals.ts');
  const signal = firstSignal();
  const folder = stateFolder(state);
  const { withDatabase, environmentOf } = await import('../local/use-database.ts');
  const { openDatabase } = await import('../../platform/database/client.ts');
  const { folderStore } = await import('../../platform/artifacts/folder-store.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const { runTrainer } = await import('../trainer/trainer.ts');
  const { abandoned } = await withDatabase(folder, async (url) => {
    const environment = environmentOf(url);
    console.log(`Trains for ${new URL(url).host}, ${environment}.${watch ? ' Ctrl-C stops.' : ''}`);
    return runTrainer(
      {
        database: openDatabase(url),
        environment,
        data: data ?? join(folder.path, 'datasets'),
        artifacts: folderStore(out ?? join(folder.path, 'models')),
        threads,
        codeRevision: await codeRevision(ROOT),
        watch: watch ?? false,
        leaseMs: lease * 1000,
        work: join(folder.path, 'trainer'),
        newId: () => crypto.randomUUID(),
        log: (line) => console.log(line),
      },
      signal,
    );
  });
  // The training that was not waited for would keep the process alive.
  if (abandoned) process.exit(0);
}
