import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { TrainedVariant } from '../../simulation/agents/settings.ts';
import { CommandError } from '../command-error.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import type { ArmDone } from '../simulation/arms.ts';
import { AGENT_KINDS, type LanguageModelOptions } from '../simulation/language-models.ts';
import { wholeNumber } from '../whole-number.ts';

interface SimulateOptions extends LanguageModelOptions {
  travellers: number;
  variants: string;
  archetypes: string;
  seed: number;
  latent?: number[];
  models: string;
  hybrid: TrainedVariant;
  resamples: number;
  workers?: number;
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
  .option(
    '--latent <shares>',
    'of the taste that no field of a venue encodes; the middle one is the main one (default: 0.1,0.3,0.5)',
    numbers(0, 1),
  )
  .option('--models <folder>', 'artifacts of trained rankers', join(ROOT, 'models', 'artifacts'))
  .addOption(
    new Option('--hybrid <variant>', 'the trained ranker that the arbiter holds against the language model side')
      .choices(['two_tower', 'bpr', 'sasrec', 'u_sasrec', 'dlrm'])
      .default('dlrm'),
  )
  .addOption(
    new Option('--agent <kind>', 'who decides for the travellers').choices(AGENT_KINDS).default('choice_model'),
  )
  .addOption(new Option('--second-agent <kind>', 'decides the same cases beside it, to compare').choices(AGENT_KINDS))
  .addOption(new Option('--persona-model <name>', 'of `--agent claude`').choices(['haiku', 'sonnet']).default('haiku'))
  .addOption(
    new Option('--second-model <name>', 'of `--second-agent claude`').choices(['haiku', 'sonnet']).default('sonnet'),
  )
  .addOption(new Option('--ranker-model <name>', 'of the variant `llm`').choices(['haiku', 'sonnet']).default('sonnet'))
  .option('--endpoint <url>', 'of `--agent endpoint`: OpenAI-compatible, such as http://127.0.0.1:11434/v1')
  .option('--endpoint-model <name>', 'as the endpoint knows it')
  .option('--endpoint-price <in,out>', 'US dollars per million tokens', numbers(0, 10_000), [0, 0])
  .option('--max-usd <dollars>', 'that language models may cost in all', dollars, 20)
  .option('--poll-seconds <n>', 'between two looks at a batch', wholeNumber(0, 3600), 30)
  .option('--resamples <n>', 'of the bootstrap', wholeNumber(100, 100_000), 1000)
  .option(
    '--workers <n>',
    'arms at a time, built-in agents alone; the rows are the same (default: the number of cores)',
    wholeNumber(1, 256),
  )
  .option(
    '--out <folder>',
    'where rows and report go; a run that broke off there goes on (default: in the state folder)',
  )
  .addOption(stateOption())
  .action(run);

function numbers(least: number, below: number): (text: string) => number[] {
  return (text) => {
    const read = text.split(',').map(Number);
    if (text.trim() !== '' && read.every((x) => x >= least && x < below)) return read;
    throw new InvalidArgumentError(`Give numbers from ${least} to below ${below}, with commas between.`);
  };
}

function dollars(text: string): number {
  const read = Number(text);
  if (text.trim() !== '' && read > 0 && Number.isFinite(read)) return read;
  throw new InvalidArgumentError(`A budget of "${text}" buys nothing: give more than 0 US dollars.`);
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
  const { armsOf } = await import('../../simulation/agents/simulate.ts');
  const { RunFolder } = await import('../../simulation/agents/run-folder.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const settings = await import('../../simulation/agents/settings.ts');
  const { armsOnThreads, timedArm } = await import('../simulation/arms.ts');
  const { openCast } = await import('../simulation/cast.ts');
  const { reportOn } = await import('./report.ts');

  const { travellers, seed, resamples, workers: atATime, state, out, ...asked } = options;
  const variants = settings.readVariants(options.variants.split(','));
  const archetypes = settings.readArchetypes(options.archetypes.split(','));
  // The parameter is the built-in model's: a language model has none.
  const latentShares =
    options.agent === 'choice_model' ? settings.readLatentShares(options.latent ?? settings.LATENT_SHARES) : [];
  if (latentShares.length === 0 && options.latent) {
    throw new settings.BadSettings(
      '--latent is a parameter of the built-in choice model: leave it out with another agent',
    );
  }
  const cities = settings.travelledCities(await catalogueCities());
  const path = out ?? join(stateFolder(state).path, 'simulation', `seed-${seed}-${travellers}`);
  const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY } = process.env;
  const environment = { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY };
  const cast = { ...options, out: path };
  const opened = await openCast(variants, cast, environment);
  if (opened.paid && (atATime ?? 1) > 1) {
    throw new settings.BadSettings('--workers is for built-in agents: language models are asked from one place');
  }
  const { folder, resumed } = await RunFolder.begin(path, {
    settings: {
      version: settings.SIMULATION_VERSION,
      seed,
      travellers,
      variants,
      archetypes,
      latentShares,
      catalogues: Object.fromEntries(cities.map(({ slug, catalogueVersion }) => [slug, catalogueVersion])),
      agent: opened.agentLabel,
      secondAgent: opened.secondLabel,
      rankers: opened.versions,
    },
    config: { travellers, seed, resamples, ...asked },
    code_revision: await codeRevision(ROOT),
    created_at: new Date().toISOString(),
  });
  if (resumed) console.error(`Going on with the run in ${path}.`);
  const { run: described } = await RunFolder.open(path);
  if (opened.paid) {
    const { announceCost } = await import('../simulation/language-models.ts');
    const { slotsOf } = await import('../../simulation/agents/llm/estimate.ts');
    const slots = slotsOf(
      described.settings,
      cities.map(({ slug }) => slug),
    );
    announceCost(slots, opened.paid.asked, options.maxUsd, opened.paid.rounds.spentUsd);
  }
  const arms = armsOf(described.settings);
  let whole = 0;
  const onDone = ({ name, slots, seconds }: ArmDone) => {
    console.error(`${name}: ${slots} slots in ${seconds.toFixed(1)} s (${++whole} of ${arms.length})`);
  };
  const workers = opened.paid ? 1 : Math.min(atATime ?? availableParallelism(), arms.length);
  const simulation = { settings: described.settings, cities };
  if (workers > 1) await armsOnThreads({ simulation, cast, path }, arms, workers, onDone);
  else for (const arm of arms) onDone(await timedArm({ ...simulation, cast: opened.cast }, arm, folder));
  await folder.finish(new Date());
  const { html, json } = await reportOn(path, resamples);
  console.log(`${html}\n${json}`);
}
