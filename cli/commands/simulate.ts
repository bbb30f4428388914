import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

export interface SimulateOptions {
  travellers: number;
  variants: string;
  archetypes: string;
  seed: number;
  latent: number[];
  models: string;
  hybrid: string;
  resamples: number;
  out?: string;
  state: string;
}

const DEFAULT_VARIANTS = 'llm_standin,offline,two_tower,bpr,sasrec,u_sasrec,dlrm,hybrid,popularity,random';

export const simulateCommand = new Command('simulate')
  .description('synthetic travellers against rankers: decisions, metrics with intervals, affinities')
  .option('--travellers <n>', 'so many in all, archetypes in turn; 50 for a pilot', wholeNumber(1, 1_000_000), 600)
  .option('--variants <names>', 'rankers, with commas between', DEFAULT_VARIANTS)
  .option('--archetypes <ids>', 'A1 to A12, with commas between (default: all)', '')
  .option('--seed <n>', 'the same seed gives the same rows', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--latent <shares>', 'of the taste that no field of a venue encodes; the middle one is the main one', shares, [
    0.1, 0.3, 0.5,
  ])
  .option('--models <folder>', 'artifacts of trained rankers', join(ROOT, 'models', 'artifacts'))
  .addOption(
    new Option('--hybrid <variant>', 'the trained ranker that the arbiter holds against the language model side')
      .choices(['two_tower', 'bpr', 'sasrec', 'u_sasrec', 'dlrm'])
      .default('dlrm'),
  )
  .option('--resamples <n>', 'of the bootstrap', wholeNumber(100, 100_000), 1000)
  .option('--out <folder>', 'where rows and report go; a run that broke off there goes on (default: in the state folder)')
  .addOption(stateOption())
  .action(run);

function shares(text: string): number[] {
  const read = text.split(',').map(Number);
  if (read.some((share) => !(share >= 0 && share < 1))) {
    throw new InvalidArgumentError('Give shares from 0 to below 1, with commas between.');
  }
  return read;
}

async function run(options: SimulateOptions): Promise<void> {
  const { BadSettings } = await import('../../simulation/agents/settings.ts');
  try {
    await simulate(options);
  } catch (error) {
    if (error instanceof BadSettings) throw new CommandError(error.message);
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new CommandError('The disk is full: the run is not whole. The same command goes on with it.');
    }
    throw error;
  }
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { catalogueCities } = await import('../../simulation/agents/catalogue-cities.ts');
  const { armsOf, runArm } = await import('../../simulation/agents/simulate.ts');
  const { RunFolder } = await import('../../simulation/agents/run-folder.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const settings = await import('../../simulation/agents/settings.ts');
  const { openCast } = await import('../simulation/cast.ts');
  const { reportOn } = await import('./report.ts');

  const { travellers, seed, latent, resamples, state, out, ...asked } = options;
  const variants = settings.readVariants(options.variants.split(','));
  const archetypes = settings.readArchetypes(options.archetypes.split(','));
  const cities = settings.travelledCities(await catalogueCities());
  const cast = await openCast(variants, options);
  const path = out ?? join(stateFolder(state).path, 'simulation', `seed-${seed}-${travellers}`);
  const { folder, resumed } = await RunFolder.begin(path, {
    settings: {
      version: settings.SIMULATION_VERSION,
      seed,
      travellers,
      variants,
      archetypes,
      latentShares: settings.readLatentShares(latent),
      catalogues: Object.fromEntries(cities.map(({ slug, catalogueVersion }) => [slug, catalogueVersion])),
      agent: cast.agentLabel,
      secondAgent: null,
      rankers: cast.versions,
    },
    config: { travellers, seed, latent, resamples, ...asked },
    code_revision: await codeRevision(ROOT),
    created_at: new Date().toISOString(),
  });
  if (resumed) console.error(`Going on with the run in ${path}.`);
  const { run: described } = await RunFolder.open(path);
  for (const arm of armsOf(described.settings)) {
    const started = performance.now();
    const { slots } = await runArm({ settings: described.settings, cities, cast: cast.cast }, arm, folder);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.error(`${arm.name}: ${slots} slots in ${seconds} s`);
  }
  await folder.finish(new Date());
  const { html, json } = await reportOn(path, resamples);
  console.log(`${html}\n${json}`);
}
