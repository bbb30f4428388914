import { Command } from 'commander';
import type { Crossover } from '../../core/arbitration/crossover.ts';
import type { Trial } from '../../core/arbitration/trial.ts';
import type { NoSupport } from '../../core/experiment/off-policy/support.ts';
import { CommandError } from '../command-error.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  data?: string;
  seed: number;
  json?: true;
  state: string;
}

export const crossoverCommand = new Command('crossover')
  .description('estimate from how many signals on the ML ranker is better than the language model')
  .option('--data <folder>', 'of `overplanned extract`, instead of the database')
  .option('--seed <n>', 'of the resamples', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--json', 'as JSON, with the curve')
  .addOption(stateOption())
  .action(async ({ data, seed, json, state }: Options) => {
    const { crossover } = await import('../../core/arbitration/crossover.ts');
    const found = crossover(data === undefined ? await ofDatabase(state) : await ofFolder(data), seed);
    console.log(json ? JSON.stringify(found, null, 2) : text(found));
  });

async function ofDatabase(state: string): Promise<Trial[]> {
  const { withDatabase } = await import('../local/use-database.ts');
  const { openDatabase } = await import('../../platform/database/client.ts');
  const { readTrials } = await import('../../platform/database/arbitration-log.ts');
  const always = { from: new Date(0), to: new Date(8.64e15 / 100) };
  return withDatabase(stateFolder(state), (url) => readTrials(openDatabase(url), always));
}

async function ofFolder(folder: string): Promise<Trial[]> {
  const { readArbitration } = await import('../../training/data/own/logged-tables.ts');
  const { arbitrationEvent } = await import('../../models/arbiter/events.ts');
  const { isTrial } = await import('../../core/arbitration/trial.ts');
  const { DataError } = await import('../../training/data/data-error.ts');
  try {
    return (await readArbitration(folder)).map(arbitrationEvent).filter(isTrial);
  } catch (error) {
    if (error instanceof DataError || error instanceof RangeError) throw new CommandError(error.message);
    throw error;
  }
}

const points = (share: number) => `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}`;

function text(found: Crossover | NoSupport): string {
  if (found.kind === 'no_support') return `no_support (${found.reason}): ${found.message}`;
  const { kind, signals, interval, range, decisions, travellers, crossing, curve } = found;
  const seen = `${Math.round(range.lower)} to ${Math.round(range.upper)} signals`;
  const end = (value: number | null) => (value === null ? 'beyond what was seen' : String(Math.round(value)));
  const head = {
    crossover: `ML overtakes the language model at ${Math.round(signals ?? 0)} signals`,
    ml_throughout: `ML is ahead from ${Math.round(range.lower)} signals on`,
    llm_throughout: `The language model is ahead up to ${Math.round(range.upper)} signals`,
  }[kind];
  const every = Math.ceil(curve.length / 8);
  return [
    `${head} (95%: ${end(interval.lower)} to ${end(interval.upper)}).`,
    `${decisions} randomised decisions of ${travellers} travellers, ${seen}; a crossing in ${Math.round(crossing * 100)}% of the resamples.`,
    ...curve
      .filter((_, i) => i % every === 0 || i === curve.length - 1)
      .map(({ signals: n, lead, interval: { lower, upper } }) => {
        return `${String(Math.round(n)).padStart(6)} signals: ML ${points(lead)} points (${points(lower)} to ${points(upper)})`;
      }),
  ].join('\n');
}
