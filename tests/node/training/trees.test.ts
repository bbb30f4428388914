import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { binned } from '../../../training/trees/bins.ts';
import {
  type BoostOptions,
  boost,
  importances,
  type Labelled,
  predict,
  sigmoid,
} from '../../../training/trees/boost.ts';
import { type FeatureTable, featureTable } from '../../../training/trees/feature-table.ts';
import { growTree } from '../../../training/trees/grow.ts';
import { treesFile } from '../../../training/trees/onnx.ts';
import { bestSplit, type SplitRules } from '../../../training/trees/split.ts';
import { isLeaf, leafValue } from '../../../training/trees/tree.ts';
import { furthest, runInBoth } from './both-runtimes.ts';

const OPTIONS: BoostOptions = {
  rounds: 100,
  patience: 10,
  depth: 3,
  learningRate: 0.1,
  l2: 1,
  minGain: 0,
  minChildWeight: 1,
  rowShare: 1,
  columnShare: 1,
  bins: 64,
  seed: 1,
};

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Few values, so that there are ties; a fifth is missing. */
function randomTable(random: Random, rows: number, features: number): FeatureTable {
  const value = () => (random.chance(0.2) ? Number.NaN : random.int(6) / 3 - 1);
  return featureTable(
    range(features).map((f) => `f${f}`),
    range(rows).map(() => Float32Array.from({ length: features }, value)),
  );
}

/** What the best weight of a leaf brings its loss to: min over w of G w + (H + lambda) w^2 / 2, found without the formula. */
function leastLoss(rows: readonly number[], first: Float64Array, second: Float64Array, l2: number): number {
  let g = 0;
  let h = l2;
  for (const row of rows) {
    g += first[row]!;
    h += second[row]!;
  }
  const at = (w: number) => g * w + (h * w * w) / 2;
  let [low, high] = [-100, 100];
  for (let i = 0; i < 200; i++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (at(a) < at(b)) high = b;
    else low = a;
  }
  return at((low + high) / 2);
}

describe('a split', () => {
  test('is the best of all that there are, over thresholds and sides for what is missing', () => {
    const random = Random.of(11);
    let found = 0;
    for (let round = 0; round < 150; round++) {
      const n = 2 + random.int(14);
      const table = randomTable(random, n, 3);
      const derivatives = {
        first: Float64Array.from({ length: n }, () => random.normal()),
        second: Float64Array.from({ length: n }, () => 0.05 + random.uniform()),
      };
      const rules: SplitRules = {
        l2: random.uniform(),
        minGain: random.pick([0, 0.1]),
        minChildWeight: random.pick([0, 0.7]),
      };
      const loss = (rows: readonly number[]) => leastLoss(rows, derivatives.first, derivatives.second, rules.l2);
      const weight = (rows: readonly number[]) => rows.reduce((sum, row) => sum + derivatives.second[row]!, 0);
      const rows = range(n);
      const gainOf = (isLeft: (row: number) => boolean) => {
        const [left, right] = [rows.filter(isLeft), rows.filter((row) => !isLeft(row))];
        if (left.length === 0 || right.length === 0) return Number.NEGATIVE_INFINITY;
        if (Math.min(weight(left), weight(right)) < rules.minChildWeight) return Number.NEGATIVE_INFINITY;
        return loss(rows) - loss(left) - loss(right) - rules.minGain;
      };
      const at = (row: number, f: number) => table.values[row * 3 + f]!;
      let best = 0;
      for (const f of range(3)) {
        for (const threshold of [...new Set(rows.map((row) => at(row, f)).filter((x) => !Number.isNaN(x)))]) {
          for (const missingLeft of [true, false]) {
            const gain = gainOf((row) => (Number.isNaN(at(row, f)) ? missingLeft : at(row, f) <= threshold));
            best = Math.max(best, gain);
          }
        }
      }
      const split = bestSplit(binned(table, 64), Int32Array.from(rows), [0, 1, 2], derivatives, rules);
      expect(split?.gain ?? 0).toBeCloseTo(best, 8);
      if (!split) continue;
      found++;
      // And it is what it says: the rows that its threshold sends left and right have that gain.
      const own = gainOf((row) => {
        const x = at(row, split.feature);
        return Number.isNaN(x) ? split.missingLeft : x <= split.threshold;
      });
      expect(own).toBeCloseTo(split.gain, 8);
    }
    expect(found).toBeGreaterThan(80);
  });

  test('of many values is made between bins of about as many rows', () => {
    const random = Random.of(2);
    const table = featureTable(
      ['x'],
      range(1000).map(() => Float32Array.of(random.normal())),
    );
    const { cuts, columns } = binned(table, 10);
    expect(cuts[0]!.length).toBe(9);
    const counts = new Array<number>(10).fill(0);
    for (const bin of columns[0]!) counts[bin]!++;
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThanOrEqual(1);
  });
});

test('a leaf weighs -G / (H + lambda), times the learning rate', () => {
  const table = featureTable(
    ['x'],
    [1, 2, 3].map((x) => Float32Array.of(x)),
  );
  const derivatives = { first: Float64Array.of(-1, 2, 3), second: Float64Array.of(1, 1, 2) };
  const rules = { depth: 1, learningRate: 0.5, l2: 1, minGain: 0, minChildWeight: 0 };
  const tree = growTree(binned(table, 8), Int32Array.of(0, 1, 2), [0], derivatives, rules);
  expect(leafValue(tree, Float32Array.of(1.5), 0)).toBeCloseTo(0.5 * (1 / 2), 6);
  expect(leafValue(tree, Float32Array.of(1.6), 0)).toBeCloseTo(0.5 * (-5 / 4), 6);
});

