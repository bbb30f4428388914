import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { withClearErrors } from '../low-data/clear-errors.ts';
import { wholeNumber } from '../whole-number.ts';

interface ActiveLearnOptions {
  model: string;
  top: number;
  out?: string;
}

export const activeLearnCommand = new Command('active-learn')
  .description('the cases of which a model is least sure, no two alike: what to ask travellers about next')
  .argument(
    '<in...>',
    'signals: JSON lines, folders of `overplanned extract`; what was shown and not decided on can be asked',
  )
  .requiredOption('--model <folder>', 'of a version, as `overplanned personalise` writes it')
  .option('--top <n>', 'cases', wholeNumber(1, 10_000), 10)
  .option('--out <file>', 'JSON lines (default: to the terminal)')
  .action((input: string[], options: ActiveLearnOptions) => withClearErrors(() => activeLearn(input, options)));

async function activeLearn(input: readonly string[], { model: folder, top, out }: ActiveLearnOptions): Promise<void> {
  const { caseTable } = await import('../../training/low-data/decision-features.ts');
  const { probabilities, readDecisionModel } = await import('../../training/low-data/decision-model.ts');
  const { readSignals } = await import('../../training/low-data/read-signals.ts');
  const { mostUncertain } = await import('../../training/low-data/uncertain.ts');
  const { knownVenues } = await import('../low-data/known-venues.ts');
  const { questionLine } = await import('../low-data/question-line.ts');
  const { writeWhole } = await import('../../platform/artifacts/whole-file.ts');

  const model = await readDecisionModel(folder);
  const { byId } = await knownVenues();
  const { decisions, open } = await readSignals(input, byId);
  if (open.length === 0) {
    throw new CommandError(
      `${input.join(', ')}: nothing to ask: no slot_view and no context.candidates that was not decided on.`,
    );
  }
  const all = probabilities(model, open, caseTable(open, decisions));
  const chosen = mostUncertain(open, all, top);
  const lines = chosen.map((one, i) => JSON.stringify(questionLine(open[one.index]!, one, i + 1, model)));
  if (out) await writeWhole(out, `${lines.join('\n')}\n`);
  else console.log(lines.join('\n'));
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const ofAll = mean([...all].map((p) => Math.abs(2 * p - 1)));
  const ofChosen = mean(chosen.map(({ margin }) => margin));
  console.error(
    `${chosen.length} of ${open.length} cases; mean margin ${ofChosen.toFixed(3)}, of all ${ofAll.toFixed(3)}.${out ? ` ${out}` : ''}`,
  );
}
