import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { wholeNumber } from '../whole-number.ts';

export const reportCommand = new Command('report')
  .description('the report of a simulation: one HTML page and the same as JSON, beside its rows')
  .argument('<folder>', 'of `overplanned simulate`')
  .option('--resamples <n>', 'of the bootstrap', wholeNumber(100, 100_000), 1000)
  .action(async (folder: string, { resamples }: { resamples: number }) => {
    const { html, json } = await reportOn(folder, resamples);
    console.log(`${html}\n${json}`);
  });

/** Writes the report of the run in `path`, and prints what to look at first. @throws CommandError where it is not whole */
export async function reportOn(path: string, resamples: number): Promise<{ html: string; json: string }> {
  const { RunFolder } = await import('../../simulation/agents/run-folder.ts');
  const { readReport } = await import('../../simulation/agents/report/report.ts');
  const { writeSimulationReport } = await import('../simulation-report/write.ts');
  try {
    const { folder, run } = await RunFolder.open(path);
    if (run.state !== 'done') throw new RangeError(`the run in ${path} is not whole: simulate it to its end`);
    const report = await readReport(folder, run, resamples);
    const metrics = ['hr_at_5', 'acceptance_rate', 'tourist_trap_escape', 'persona_divergence', 'pivot_rate'];
    const shown = report.arms.map(({ arm, estimates }) => {
      const cells = metrics.map((metric) => {
        const { value, interval } = estimates.warm![metric]!;
        const range = interval ? ` (${interval.lower.toFixed(3)} to ${interval.upper.toFixed(3)})` : '';
        return [metric, value === null ? '-' : `${value.toFixed(3)}${range}`];
      });
      return [arm.name, Object.fromEntries(cells)];
    });
    console.log('Warm travellers:');
    console.table(Object.fromEntries(shown));
    return await writeSimulationReport(path, report);
  } catch (error) {
    if (error instanceof Error && ['BadSettings', 'RangeError'].includes(error.name))
      throw new CommandError(error.message);
    throw error;
  }
}
