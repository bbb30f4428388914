import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { ModelRegistry } from '../../training/evaluation/recommender.ts';
import type { OffPolicyEntry, RunDescription } from '../../training/evaluation/report/document.ts';
import type { SplitName } from '../../training/split-names.ts';
import { CommandError } from '../command-error.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  data?: string[];
  models?: string;
  split: SplitName;
  archetype?: string;
  sampled?: number;
  keepHistory?: true;
  resamples: number;
  offPolicy?: string | true;
  truth?: string;
  out?: string;
  seed: number;
  state: string;
}

/** @param loadModels the trained models by name; the floors are in every comparison without being named */
export function evaluateCommand(loadModels: () => Promise<ModelRegistry>): Command {
  return new Command('evaluate')
    .description('compare rankers on held-out data: metrics with intervals, by segment, pair by pair; HTML and JSON')
    .option('--data <path...>', 'as for `train`')
    .option('--models <names>', 'trained models to fit and compare with the floors, with commas between')
    .addOption(
      new Option('--split <how>', 'what is held out')
        .choices(['leave-one-out', 'time', 'user', 'archetype'])
        .default('leave-one-out'),
    )
    .option('--archetype <id>', 'the one that `--split archetype` leaves out (default: each in turn)')
    .option('--sampled <n>', 'rank among n random negatives, to compare with papers that did', wholeNumber(1, 100_000))
    .option('--keep-history', 'let items of the history be recommended again')
    .option('--resamples <n>', 'of the bootstrap', wholeNumber(100, 100_000), 1000)
    .option(
      '--off-policy [log]',
      'value of policies from the log of another: the rankers on our own logged rankings, or, with a CSV (item_id, position, click, propensity_score), the uniform policy',
    )
    .option('--truth <log>', 'with a CSV: a log of the uniform policy itself, to hold the estimate against')
    .option('--out <folder>', 'where report.html and report.json go (default: evaluation in the state folder)')
    .option('--seed <n>', 'the same seed gives the same report', wholeNumber(0, 2 ** 31 - 1), 1)
    .addOption(stateOption())
    .action((options: Options) => run(options, loadModels));
}

async function run(options: Options, loadModels: () => Promise<ModelRegistry>): Promise<void> {
  const { data, offPolicy, seed } = options;
  if (!data && typeof offPolicy !== 'string') {
    throw new CommandError('Say which data with --data, or which log with --off-policy LOG.csv.');
  }
  const out = options.out ?? join(stateFolder(options.state).path, 'evaluation');
  const { writeReport } = await import('../../training/evaluation/report/write.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  try {
    const evaluated = data ? await compareModels(data, options, await loadModels()) : null;
    const logged = typeof offPolicy === 'string' ? await fromLog(offPolicy, options) : null;
    const { state: _, ...config } = options;
    const run: RunDescription = {
      title: `Evaluation: ${data ? data.join(', ') : offPolicy}`,
      createdAt: new Date().toISOString(),
      codeRevision: await codeRevision(ROOT),
      seed,
      config,
      lineage: {
        sources: [...(evaluated?.lineage.sources ?? []), ...(logged?.sources ?? [])],
        rows: { ...evaluated?.lineage.rows, ...logged?.rows },
        synthetic: evaluated?.lineage.synthetic ?? false,
      },
      protocol: [...(evaluated?.protocol ?? []), ...(logged?.protocol ?? [])],
    };
    const entries = [...(evaluated?.offPolicy ?? []), ...(logged?.offPolicy ?? [])];
    const files = await writeReport(out, { run, evaluation: evaluated?.evaluation ?? null, offPolicy: entries });
    printOffPolicy(entries);
    console.log(`${files.html}\n${files.json}`);
  } catch (error) {
    throw expected(error) ?? error;
  }
}

