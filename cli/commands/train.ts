import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Artifact } from '../../training/artifact/artifact.ts';
import { CommandError } from '../command-error.ts';
import { ROOT, type StateFolder, stateFolder, stateOption } from '../local/state-folder.ts';
import { trainingFault } from '../training-fault.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  data?: string[];
  config?: string;
  out?: string;
  seed: number;
  threads: number;
  split: 'leave-one-out' | 'time' | 'user' | 'archetype';
  archetype?: string;
  search: number;
  fresh?: boolean;
  register?: true;
  state: string;
}

export const trainCommand = new Command('train')
  .description('train a model on a data set: ONNX file, metrics and card')
  .argument('<model>', 'bpr, sasrec, u-sasrec, ...')
  .option('--data <path...>', 'CSV, RecBole .inter or "user item" files, or the folder of `overplanned extract`')
  .option('--config <file>', "JSON; what it leaves out has the model's default")
  .option('--out <folder>', 'where the model is written (default: models in the state folder)')
  .option('--seed <n>', 'the same seed and threads give the same bits', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--threads <n>', 'of the runtime', wholeNumber(1, 64), 2)
  .addOption(
    new Option('--split <how>', 'what is kept for the test')
      .choices(['leave-one-out', 'time', 'user', 'archetype'])
      .default('leave-one-out'),
  )
  .option('--archetype <id>', 'the one that `--split archetype` leaves out')
  .option('--search <n>', 'try so many configs, choose in validation', wholeNumber(1, 10_000), 1)
  .option('--fresh', 'do not go on from the checkpoint of a run that was killed')
  .option('--register', 'note the version in the registry of DATABASE_URL or the embedded database')
  .addOption(stateOption())
  .action(run);

async function run(name: string, options: Options): Promise<void> {
  const { MODELS } = await import('../../models/index.ts');
  const { MEASURED } = await import('../../models/measured.ts');
  if (!MODELS.has(name) && !MEASURED.has(name)) {
    throw new CommandError(`There is no model "${name}": ${[...MODELS.keys(), ...MEASURED.keys()].sort().join(', ')}.`);
  }
  const { shownProgress } = await import('../training-progress.ts');
  const folder = stateFolder(options.state);
  const progress = shownProgress();
  try {
    const { artifact, folder: written } = await trained(name, folder, options, progress);
    progress.clear();
    for (const [metric, { value, interval }] of Object.entries(artifact.metrics)) {
      const range = interval ? ` (${interval.lower.toFixed(4)} to ${interval.upper.toFixed(4)})` : '';
      console.log(`${metric.padEnd(8)} ${value.toFixed(4)}${range}`);
    }
    console.log(`${name}@${artifact.version}: ${written}`);
    if (options.register) await register(folder, artifact);
  } catch (error) {
    progress.clear();
    throw expected(error) ?? error;
  }
}

type ShownProgress = ReturnType<typeof import('../training-progress.ts').shownProgress>;

async function trained(name: string, folder: StateFolder, options: Options, progress: ShownProgress) {
  const { MODELS } = await import('../../models/index.ts');
  const { MEASURED } = await import('../../models/measured.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const { data, seed, threads, split, archetype, search } = options;
  const environment = process.env.ENVIRONMENT ?? 'development';
  const common = {
    config: options.config ? await readConfig(options.config) : {},
    seed,
    threads,
    out: options.out ?? join(folder.path, 'models'),
    codeRevision: await codeRevision(ROOT),
    onProgress: progress.show,
  };
  const measured = MEASURED.get(name);
  if (measured) {
    const { trainMeasuredModel } = await import('../../training/measured-model.ts');
    return trainMeasuredModel({ ...common, definition: measured, folder: data?.[0] ?? null, environment });
  }
  if (!data) throw new CommandError('Say which data with --data.');
  const { readDataset } = await import('../../training/data/read-dataset.ts');
  const { trainModel } = await import('../../training/train-model.ts');
  const checkpoints = join(folder.path, 'checkpoints');
  if (!options.fresh) await mkdir(checkpoints, { recursive: true });
  return trainModel({
    ...common,
    definition: MODELS.get(name)!,
    dataset: await readDataset(data, { environment }),
    split,
    archetype,
    search,
    checkpoints: options.fresh ? null : checkpoints,
    onTrial: ({ config: tried, validation }, number) => {
      progress.clear();
      console.log(`trial ${number}: ${validation.toFixed(4)} ${JSON.stringify(tried)}`);
    },
  });
}

async function readConfig(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CommandError(`${path}: cannot be read.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
}

async function register(folder: StateFolder, artifact: Artifact): Promise<void> {
  const { withDatabase } = await import('../local/use-database.ts');
  const { openDatabase } = await import('../../platform/database/client.ts');
  const { registerModel } = await import('../../platform/database/model-registry.ts');
  const { registryRow } = await import('../trainer/registry-row.ts');
  const row = registryRow(artifact, new Date());
  const added = await withDatabase(folder, (url) => registerModel(openDatabase(url), row));
  console.log(added ? `Registered with ${row.lineage.join(', ')}.` : 'It was registered before.');
}

/** What the operator can do something about, as a line. */
function expected(error: unknown): CommandError | null {
  const fault = trainingFault(error);
  if (fault !== null) return new CommandError(fault);
  if ((error as NodeJS.ErrnoException | null)?.code === 'ENOSPC') {
    return new CommandError('The disk is full: no model was written, a checkpoint stays as it was.');
  }
  return null;
}
