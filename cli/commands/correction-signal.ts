import { Command, Option } from 'commander';
import type { Acceptance } from '../../core/signal/correction.ts';
import type { SyntheticSource } from '../../platform/database/correction-signal.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  source: SyntheticSource;
  minimum: number;
  limit: number;
  json?: true;
  state: string;
}

export const correctionSignalCommand = new Command('correction-signal')
  .description('where real travellers differ from simulated ones, as the last nightly review found it')
  .addOption(
    new Option('--source <lineage>', 'of the simulated ones')
      .choices(['synthetic_agent_v1', 'synthetic_choice_model_v1'])
      .default('synthetic_agent_v1'),
  )
  .option('--minimum <n>', 'travellers on either side, or the two are not compared', wholeNumber(5, 10_000), 10)
  .option('--limit <n>', 'lines at most', wholeNumber(1, 10_000), 50)
  .option('--json', 'as JSON')
  .addOption(stateOption())
  .action(async ({ source, minimum, limit, json, state }: Options) => {
    const { withDatabase } = await import('../local/use-database.ts');
    const { openDatabase } = await import('../../platform/database/client.ts');
    const { storedDivergences } = await import('../../platform/database/correction-signal.ts');
    const { latestReview } = await import('../../platform/database/synthetic-review.ts');
    const { adjusted, FALSE_DISCOVERIES } = await import('../../core/signal/correction.ts');
    await withDatabase(stateFolder(state), async (url) => {
      const database = openDatabase(url);
      const review = await latestReview(database);
      const found = adjusted(await storedDivergences(database, { source, minimum }), minimum);
      const reviewedAt = review?.reviewedAt.toISOString() ?? null;
      if (json) {
        console.log(JSON.stringify({ source, minimum, reviewedAt, divergences: found.slice(0, limit) }, null, 2));
        return;
      }
      if (reviewedAt === null) {
        console.log('Nothing was reviewed yet: the nightly job `synthetic-review` does it.');
        return;
      }
      const apart = found.filter(({ q }) => q < FALSE_DISCOVERIES).length;
      console.log(`${found.length} pairs compared with ${source} at ${reviewedAt}, ${apart} told apart from chance.`);
      for (const { archetype, venue, real, synthetic, difference, interval, q } of found.slice(0, limit)) {
        const points = `${signed(difference)} (${signed(interval.lower)} to ${signed(interval.upper)})`;
        const sides = `real ${of(real)}, simulated ${of(synthetic)}`;
        console.log(
          `${archetype.padEnd(4)} ${points.padEnd(24)} q ${q.toFixed(3)}  ${sides}  ${venue.name} (${venue.city})`,
        );
      }
    });
  });

const of = ({ accepted, travellers }: Acceptance) => `${accepted}/${travellers}`;
const signed = (share: number) => `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}`;
