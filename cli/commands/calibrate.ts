import { Command } from 'commander';
import type { Calibrated } from '../../simulation/agents/calibration/calibrate.ts';
import { CommandError } from '../command-error.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  arm?: string;
  resamples: number;
  store?: true;
  state: string;
}

export const calibrateCommand = new Command('calibrate')
  .description('what a simulation has to give: agreement thresholds by archetype, persona priors, affinities')
  .argument('<folder>', 'of `overplanned simulate`')
  .option('--arm <name>', 'variant and share, of a trained ranker (default: dlrm at the main share)')
  .option('--resamples <n>', 'of the bootstrap', wholeNumber(100, 100_000), 1000)
  .option('--store', 'also into DATABASE_URL or the embedded database, with the rows they rest on')
  .addOption(stateOption())
  .action(async (path: string, options: Options) => {
    const { BadSettings } = await import('../../simulation/agents/settings.ts');
    try {
      await run(path, options);
    } catch (error) {
      throw error instanceof BadSettings ? new CommandError(error.message) : error;
    }
  });

async function run(path: string, { arm, resamples, store, state }: Options): Promise<void> {
  const { RunFolder } = await import('../../simulation/agents/run-folder.ts');
  const { calibrate, calibratedArm } = await import('../../simulation/agents/calibration/calibrate.ts');
  const { catalogueCities } = await import('../../simulation/agents/catalogue-cities.ts');
  const { profilesOf } = await import('../calibration/profiles.ts');
  const { writeCalibration } = await import('../calibration/write.ts');
  const { folder, run } = await RunFolder.open(path);
  const profiles = profilesOf(await catalogueCities(), run.settings.catalogues);
  const calibrated = await calibrate(folder, run, calibratedArm(run.settings, arm), profiles, resamples);
  const written = await writeCalibration(folder, calibrated);
  tell(calibrated);
  console.log(written.join('\n'));
  if (!store) return;
  const { withDatabase } = await import('../local/use-database.ts');
  const { storeRun } = await import('../calibration/store.ts');
  const stored = await withDatabase(stateFolder(state), (url) => storeRun(url, folder, run, calibrated, new Date()));
  if (!stored) console.log(`The run ${calibrated.runId} was stored already: nothing changed.`);
  else console.table(stored);
}

function tell({ arm, calibration, leftOut }: Calibrated): void {
  const { version, lineage, archetypes, measured = {} } = calibration;
  console.log(`${arm.name} (${arm.ranker}), calibration ${version}, from ${lineage.join(', ')}.`);
  if (leftOut > 0) console.log(`${leftOut} rows that the built-in model decided in the agent's place are left out.`);
  const range = ({ lower, upper }: { lower: number; upper: number }) => `${lower} to ${upper}`;
  console.table(
    Object.fromEntries(
      Object.entries(measured).map(([archetype, { slots, travellers, same_top, agreement, acceptance }]) => {
        const cells = {
          slots,
          travellers,
          'same top': same_top ? `${same_top.value} (${range(same_top.interval)})` : '-',
          threshold: agreement ? `${agreement.value} (${range(agreement.interval)})` : '-',
          'taken above': acceptance.above ?? '-',
          'at or below': acceptance.at_or_below ?? '-',
        };
        return [archetype, cells];
      }),
    ),
  );
  for (const [archetype, { refused }] of Object.entries(measured)) {
    if (!archetypes[archetype]) console.log(`${archetype} has no threshold of its own: ${refused}.`);
  }
}
