/** Gradient boosting with the logistic loss (Friedman 2001; second order and regularisation as in Chen and Guestrin 2016). */
import { Random } from '../../core/experiment/random.ts';
import type { EpochRecord } from '../engine/epoch-record.ts';
import type { Progress } from '../engine/train.ts';
import { binned, MOST_BINS } from './bins.ts';
import type { FeatureTable } from './feature-table.ts';
import { type GrowthRules, growTree } from './grow.ts';
import type { Derivatives } from './split.ts';
import { isLeaf, leafValue, type Tree } from './tree.ts';

export interface BoostOptions extends GrowthRules {
  /** Trees, at most. */
  rounds: number;
  /** Rounds without a better validation after which it ends. */
  patience: number;
  /** Of rows and of features that each tree is grown from, in (0, 1], drawn anew without replacement. */
  rowShare: number;
  columnShare: number;
  /** Bins of a feature. */
  bins: number;
  seed: number;
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Labelled {
  features: FeatureTable;
  /** In [0, 1]. */
  label: ArrayLike<number>;
  /** From 0; their sum above it. */
  weight: ArrayLike<number>;
}

export interface BoostedTrees {
  names: readonly string[];
  /** The log-odds before the first tree. */
  base: number;
  /** Up to the best round. */
  trees: readonly Tree[];
}

export interface Boosted {
  model: BoostedTrees;
  /** A round each; `validation` is the log-likelihood a unit of weight (higher is better). */
  history: readonly EpochRecord[];
  bestRound: number;
}

/**
 * The same data, options and seed give the same trees on every machine.
 * @throws RangeError where there is nothing to learn: no rows, no weight, labels that are all the same
 */
export function boost(train: Labelled, validation: Labelled | null, options: BoostOptions): Boosted {
  const { rounds, patience, seed, rowShare, columnShare, onProgress } = options;
  const { features, label, weight } = checked(train);
  if (validation) checked(validation, false);
  const { names, rows } = features;
  const bins = binned(features, Math.min(options.bins, MOST_BINS));
  const base = Math.fround(logOdds(train));
  const margin = new Float64Array(rows).fill(base);
  const held = new Float64Array(validation?.features.rows ?? 0).fill(base);
  const derivatives: Derivatives = { first: new Float64Array(rows), second: new Float64Array(rows) };
  const trees: Tree[] = [];
  const history: EpochRecord[] = [];
  let best = { round: 0, value: Number.NEGATIVE_INFINITY };
  for (let round = 1; round <= rounds && round - best.round <= patience; round++) {
    const random = Random.of(seed, `round/${round}`);
    for (let i = 0; i < rows; i++) {
      const p = sigmoid(margin[i]!);
      derivatives.first[i] = weight[i]! * (p - label[i]!);
      derivatives.second[i] = weight[i]! * p * (1 - p);
    }
    const tree = growTree(
      bins,
      drawn(rows, rowShare, random),
      [...drawn(names.length, columnShare, random)],
      derivatives,
      options,
    );
    trees.push(tree);
    addTree(margin, tree, features);
    const loss = -meanLogLikelihood(margin, train);
    if (validation) addTree(held, tree, validation.features);
    const value = validation ? meanLogLikelihood(held, validation) : null;
    history.push({ epoch: round, loss, validation: value });
    if (value === null || value > best.value) best = { round, value: value ?? 0 };
    onProgress?.({ epoch: round, epochs: rounds, step: 1, steps: 1, loss, validation: value });
  }
  return { model: { names, base, trees: trees.slice(0, best.round) }, history, bestRound: best.round };
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Probabilities, [rows]. */
export function predict({ base, trees }: BoostedTrees, features: FeatureTable): Float64Array {
  const margin = new Float64Array(features.rows).fill(base);
  for (const tree of trees) addTree(margin, tree, features);
  return margin.map(sigmoid);
}

/** By feature, the share of all gain that its splits brought; they sum to 1, or are all 0 where nothing was split. */
export function importances({ names, trees }: BoostedTrees): Record<string, number> {
  const gain = new Float64Array(names.length);
  for (const { nodes } of trees) for (const node of nodes) if (!isLeaf(node)) gain[node.feature]! += node.gain;
  const total = gain.reduce((sum, one) => sum + one, 0);
  return Object.fromEntries(names.map((name, f) => [name, total > 0 ? gain[f]! / total : 0]));
}

/** Thresholds and leaf values. */
export function treeParameters({ trees }: BoostedTrees): number {
  return trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
}

function addTree(margin: Float64Array, tree: Tree, { names, values }: FeatureTable): void {
  for (let i = 0; i < margin.length; i++) margin[i]! += leafValue(tree, values, i * names.length);
}

/** Ascending. */
function drawn(n: number, share: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: n }, (_, i) => i);
  return share >= 1
    ? all
    : random
        .shuffle(all)
        .slice(0, Math.max(1, Math.round(share * n)))
        .sort();
}

function meanLogLikelihood(margin: Float64Array, { label, weight }: Labelled): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < margin.length; i++) {
    const x = margin[i]!;
    // log(1 + e^x) without overflow.
    const softplus = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    sum += weight[i]! * (label[i]! * x - softplus);
    total += weight[i]!;
  }
  return sum / total;
}

function logOdds({ label, weight, features }: Labelled): number {
  let taken = 0;
  let total = 0;
  for (let i = 0; i < features.rows; i++) {
    taken += weight[i]! * label[i]!;
    total += weight[i]!;
  }
  return Math.log(taken / (total - taken));
}

function checked(data: Labelled, toLearnFrom = true): Labelled {
  const { features, label, weight } = data;
  const { rows } = features;
  if (label.length !== rows || weight.length !== rows) {
    throw new RangeError(`${rows} rows, ${label.length} labels, ${weight.length} weights`);
  }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    if (!(label[i]! >= 0 && label[i]! <= 1)) throw new RangeError(`row ${i}: a label of ${label[i]}`);
    if (!(weight[i]! >= 0 && weight[i]! < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`row ${i}: a weight of ${weight[i]}`);
    }
    if (weight[i] === 0) continue;
    least = Math.min(least, label[i]!);
    most = Math.max(most, label[i]!);
  }
  if (least > most) throw new RangeError('no row has any weight');
  if (toLearnFrom && least === most) throw new RangeError(`every label is ${least}: there is nothing to tell apart`);
  return data;
}
