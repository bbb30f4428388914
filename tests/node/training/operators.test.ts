import { describe, expect, test } from 'vitest';
import { symbol } from '../../../training/engine/dimension.ts';
import { Graph, type Tensor } from '../../../training/engine/graph.ts';
import { zeros } from '../../../training/engine/initial.ts';
import { initialValues } from '../../../training/engine/initial-values.ts';
import { attention, causalBias, linear, mlp, norm } from '../../../training/engine/layers.ts';
import * as arithmetic from '../../../training/engine/operators/arithmetic.ts';
import { dropout } from '../../../training/engine/operators/dropout.ts';
import * as layout from '../../../training/engine/operators/layout.ts';
import { matmul } from '../../../training/engine/operators/matmul.ts';
import * as reduction from '../../../training/engine/operators/reduction.ts';
import { parameterTensors, Session } from '../../../training/engine/session.ts';
import { checkGradients } from './gradient-check.ts';

/** A scalar in which every value of `x` weighs something of its own. */
function weighed(x: Tensor): Tensor {
  const { graph } = x;
  const size = x.shape.reduce<number>((product, n) => product * (n as number), 1);
  const weights = Array.from({ length: size }, (_, i) => Math.sin(1 + i) + 0.3);
  return reduction.sum(arithmetic.mul(x, graph.constant(weights, x.shape as number[])));
}

const p = (graph: Graph, name: string, ...shape: number[]) => graph.parameter(name, shape, zeros);

const UNARY = {
  negative: arithmetic.negative,
  relu: (x: Tensor) => arithmetic.relu(arithmetic.shift(x, x.graph.scalar(-0.5))),
  sigmoid: arithmetic.sigmoid,
  tanh: arithmetic.tanh,
  softplus: arithmetic.softplus,
  exp: arithmetic.exp,
  log: arithmetic.log,
  sqrt: arithmetic.sqrt,
  scale: (x: Tensor) => arithmetic.scale(x, -1.7),
  softmax: reduction.softmax,
  logSumExp: reduction.logSumExp,
  'sum over an axis': (x: Tensor) => reduction.sum(x, [1]),
  'mean over an axis': (x: Tensor) => reduction.mean(x, [0]),
  'mean over two axes': (x: Tensor) => reduction.mean(x, [0, -1]),
  reshape: (x: Tensor) => layout.reshape(x, [4, 6]),
  transpose: (x: Tensor) => layout.transpose(x, [2, 0, 1]),
  slice: (x: Tensor) => layout.slice(x, 1, 1, 3),
  'repeat rows': (x: Tensor) => layout.repeatRows(layout.reshape(x, [6, 4]), 3),
  dropout: (x: Tensor) => dropout(x, 0.4),
  'l2 norm': (x: Tensor) =>
    arithmetic.div(x, arithmetic.sqrt(layout.reshape(reduction.sum(arithmetic.mul(x, x), [-1]), [2, 3, 1]))),
};

describe('every operator has the gradient of its finite differences', () => {
  test.each(Object.entries(UNARY))('%s', async (_, operator) => {
    await checkGradients((graph) => weighed(operator(p(graph, 'x', 2, 3, 4))));
  });

  test.each([
    ['the same shape', [2, 3], [2, 3]],
    ['a row for a matrix', [2, 3], [3]],
    ['a column for a matrix', [2, 3], [2, 1]],
    ['both broadcast', [2, 1, 3], [4, 1]],
    ['a scalar', [2, 3], []],
  ])('add, subtract, multiply, divide with %s', async (_, a, b) => {
    for (const operator of [arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.div]) {
      await checkGradients((graph) => weighed(operator(p(graph, 'a', ...a), p(graph, 'b', ...b))));
    }
  });

  test.each([
    ['matrices', [3, 4], [4, 2], false],
    ['matrices, the second flipped', [3, 4], [2, 4], true],
    ['batches', [2, 3, 4], [2, 4, 5], false],
    ['batches, the second flipped', [2, 2, 3, 4], [2, 2, 5, 4], true],
  ])('matmul of %s', async (_, a, b, flipB) => {
    await checkGradients((graph) => weighed(matmul(p(graph, 'a', ...a), p(graph, 'b', ...b), { flipB })));
  });

  test('masks and shifts let the gradient through to one side', async () => {
    await checkGradients((graph) => {
      const x = p(graph, 'x', 2, 3);
      const by = graph.constant([0, 1, 2], [3]);
      return weighed(arithmetic.shift(arithmetic.mask(x, by), by));
    });
  });

  test('layer norm', async () => {
    await checkGradients((graph) =>
      weighed(reduction.layerNorm(p(graph, 'x', 3, 5), p(graph, 'g', 5), p(graph, 'b', 5))),
    );
  });

  test('weighted mean', async () => {
    await checkGradients((graph) => reduction.weightedMean(p(graph, 'x', 5), graph.constant([0, 1, 0.5, 2, 0], [5])));
  });

  test('concat', async () => {
    await checkGradients((graph) =>
      weighed(layout.concat([p(graph, 'a', 2, 3), p(graph, 'b', 2, 1), p(graph, 'c', 2, 2)], 1)),
    );
  });

  test('lookup, a row more than once, and the table used whole besides', async () => {
    const feeds = { at: { data: Int32Array.of(1, 3, 1, 0), shape: [4] } };
    await checkGradients(
      (graph) => {
        const table = p(graph, 'table', 4, 3);
        const rows = layout.lookup(table, graph.input('at', 'int32', [4]));
        return arithmetic.add(weighed(rows), weighed(arithmetic.mul(table, table)));
      },
      { feeds },
    );
  });

  test('select', async () => {
    const feeds = { at: { data: Int32Array.of(2, 0), shape: [2] } };
    await checkGradients((graph) => weighed(layout.select(p(graph, 'x', 4, 3), graph.input('at', 'int32', [2]))), {
      feeds,
    });
  });

  test('layers: mlp, norm, attention', async () => {
    await checkGradients(
      (graph) => {
        const x = p(graph, 'x', 6, 4);
        const mixed = attention(
          'attention',
          norm('norm', x),
          x,
          { batch: 2, q: 3, k: 3 },
          { heads: 2, bias: causalBias(graph, 3) },
        );
        return weighed(mlp('mlp', mixed, [5, 2], 0.2));
      },
      { tolerance: 1e-5 },
    );
  });
});

describe('a graph whose batch is open', () => {
  test('runs at any batch size, and its gradients are those of the closed one', async () => {
    for (const rows of [1, 3, 7]) {
      const feeds = { x: { data: Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i)), shape: [rows, 4] } };
      await checkGradients(
        (graph) => {
          const y = norm('n', linear('l', graph.input('x', 'float', [symbol('rows'), 4]), 3));
          return reduction.sum(arithmetic.mul(y, y));
        },
        { feeds, tolerance: 1e-5 },
      );
    }
  });

  test('names the input that is missing or has another shape', async () => {
    const graph = new Graph();
    const y = linear('l', graph.input('x', 'float', [symbol('rows'), 4]), 3);
    const session = await Session.of(graph, { y });
    const parameters = parameterTensors(graph, initialValues(graph.parameters, 1));
    await expect(session.run(parameters, {}, () => 0)).rejects.toThrow('input x is missing');
    const wrong = { x: { data: new Float32Array(6), shape: [2, 3] } };
    await expect(session.run(parameters, wrong, () => 0)).rejects.toThrow('input x has the shape [2,3]');
  });
});
