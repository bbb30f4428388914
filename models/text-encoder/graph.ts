/**
 * A deep averaging network (Iyyer et al. 2015) over hashed features: rows are looked up, added up by kind, and go through
 * an MLP to unit length.
 */

import { type Dimension, symbol, timesSize } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal } from '../../training/engine/initial.ts';
import { linear, mlp } from '../../training/engine/layers.ts';
import { inBatchSoftmax, rowScores } from '../../training/engine/losses.ts';
import { add, scale } from '../../training/engine/operators/arithmetic.ts';
import { dropout } from '../../training/engine/operators/dropout.ts';
import { lookup, reshape, slice } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import { sum, weightedMean } from '../../training/engine/operators/reduction.ts';
import { unitRows } from '../../training/engine/operators/unit-rows.ts';
import type { TextEncoderConfig } from './config.ts';
import { BUCKETS, KINDS } from './inputs.ts';

/**
 * The bags of each text [texts, KINDS * row], from the inputs `ids` [texts, length] and `weights` [texts, KINDS, length].
 */
export function textBags(graph: Graph, texts: Dimension, row: number, buckets = BUCKETS): Tensor {
  const length = symbol('length');
  const ids = graph.input('ids', 'int32', [texts, length]);
  const weights = graph.input('weights', 'float', [texts, KINDS, length]);
  const table = graph.parameter('feature_table', [buckets, row], truncatedNormal(0.05));
  return reshape(matmul(weights, lookup(table, ids)), [texts, KINDS * row]);
}

/** The MLP beside a straight way: words without a learned meaning keep the direction that their hash gave them. */
function vectors(graph: Graph, texts: Dimension, config: TextEncoderConfig): Tensor {
  const bags = dropout(textBags(graph, texts, config.row), config.dropout);
  const deep = mlp('text', bags, [...config.hidden, config.dimensions], config.dropout);
  return unitRows(add(deep, linear('straight', bags, config.dimensions, { bias: false })));
}

/** [texts, dimensions], each of unit length. */
export function textVectors(graph: Graph, config: TextEncoderConfig): Tensor {
  return vectors(graph, symbol('texts'), config);
}

/**
 * Pairs of texts about the same venue, one after the other. Inputs besides the texts' own: `teacher` [2 pairs, width] of
 * unit length; `venues` [pairs]; `corrections` [pairs] (zeros: every venue is as likely); `pair_weights` [pairs].
 */
export function textEncoderLoss(graph: Graph, width: number, config: TextEncoderConfig): Tensor {
  const pairs = symbol('pairs');
  const texts = timesSize(pairs, 2);
  const own = vectors(graph, texts, config);
  const weights = graph.input('pair_weights', 'float', [pairs]);
  const both = reshape(own, [pairs, 2 * config.dimensions]);
  const apart = inBatchSoftmax(
    scale(slice(both, 1, 0, config.dimensions), 1 / config.temperature),
    slice(both, 1, config.dimensions, 2 * config.dimensions),
    graph.input('venues', 'int32', [pairs]),
    graph.input('corrections', 'float', [pairs]),
    weights,
  );
  const teacher = graph.input('teacher', 'float', [texts, width]);
  const near = rowScores(unitRows(linear('teacher', own, width)), teacher);
  const far = scale(sum(reshape(near, [pairs, 2]), [1]), -config.teacher_weight / 2);
  return add(apart, weightedMean(far, weights));
}
