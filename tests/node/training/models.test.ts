import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { bprConfig } from '../../../models/bpr/config.ts';
import { bprLoss } from '../../../models/bpr/graph.ts';
import { plattLine } from '../../../models/dlrm/calibration.ts';
import { dlrmConfig } from '../../../models/dlrm/config.ts';
import { dlrmLoss } from '../../../models/dlrm/graph.ts';
import { lightgcnLoss } from '../../../models/lightgcn/graph.ts';
import { interactionGraph, propagate } from '../../../models/lightgcn/propagation.ts';
import { sasrecBatches } from '../../../models/sasrec/batches.ts';
import { sasrecConfig } from '../../../models/sasrec/config.ts';
import { sasrecLoss, sasrecScores } from '../../../models/sasrec/graph.ts';
import { writeHistory } from '../../../models/sasrec/inputs.ts';
import { twoTowerConfig } from '../../../models/two-tower/config.ts';
import { twoTowerLoss } from '../../../models/two-tower/graph.ts';
import { ITEM_FEATURES, USER_FEATURES } from '../../../models/two-tower/inputs.ts';
import { uSasrecConfig } from '../../../models/u-sasrec/config.ts';
import { uSasrecLoss } from '../../../models/u-sasrec/graph.ts';
import { Graph, type Tensor } from '../../../training/engine/graph.ts';
import type { ParameterValues } from '../../../training/engine/parameter-values.ts';
import { type Feed, type Feeds, parameterTensors, Session } from '../../../training/engine/session.ts';
import { train } from '../../../training/engine/train.ts';
import { checkGradients } from './gradient-check.ts';

const small = { width: 8, length: 4, blocks: 2, heads: 2, dropout: 0.1 };

function indices(of: readonly number[], shape = [of.length]): Feed {
  return { data: Int32Array.from(of), shape };
}

function numbers(shape: readonly number[], of: (i: number) => number): Feed {
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)), shape };
}

async function sasrecOf(values: ParameterValues, items: number, config: ReturnType<typeof sasrecConfig.parse>) {
  const graph = new Graph();
  const session = await Session.of(graph, { scores: sasrecScores(graph, items, config) });
  const parameters = parameterTensors(graph, values);
  return (histories: readonly (readonly number[])[], candidates: readonly number[]) => {
    const history = new Int32Array(histories.length * config.length);
    histories.forEach((each, row) => {
      writeHistory(each, config.length, history, row * config.length);
    });
    const feeds = {
      history: { data: history, shape: [histories.length, config.length] },
      candidates: indices(candidates.map((item) => item + 1)),
    };
    return session.run(parameters, feeds, ({ scores }) =>
      histories.map((_, row) => Array.from(scores.data.slice(row * candidates.length, (row + 1) * candidates.length))),
    );
  };
}

describe('every model has the gradient of its finite differences', () => {
  const histories = [Int32Array.of(0, 1, 2), Int32Array.of(3, 4), Int32Array.of(2, 0, 4, 1, 3, 2, 1)];

  test.each(['ce', 'bce', 'sampled_ce'] as const)('SASRec with %s', async (loss) => {
    const config = sasrecConfig.parse({ ...small, loss, negatives: 3, batch: 3 });
    const [feeds] = sasrecBatches(histories, 5, config, Random.of(1));
    await checkGradients((graph) => sasrecLoss(graph, 5, config), { feeds: feeds!, tolerance: 1e-4 });
  });

  test('BPR', async () => {
    const feeds = {
      user: indices([0, 1, 0]),
      better: indices([2, 1, 2]),
      worse: indices([0, 3, 1]),
      weights: numbers([3], (i) => 1 + i),
    };
    await checkGradients((graph) => bprLoss(graph, 2, 4, bprConfig.parse({ width: 3 })), { feeds });
  });

  test('U-SASRec, for a traveller and for a group', async () => {
    const config = uSasrecConfig.parse({ ...small });
    const of = (values: readonly number[]) => indices(values, [8]);
    const feeds: Feeds = {
      history_ids: of([0, 2, 3, 1, 0, 0, 4, 2]),
      history_rows: of([0, 0, 1, 2, 0, 0, 2, 0]),
      action: of([0, 1, 2, 1, 0, 0, 1, 1]),
      trip_day: of([0, 1, 1, 2, 0, 0, 3, 0]),
      day_part: of([0, 1, 2, 3, 0, 0, 1, 0]),
      gap: of([0, 1, 2, 3, 0, 0, 1, 4]),
      features: numbers([3, 5], (i) => Math.sin(i)),
      personas: numbers([2, 8, 128], (i) => (i < 128 || (i >= 1024 && i < 1024 + 256) ? Math.cos(i) : 0)),
      persona_present: numbers([2, 8], (i) => (i === 0 || i === 8 || i === 9 ? 1 : 0)),
      positions: indices([2, 3, 7]),
      target_ids: indices([3, 4, 2]),
      target_rows: indices([1, 2, 0]),
      target_places: indices([1, 2, 0]),
      candidate_ids: indices([2, 3, 4]),
      candidate_rows: indices([0, 1, 2]),
      weights: numbers([3], () => 1),
    };
    await checkGradients((graph) => uSasrecLoss(graph, 3, 5, config), { feeds, tolerance: 1e-4 });
  });
});

