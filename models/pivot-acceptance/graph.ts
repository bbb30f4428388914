/** The pivot model as an MLP over standardised features, each with whether it is known. */
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { mlp } from '../../training/engine/layers.ts';
import { binary } from '../../training/engine/losses.ts';
import { asNumber, sigmoid } from '../../training/engine/operators/arithmetic.ts';
import { concat, reshape } from '../../training/engine/operators/layout.ts';
import * as plain from '../../training/engine/operators/plain.ts';
import type { FeatureTable } from '../../training/trees/feature-table.ts';

export interface Standard {
  /** Of each feature, over what is known; the scale is 0 where it says nothing: never known, or always the same. */
  mean: Float32Array;
  scale: Float32Array;
}

export function standardOf({ names, rows, values }: FeatureTable): Standard {
  const width = names.length;
  const mean = new Float32Array(width);
  const scale = new Float32Array(width);
  for (let f = 0; f < width; f++) {
    const column: number[] = [];
    for (let row = 0; row < rows; row++) {
      const x = values[row * width + f]!;
      if (!Number.isNaN(x)) column.push(x);
    }
    if (column.length === 0) continue;
    const centre = column.reduce((sum, x) => sum + x, 0) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - centre) ** 2, 0) / column.length);
    mean[f] = centre;
    scale[f] = deviation > 1e-6 ? 1 / deviation : 0;
  }
  return { mean, scale };
}

interface Shape {
  hidden: readonly number[];
  dropout: number;
}

/** [rows] of `features` [rows, width], NaN where one is not known: it is taken for the mean. */
function logits(graph: Graph, { mean, scale }: Standard, { hidden, dropout }: Shape): Tensor {
  const width = mean.length;
  const features = graph.input('features', 'float', [symbol('rows'), width]);
  // What was never known in training says nothing when it is known at last.
  const says = graph.constant(
    scale.map((x) => (x > 0 ? 1 : 0)),
    [width],
  );
  const missing = graph.emit('IsNaN', [features], features.shape, { type: 'bool' });
  const filled = graph.emit('Where', [missing, graph.constant(mean, [width]), features], features.shape, {
    type: features.type,
  });
  const standard = plain.mul(plain.sub(filled, graph.constant(mean, [width])), graph.constant(scale, [width]));
  // Nothing is learned by what is far outside of what was seen.
  const bound = graph.emit('Min', [standard, graph.scalar(4)], features.shape);
  const bounded = graph.emit('Max', [bound, graph.scalar(-4)], features.shape);
  const input = concat([bounded, plain.mul(asNumber(missing), says)], 1);
  return reshape(mlp('layer', input, [...hidden, 1], dropout), [symbol('rows')]);
}

/** Inputs: `features` [rows, width], `taken` and `weights` [rows]. */
export function pivotLoss(graph: Graph, standard: Standard, shape: Shape): Tensor {
  const rows = [symbol('rows')];
  const said = logits(graph, standard, shape);
  return binary(said, graph.input('taken', 'float', rows), graph.input('weights', 'float', rows));
}

/** Input: `features` [rows, width]. Output: [rows], that each option is taken. */
export function pivotProbability(graph: Graph, standard: Standard, shape: Shape): Tensor {
  return sigmoid(logits(graph, standard, shape));
}
