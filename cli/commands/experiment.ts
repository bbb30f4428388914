import { join } from 'node:path';
import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface LowDataOptions {
  seed: number;
  repeats: number;
  out?: string;
  state: string;
}

const lowDataCommand = new Command('low-data')
  .description('five strategies for few real travellers, on a hidden population that plays the real ones')
  .option('--seed <n>', 'the same seed gives the same figures', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--repeats <n>', 'runs, each with populations of its own', wholeNumber(1, 100), 5)
  .option('--out <folder>', 'where low-data.html and low-data.json go (default: in the state folder)')
  .addOption(stateOption())
  .action(lowData);

export const experimentCommand = new Command('experiment')
  .description('measure a strategy before it is trusted')
  .addCommand(lowDataCommand);

async function lowData({ seed, repeats, out, state }: LowDataOptions): Promise<void> {
  const { catalogueCities } = await import('../../simulation/agents/catalogue-cities.ts');
  const { BadSettings, travelledCities } = await import('../../simulation/agents/settings.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const { writePair } = await import('../../training/evaluation/report/write-pair.ts');
  const { toJson } = await import('../certificate/certificate.ts');
  const { LABELS, summarise } = await import('../low-data/report.ts');
  const { toPage } = await import('../low-data/page.ts');
  const { runAll } = await import('../low-data/runs.ts');
  const { WORLD } = await import('../low-data/world.ts');
  try {
    const places = travelledCities(await catalogueCities());
    // Seeds of two experiments do not meet: each has its own thousand.
    const requests = Array.from({ length: repeats }, (_, run) => ({
      places,
      seed: (Math.imul(seed, 1000) + run) | 0,
      size: WORLD,
      run,
    }));
    const started = performance.now();
    const runs = await runAll(requests, (done) => console.error(`run ${done} of ${repeats}`));
    const made = summarise(runs, {
      createdAt: new Date().toISOString(),
      codeRevision: await codeRevision(ROOT),
      seed,
      size: WORLD,
    });
    const folder = out ?? join(stateFolder(state).path, 'simulation', 'low-data');
    const files = await writePair(folder, 'low-data', { html: toPage(made), json: toJson(made) });
    for (const few of WORLD.few) {
      console.log(`${few} real travellers, accuracy on held-out ones:`);
      const shown = made.strategies.filter((one) => one.few === null || one.few === few);
      console.table(
        Object.fromEntries(
          shown.map(({ name, tests, expected }) => {
            const { value, interval } = tests.held_out.all.accuracy;
            const range = interval ? ` (${interval.lower.toFixed(3)} to ${interval.upper.toFixed(3)})` : '';
            const unseen = tests.unseen.all.accuracy.value.toFixed(3);
            const wanted = expected ? expected.join(' to ') : '';
            return [LABELS[name], { accuracy: value.toFixed(3) + range, 'seed 4': wanted, unseen }];
          }),
        ),
      );
    }
    console.error(`${((performance.now() - started) / 1000).toFixed(0)} s`);
    console.log(`${files.html}\n${files.json}`);
  } catch (error) {
    if (error instanceof BadSettings) throw new CommandError(error.message);
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new CommandError('The disk is full: nothing was written.');
    throw error;
  }
}
