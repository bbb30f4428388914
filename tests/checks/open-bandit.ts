/**
 * `node tests/checks/open-bandit.ts [--data FOLDER]`: the value of showing items at random, estimated from the log of the
 * other policy alone, against what the log of the random policy says. The 95% interval of the difference, with the errors
 * of both logs, is to hold 0. Without the data it says so and checks nothing.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../core/experiment/random.ts';
import { ESTIMATORS, estimatePolicy, onPolicyValue } from '../../core/experiment/off-policy/estimate.ts';
import { difference } from '../../core/experiment/off-policy/interval.ts';
import { uniformPolicy } from '../../core/experiment/off-policy/log.ts';
import { readOpenBanditLog } from '../../training/evaluation/off-policy/open-bandit.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env.OPEN_BANDIT_DATA ?? '../shared/data/obd' } },
});
const logged = join(values.data, 'bts-men.csv');
const truth = join(values.data, 'random-men.csv');
if (!existsSync(logged) || !existsSync(truth)) {
  console.log(`skipped: no bts-men.csv and random-men.csv in ${values.data} (say where with --data)`);
  process.exit(0);
}
const { log } = await readOpenBanditLog(logged);
const { log: random } = await readOpenBanditLog(truth, log.actions);
const known = onPolicyValue(random);
const show = (value: number, { lower, upper }: { lower: number; upper: number }) =>
  `${value.toFixed(5)} (${lower.toFixed(5)} to ${upper.toFixed(5)})`;
console.log(
  `value of the random policy from its own log: ${show(known.value, known.interval)}, ${known.rounds} rounds`,
);
for (const estimator of ESTIMATORS) {
  const found = estimatePolicy(log, uniformPolicy(log.actions), estimator, Random.of(0, 'open bandit'));
  if (found.kind === 'no_support') {
    console.log(`${estimator}: refused: ${found.message}`);
    process.exitCode = 1;
    continue;
  }
  const apart = difference(found, known);
  const holds = apart.interval.lower <= 0 && 0 <= apart.interval.upper;
  if (!holds) process.exitCode = 1;
  console.log(
    `${estimator} from the other log: ${show(found.value, found.interval)}, effective rounds ${found.effectiveSampleSize.toFixed(0)}; ` +
      `difference ${show(apart.difference, apart.interval)}: ${holds ? 'holds' : 'DOES NOT HOLD'} 0`,
  );
}
