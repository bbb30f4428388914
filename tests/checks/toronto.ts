/**
 * `node tests/checks/toronto.ts [--data FOLDER] [--folds N] [--seed N]`: the next place of real tourists in Toronto, among
 * all places, by the floors, and in folds by SASRec, too. Without the data it says so and checks nothing.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FLOORS } from '../../models/floors/index.ts';
import { sasrecConfig } from '../../models/sasrec/config.ts';
import { sasrec } from '../../models/sasrec/model.ts';
import { type Estimate, evaluate } from '../../training/evaluation/evaluate.ts';
import type { Fit } from '../../training/evaluation/recommender.ts';
import { fitDistance, readToronto, type TorontoOptions, torontoCases } from '../../training/evaluation/toronto.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.TORONTO_DATA ?? '../shared/data/toronto' },
    folds: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
});
if (!existsSync(join(values.data, 'user-visits.csv'))) {
  console.log(`skipped: no user-visits.csv in ${values.data} (say where with --data)`);
  process.exit(0);
}
const data = await readToronto(values.data);
const seed = Number(values.seed);
const rules: TorontoOptions['folds'][] = values.folds ? [Number(values.folds)] : ['leave-one-trip-out', 10];
const floors = [FLOORS.random!, FLOORS.popularity!, fitDistance(data), FLOORS.markov!];
// Chosen once, for its size; nothing here was tuned on the test.
const config = sasrecConfig.parse({ width: 32, length: 10, blocks: 1, dropout: 0.3, epochs: 40, batch: 64 });
const fitSasrec: Fit = async ({ seed: own, ...input }) =>
  (await sasrec.train(input, config, { seed: own, threads: 2 })).recommender;
for (const folds of rules) {
  for (const candidates of ['all', 'elsewhere'] as const) {
    const fits = folds === 'leave-one-trip-out' ? floors : [...floors, fitSasrec];
    const { recommenders, cases, catalogue } = await torontoCases(data, fits, { folds, candidates, seed });
    const { models, users } = await evaluate(recommenders, cases, catalogue, [], {
      seed,
      measure: { ks: [1, 3], listLength: 3 },
      protocol: { excludeHistory: false, sampled: null },
    });
    const rule = folds === 'leave-one-trip-out' ? 'leave one trip out' : `${folds} folds by tourist`;
    const among = candidates === 'all' ? `all ${data.places.length} places` : 'all places but the current one';
    console.log(`\n${rule}, among ${among}: ${cases.length} visits of ${users} tourists\n`);
    console.log('| ranker | Acc@1 | Acc@3 | MRR |\n|---|---|---|---|');
    for (const { name, overall } of models) {
      const cells = ['hr@1', 'hr@3', 'mrr'].map((metric) => shown(overall.metrics[metric]!));
      console.log(`| ${name} | ${cells.join(' | ')} |`);
    }
  }
}

function shown({ value, interval }: Estimate): string {
  return `${value.toFixed(3)} (${interval ? `${interval.lower.toFixed(3)} to ${interval.upper.toFixed(3)}` : '-'})`;
}
