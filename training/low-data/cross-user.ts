/** The cross-user model: what holds for everybody, learned from the rows of all. */
import { type BoostedTrees, boost, predict } from '../trees/boost.ts';
import { boostOptions, treesConfig } from '../trees/config.ts';
import type { FeatureTable } from '../trees/feature-table.ts';
import { type DecisionTable, decisionTable } from './decision-features.ts';
import { type DecisionRow, seasonedTravellers, trainingWeight } from './decision-row.ts';

/** Chosen once, before anything was measured: small trees, strongly held back, for some thousands of rows. */
export const CROSS_USER_TREES = treesConfig.parse({
  rounds: 80,
  depth: 3,
  learning_rate: 0.1,
  l2: 5,
  min_child_weight: 5,
  row_share: 0.5,
  column_share: 0.25,
  bins: 32,
});

/** @throws RangeError where there is nothing to tell apart: no rows, or all of them decided alike */
export function crossUserModel(rows: readonly DecisionRow[], seed: number): BoostedTrees {
  return crossUserModelOf([decisionTable(rows)], seed);
}

/** The same of rows whose features are there already; no actor is in two tables. */
export function crossUserModelOf(tables: readonly DecisionTable<DecisionRow>[], seed: number): BoostedTrees {
  const { features, rows, before } = joined(tables);
  const label = Float64Array.from(rows, ({ accepted }) => (accepted ? 1 : 0));
  const seasoned = seasonedTravellers(rows);
  const weight = Float64Array.from(rows, (row, i) => trainingWeight(row, before[i]!, seasoned));
  return boost({ features, label, weight }, null, boostOptions(CROSS_USER_TREES, seed)).model;
}

/** Log-odds that each is taken, [rows]. */
export function logOdds(model: BoostedTrees, features: FeatureTable): Float64Array {
  return predict(model, features).map((p) => Math.log(p / (1 - p)));
}

function joined(tables: readonly DecisionTable<DecisionRow>[]): DecisionTable<DecisionRow> {
  const rows = tables.flatMap(({ rows }) => rows);
  const names = tables[0]?.features.names ?? [];
  const values = new Float32Array(rows.length * names.length);
  const before = new Int32Array(rows.length);
  let at = 0;
  for (const table of tables) {
    values.set(table.features.values, at * names.length);
    before.set(table.before, at);
    at += table.rows.length;
  }
  return { rows, before, features: { names, rows: rows.length, values } };
}