/** An interaction, a step, and a feature whose absence says something; then two that say nothing. */
function plantedLogOdds(row: Float32Array): number {
  const [a, b, c] = row;
  return (a! > 0.3 ? (b! > 0 ? 2 : -1) : -0.5) + (Number.isNaN(c!) ? 1 : c! > 0.5 ? -1 : 0);
}

function planted(rows: number, seed: number): Labelled & { chance: Float64Array } {
  const random = Random.of(seed);
  const made = range(rows).map(() => {
    const row = Float32Array.from({ length: 5 }, () => random.normal());
    if (random.chance(0.3)) row[2] = Number.NaN;
    return row;
  });
  const chance = Float64Array.from(made, (row) => sigmoid(plantedLogOdds(row)));
  return {
    features: featureTable(['a', 'b', 'c', 'noise', 'more_noise'], made),
    chance,
    label: chance.map((p) => (random.chance(p) ? 1 : 0)),
    weight: new Float64Array(rows).fill(1),
  };
}

describe('boosted trees', () => {
  test('find a planted function and nothing else', () => {
    const train = planted(4000, 1);
    const { model, history, bestRound } = boost(train, planted(1500, 2), { ...OPTIONS, rounds: 300 });
    const test = planted(3000, 3);
    const predicted = predict(model, test.features);
    const error = predicted.reduce((sum, p, i) => sum + Math.abs(p - test.chance[i]!), 0) / predicted.length;
    expect(error).toBeLessThan(0.06);
    const share = importances(model);
    expect(share.a! + share.b! + share.c!).toBeGreaterThan(0.9);
    expect(Object.values(share).reduce((x, y) => x + y)).toBeCloseTo(1, 9);
    // It ended when validation got no better, and kept the best.
    expect(history.length).toBe(bestRound + OPTIONS.patience);
    expect(model.trees.length).toBe(bestRound);
    expect(history[bestRound - 1]!.validation).toBe(Math.max(...history.map(({ validation }) => validation!)));
  });

  test('are the same bits from the same seed, and others from another', () => {
    const data = planted(400, 4);
    const options = { ...OPTIONS, rounds: 10, rowShare: 0.6, columnShare: 0.6 };
    const [one, again] = [boost(data, null, options), boost(data, null, options)];
    expect(one).toEqual(again);
    expect(boost(data, null, { ...options, seed: 2 }).model).not.toEqual(one.model);
  });

  test('a row of weight two is that row twice', () => {
    const data = planted(200, 5);
    const twice = range(200).flatMap((i) => (i % 3 === 0 ? [i, i] : [i]));
    const rowOf = (i: number) => data.features.values.slice(5 * i, 5 * i + 5);
    const repeated = {
      features: featureTable(data.features.names, twice.map(rowOf)),
      label: twice.map((i) => data.label[i]!),
      weight: twice.map(() => 1),
    };
    const weight = range(200).map((i) => (i % 3 === 0 ? 2 : 1));
    // As many bins as values: else the bins hold other rows.
    const options = { ...OPTIONS, rounds: 5, bins: 1000 };
    const a = predict(boost({ ...data, weight }, null, options).model, data.features);
    const b = predict(boost(repeated, null, options).model, data.features);
    expect(furthest(a, b)).toBeLessThan(1e-6);
  });

  test('refuse what nothing can be learned from, and say why', () => {
    const data = planted(20, 6);
    const zeros = new Float64Array(20);
    expect(() => boost({ ...data, label: zeros }, null, OPTIONS)).toThrow('every label is 0');
    expect(() => boost({ ...data, weight: zeros }, null, OPTIONS)).toThrow('no row has any weight');
    expect(() => boost({ ...data, label: zeros.slice(1) }, null, OPTIONS)).toThrow('20 rows, 19 labels');
    expect(() => boost({ ...data, weight: zeros.fill(Number.NaN) }, null, OPTIONS)).toThrow('row 0: a weight of NaN');
    expect(() => featureTable(['x', 'y'], [Float32Array.of(1, Number.POSITIVE_INFINITY)])).toThrow(
      'row 0: y is Infinity',
    );
    expect(() => featureTable(['x'], [Float32Array.of(1, 2)])).toThrow('row 0: 2 features of 1');
  });
});

describe('the ONNX file', () => {
  const check = async (model: ReturnType<typeof boost>['model'], table: FeatureTable) => {
    const file = treesFile('trees', model, { model: 'trees' });
    const feeds = { features: { data: table.values, shape: [table.rows, table.names.length] } };
    const own = predict(model, table);
    const { native, web } = await runInBoth(file, feeds, 'probability');
    expect(furthest(own, native)).toBeLessThan(1e-4);
    expect(furthest(own, web)).toBeLessThan(1e-4);
  };

  test('gives the probabilities of the trees, in native ONNX Runtime and in WebAssembly', async () => {
    const { model } = boost(planted(1500, 7), null, { ...OPTIONS, depth: 5, rounds: 60 });
    // Values on the thresholds themselves, and nothing at all.
    const rows = range(400).map(() => Float32Array.from({ length: 5 }, () => Number.NaN));
    const random = Random.of(8);
    const splits = model.trees.flatMap(({ nodes }) => nodes.flatMap((node) => (isLeaf(node) ? [] : [node])));
    for (const row of rows.slice(1)) {
      for (const split of splits) if (random.chance(0.2)) row[split.feature] = split.threshold;
    }
    await check(model, featureTable(model.names, rows));
    await check(model, planted(500, 9).features);
  });

  test('holds for a tree that splits nothing, and for a single row', async () => {
    const { model } = boost(planted(50, 10), null, { ...OPTIONS, rounds: 2, minGain: 1e6 });
    expect(model.trees[0]!.nodes).toHaveLength(1);
    await check(model, planted(1, 11).features);
  });
});
