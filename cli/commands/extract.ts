import { join } from 'node:path';
import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';

export const extractCommand = new Command('extract')
  .description('bring the data set in a folder up to what DATABASE_URL or the embedded database has logged')
  .option('--out <folder>', 'where the data set is kept (default: datasets in the state folder)')
  .addOption(stateOption())
  .action(async ({ out, state }: { out?: string; state: string }) => {
    const folder = stateFolder(state);
    const { withDatabase } = await import('../local/use-database.ts');
    await withDatabase(folder, (url) => extractInto(url, out ?? join(folder.path, 'datasets')));
  });

async function extractInto(url: string, folder: string): Promise<void> {
  const { openDatabase } = await import('../../platform/database/client.ts');
  const { Extraction, extractAll } = await import('../../platform/artifacts/dataset/extract.ts');
  const { ManifestOvertaken } = await import('../../platform/artifacts/dataset/manifest.ts');
  const { folderStore } = await import('../../platform/artifacts/folder-store.ts');
  const progress = process.stderr.isTTY;
  let signals = 0;
  const counts = await extractAll(new Extraction(openDatabase(url), folderStore(folder)), (step) => {
    signals += step.signals;
    if (progress) process.stderr.write(`\r${signals} signals`);
  }).catch((error: unknown) => {
    if (progress) process.stderr.write('\n');
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof ManifestOvertaken) throw new CommandError(`${folder}: ${message}. Run it again.`);
    if (code === 'ENOSPC')
      throw new CommandError(`${folder}: the disk is full; the data set is as it was. Run it again.`);
    throw error;
  });
  if (progress) process.stderr.write('\r');
  console.log(
    counts.files === 0
      ? `Nothing new: ${folder} is up to date.`
      : `${counts.signals} signals and ${counts.candidate_sets} candidate sets in ${counts.files} new files: ${folder}.`,
  );
}
