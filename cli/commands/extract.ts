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
  const { extractOnThread } = await import('../local/extract-thread.ts');
  const progress = process.stderr.isTTY;
  let signals = 0;
  const counts = await extractOnThread({ url, folder }, (step) => {
    signals += step.signals;
    if (progress) process.stderr.write(`\r${signals} signals`);
  }).catch((error: NodeJS.ErrnoException) => {
    if (progress) process.stderr.write('\n');
    if (error.name === 'ManifestOvertaken') throw new CommandError(`${folder}: ${error.message}. Run it again.`);
    if (error.code === 'ENOSPC') {
      throw new CommandError(`${folder}: the disk is full. What was there before is whole; run it again with room.`);
    }
    throw error;
  });
  if (progress) process.stderr.write('\r');
  console.log(
    counts.files === 0
      ? `Nothing new: ${folder} is up to date.`
      : `${counts.signals} signals and ${counts.candidate_sets} candidate sets in ${counts.files} new files: ${folder}.`,
  );
}
