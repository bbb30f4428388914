/**
 * `node tests/checks/off-policy-coverage.ts [--runs 1000]`: how often the 95% intervals of the off-policy estimators hold
 * the known value on synthetic bandits. Each is to reach 93% where the bounds refuse at most a fifth of the logs. Where they
 * refuse more, what is left was picked by its outcome (few large weights came up), and the coverage is shown but not held to it.
 */
import { parseArgs } from 'node:util';
import { Random } from '../../core/experiment/random.ts';
import { ESTIMATORS, estimatePolicy } from '../../core/experiment/off-policy/estimate.ts';
import { type SyntheticBandit, syntheticBandit } from '../../training/evaluation/off-policy/synthetic-bandit.ts';

const LEAST = 0.93;

const KINDS: Record<string, SyntheticBandit> = {};
for (const [name, actions, contexts, meanReward, skew, rounds] of [
  ['plain', 5, 3, 0.3, 1, 1000],
  ['few rounds', 5, 3, 0.3, 0.7, 300],
  ['skewed', 10, 5, 0.1, 1.5, 4000],
  ['very skewed', 10, 5, 0.3, 2, 5000],
  ['rare clicks', 34, 1, 0.01, 1, 5000],
  ['rare clicks, skewed', 34, 3, 0.005, 1.5, 10_000],
  ['many contexts', 10, 500, 0.3, 1.2, 2000],
] as const) {
  for (const target of ['uniform', 'best', 'softmax'] as const) {
    for (const fullPropensities of [true, false]) {
      const key = `${name}, ${target} target, ${fullPropensities ? 'all propensities' : 'of the shown only'}`;
      KINDS[key] = { actions, contexts, meanReward, skew, rounds, fullPropensities, target };
    }
  }
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, only: { type: 'string' } } });
const runs = Number(values.runs);
let failed = false;
console.log(`| bandit | refused | ${ESTIMATORS.map((e) => `${e}: coverage, mean width`).join(' | ')} |`);
console.log(`|---|---|${ESTIMATORS.map(() => '---|').join('')}`);
for (const [name, kind] of Object.entries(KINDS)) {
  if (values.only && !name.includes(values.only)) continue;
  const cells = ESTIMATORS.map(() => ({ n: 0, held: 0, width: 0 }));
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const { log, policy, truth } = syntheticBandit(kind, run);
    for (const [e, estimator] of ESTIMATORS.entries()) {
      const result = estimatePolicy(log, policy, estimator, Random.of(run, 'folds'));
      if (result.kind === 'no_support') {
        if (e === 0) refused++;
        continue;
      }
      const { lower, upper } = result.interval;
      const cell = cells[e]!;
      cell.n++;
      cell.width += upper - lower;
      if (lower <= truth && truth <= upper) cell.held++;
    }
  }
  const shown = cells.map(({ n, held, width }) => {
    if (n === 0) return 'refused';
    if (refused <= runs / 5 && held / n < LEAST) failed = true;
    return `${((100 * held) / n).toFixed(1)}%, ${(width / n).toPrecision(2)}`;
  });
  console.log(`| ${name} | ${refused} of ${runs} | ${shown.join(' | ')} |`);
}
process.exitCode = failed ? 1 : 0;