describe('the models of our own data and of pairs', () => {
  test('DLRM and the two towers and LightGCN have the gradient of their finite differences', async () => {
    const head = { groups: { state: 3, venue: 4 }, dense: 5 };
    const config = dlrmConfig.parse({ width: 3, bottom: [4], top: [4], dropout: 0 });
    const offers = {
      state: numbers([4, 3], Math.sin),
      venue: numbers([4, 4], Math.cos),
      dense: numbers([4, 5], (i) => Math.sin(2 * i)),
      labels: numbers([4], (i) => i % 2),
      weights: numbers([4], (i) => 1 + i),
    };
    await checkGradients((graph) => dlrmLoss(graph, head, config), { feeds: offers, tolerance: 1e-4 });
    const towers = twoTowerConfig.parse({ hidden: [6], dropout: 0, temperature: 1 });
    const pairs = {
      user: numbers([3, USER_FEATURES], Math.sin),
      item: numbers([3, ITEM_FEATURES], Math.cos),
      item_ids: indices([4, 2, 4]),
      corrections: numbers([3], (i) => i / 2),
      weights: numbers([3], () => 1),
    };
    await checkGradients((graph) => twoTowerLoss(graph, towers), { feeds: pairs, tolerance: 1e-4, probes: 8 });
    const triples = {
      user: indices([0, 1]),
      better: indices([3, 4]),
      worse: indices([4, 2]),
      weights: numbers([2], () => 1),
    };
    await checkGradients((graph) => lightgcnLoss(graph, 5, { width: 3, regularisation: 0.1 }), { feeds: triples });
  });

  test('LightGCN’s propagation is its own transpose, and that of the formula', () => {
    const graph = interactionGraph(2, 2, [
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    // Nodes 0, 1 are users, 2, 3 items; degrees 2, 1, 1, 2.
    const adjacency = [
      [0, 0, 1 / Math.sqrt(2), 1 / 2],
      [0, 0, 0, 1 / Math.sqrt(2)],
      [1 / Math.sqrt(2), 0, 0, 0],
      [1 / 2, 1 / Math.sqrt(2), 0, 0],
    ];
    const step = (x: readonly number[]) => adjacency.map((row) => row.reduce((sum, a, j) => sum + a * x[j]!, 0));
    const x = [1, 2, -1, 0.5];
    const [one, two] = [step(x), step(step(x))];
    const expected = x.map((value, i) => (value + one[i]! + two[i]!) / 3);
    Array.from(propagate(graph, Float32Array.from(x), 1, 2)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    const y = [0.3, -1, 2, 1];
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
    const left = dot(propagate(graph, Float32Array.from(x), 1, 3), y);
    expect(left).toBeCloseTo(dot(x, propagate(graph, Float32Array.from(y), 1, 3)), 5);
  });

  test('BPR, LightGCN’s loss and DLRM learn 64 rows by heart', async () => {
    const random = Random.of(8);
    const each = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => of(i));
    const pairs = {
      user: indices(each(64, (i) => i % 16)),
      better: indices(each(64, (i) => (i * 7) % 20)),
      worse: indices(each(64, (i) => 20 + ((i * 3) % 20))),
      weights: numbers([64], () => 1),
    };
    const learned = async (loss: (graph: Graph) => Tensor, feeds: Feeds) => {
      const run = await train(
        { loss, steps: 1, batches: () => [feeds], validate: null },
        { epochs: 200, patience: 200, seed: 1, learningRate: 0.03 },
      );
      return run.history.at(-1)!.loss;
    };
    expect(await learned((graph) => bprLoss(graph, 16, 40, bprConfig.parse({ width: 8 })), pairs)).toBeLessThan(0.01);
    const offers = {
      state: numbers([64, 6], () => random.normal()),
      venue: numbers([64, 8], () => random.normal()),
      dense: numbers([64, 5], () => random.normal()),
      labels: numbers([64], () => (random.chance(0.5) ? 1 : 0)),
      weights: numbers([64], () => 1),
    };
    const head = { groups: { state: 6, venue: 8 }, dense: 5 };
    expect(await learned((graph) => dlrmLoss(graph, head, dlrmConfig.parse({ dropout: 0 })), offers)).toBeLessThan(
      0.01,
    );
    const towers = twoTowerConfig.parse({ dropout: 0 });
    const taken = {
      user: numbers([64, USER_FEATURES], () => random.normal()),
      item: numbers([64, ITEM_FEATURES], () => random.normal()),
      item_ids: indices(each(64, (i) => i)),
      corrections: numbers([64], () => 0),
      weights: numbers([64], () => 1),
    };
    expect(await learned((graph) => twoTowerLoss(graph, towers), taken)).toBeLessThan(0.02);
  });

  test('a probability of the DLRM head means what it says once the line is found', () => {
    const random = Random.of(12);
    const truth = Array.from({ length: 4000 }, () => 2 * random.normal());
    const labels = truth.map((x) => (random.chance(1 / (1 + Math.exp(-x))) ? 1 : 0));
    const { slope, offset } = plattLine(
      truth.map((x) => 3 * x - 1),
      labels,
    );
    expect(slope).toBeCloseTo(1 / 3, 1);
    expect(offset).toBeCloseTo(1 / 3, 1);
  });
});

describe('SASRec', () => {
  test('learns 64 histories by heart', async () => {
    const random = Random.of(3);
    const histories = Array.from({ length: 64 }, (_, user) =>
      Int32Array.from({ length: 6 }, (__, i) => (i === 0 ? user : random.int(64))),
    );
    const config = sasrecConfig.parse({ ...small, width: 32, length: 6, dropout: 0, batch: 64 });
    const { history } = await train(
      {
        loss: (graph) => sasrecLoss(graph, 64, config),
        steps: 1,
        batches: (r) => sasrecBatches(histories, 64, config, r),
        validate: null,
      },
      { epochs: 300, patience: 300, seed: 1, learningRate: 0.01 },
    );
    expect(history.at(-1)!.loss).toBeLessThan(0.05);
  });

  test.each(['ce', 'bce', 'sampled_ce'] as const)(
    'reaches the entropy of a planted Markov chain with %s',
    async (loss) => {
      // From item i, 70% to i + 1, 30% to i + 7 (mod 20): 0.611 nats, and an accuracy of 70% at best.
      const random = Random.of(9);
      const items = 20;
      const histories = Array.from({ length: 400 }, () => {
        const walk = new Int32Array(12);
        walk[0] = random.int(items);
        for (let i = 1; i < walk.length; i++) walk[i] = (walk[i - 1]! + (random.chance(0.7) ? 1 : 7)) % items;
        return walk;
      });
      const config = sasrecConfig.parse({
        ...small,
        width: 32,
        length: 11,
        dropout: 0,
        batch: 100,
        loss,
        negatives: 10,
      });
      const { values, history } = await train(
        {
          loss: (graph) => sasrecLoss(graph, items, config),
          steps: 4,
          batches: (r) => sasrecBatches(histories, items, config, r),
          validate: null,
        },
        { epochs: 30, patience: 30, seed: 1, learningRate: 0.01 },
      );
      const score = await sasrecOf(values, items, config);
      const [row] = await score([[3, 4, 5]], [...Array(items).keys()]);
      const order = row!.map((_, item) => item).sort((a, b) => row![b]! - row![a]!);
      expect(order.slice(0, 2)).toEqual([6, 12]);
      const floor = -(0.7 * Math.log(0.7) + 0.3 * Math.log(0.3));
      if (loss !== 'ce') return;
      expect(history.at(-1)!.loss).toBeGreaterThan(floor - 0.05);
      expect(history.at(-1)!.loss).toBeLessThan(floor + 0.05);
    },
  );

  test('scores a history the same beside longer ones, with more padding, and as one of a batch', async () => {
    const config = sasrecConfig.parse({ ...small });
    const graph = new Graph();
    sasrecScores(graph, 6, config);
    const random = Random.of(2);
    const values = new Map(
      graph.parameters.map(({ name, shape }) => [
        name,
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      ]),
    );
    const score = await sasrecOf(values, 6, config);
    const candidates = [0, 1, 2, 3, 4, 5];
    const alone = (await score([[1, 2]], candidates))[0]!;
    // What stands in the padding's place changes nothing.
    const table = values.get('item_embedding')!;
    for (let i = 0; i < config.width; i++) table[i] = 50;
    const together = await score([[3, 4, 5, 0, 1], [1, 2], []], candidates);
    together[1]!.forEach((value, i) => {
      expect(value).toBeCloseTo(alone[i]!, 4);
    });
    // A longer past than the model's length is cut to the latest.
    const [long, cut] = await score(
      [
        [5, 5, 1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
      candidates,
    );
    expect(long).toEqual(cut);
    // And the order matters.
    const [forward, back] = await score(
      [
        [1, 2],
        [2, 1],
      ],
      candidates,
    );
    expect(forward).not.toEqual(back);
  });
});