async function compareModels(data: string[], options: Options, trained: ModelRegistry) {
  const { readDataset } = await import('../../training/data/read-dataset.ts');
  const { EVALUATION } = await import('../../training/evaluation/evaluate.ts');
  const { evaluateModels, protocolOf } = await import('../../training/evaluation/run.ts');
  const { FLOORS } = await import('../../models/floors/index.ts');
  const models = { ...FLOORS, ...chosen(options.models, trained, FLOORS) };
  const { split, archetype, seed, sampled, resamples, keepHistory } = options;
  const dataset = await readDataset(data, { environment: process.env.ENVIRONMENT ?? 'development' });
  if (options.offPolicy === true) {
    if (!dataset.own) throw new CommandError('Plain files hold no logged rankings: give --off-policy a CSV log.');
    if (split === 'archetype' && !archetype) throw new CommandError('Say which --archetype for --off-policy.');
  }
  const settings = {
    ...EVALUATION,
    protocol: { excludeHistory: !keepHistory, sampled: sampled ?? null },
    bootstrap: { ...EVALUATION.bootstrap, resamples },
  };
  const onFit = (name: string) => console.error(`fitting ${name}`);
  const found = await evaluateModels({ dataset, models, split, archetype, seed, options: settings, onFit });
  const { evaluation, recommenders, test } = found;
  print(evaluation.models, sampled === undefined ? '' : `sampled@${sampled}/`);
  let offPolicy: OffPolicyEntry[] = [];
  if (options.offPolicy === true) {
    const { ownEntries } = await import('../../training/evaluation/off-policy/report-entries.ts');
    offPolicy = await ownEntries(dataset, recommenders, test, seed);
  }
  return {
    evaluation,
    lineage: dataset.lineage,
    offPolicy,
    protocol: protocolOf(split, settings, dataset.own !== null),
  };
}

async function fromLog(log: string, { truth, seed }: Options) {
  const { readOpenBanditLog } = await import('../../training/evaluation/off-policy/open-bandit.ts');
  const { uniformEntries } = await import('../../training/evaluation/off-policy/report-entries.ts');
  const logged = await readOpenBanditLog(log);
  const own = truth ? await readOpenBanditLog(truth, logged.log.actions) : null;
  const sources = [logged.source, ...(own ? [own.source] : [])];
  return {
    offPolicy: uniformEntries(logged.log, log, own?.log ?? null, seed),
    sources,
    rows: { external: sources.reduce((sum, { rows }) => sum + rows, 0) },
    protocol: ['Off-policy: 95% score intervals; refused under 100 effective rounds or without support.'],
  };
}

function chosen(names: string | undefined, trained: ModelRegistry, floors: ModelRegistry): ModelRegistry {
  const wanted = [...new Set(names?.split(',').map((name) => name.trim()) ?? [])].filter((name) => !(name in floors));
  const unknown = wanted.filter((name) => !(name in trained));
  if (unknown.length > 0) {
    const known = [...Object.keys(floors), ...Object.keys(trained)];
    throw new CommandError(`There is no model "${unknown[0]}": ${known.join(', ')}.`);
  }
  return Object.fromEntries(wanted.map((name) => [name, trained[name]!]));
}

type Evaluated = Awaited<ReturnType<typeof compareModels>>['evaluation']['models'];

function print(models: Evaluated, prefix: string): void {
  const metrics = ['hr@1', 'hr@10', 'ndcg@10', 'mrr'].map((name) => prefix + name);
  const shown = models.map(({ name, overall }) => {
    const cells = metrics.map((metric) => {
      const { value, interval } = overall.metrics[metric]!;
      const range = interval ? ` (${interval.lower.toFixed(3)} to ${interval.upper.toFixed(3)})` : '';
      return [metric, `${value.toFixed(4)}${range}`];
    });
    return [name, Object.fromEntries(cells)];
  });
  console.table(Object.fromEntries(shown));
}

function printOffPolicy(entries: readonly OffPolicyEntry[]): void {
  for (const { policy, estimator, result, against } of entries) {
    const range = ({ lower, upper }: { lower: number; upper: number }) =>
      `(${lower.toFixed(5)} to ${upper.toFixed(5)})`;
    const what =
      result.kind === 'no_support'
        ? `no support: ${result.message}`
        : `${result.value.toFixed(5)} ${range(result.interval)}`;
    const apart = against
      ? `, apart from its own log ${against.difference.difference.toFixed(5)} ${range(against.difference.interval)}`
      : '';
    console.log(`${policy}, ${estimator}: ${what}${apart}`);
  }
}

/** What the operator can do something about, as a line. */
function expected(error: unknown): CommandError | null {
  if (!(error instanceof Error)) return null;
  if (['DataError', 'RefusedData', 'NotReady', 'RangeError'].includes(error.name))
    return new CommandError(error.message);
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return new CommandError('The disk is full: no report was written; one from before stays as it was.');
  }
  return null;
}
