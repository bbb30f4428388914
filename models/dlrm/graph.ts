/**
 * DLRM (Naumov et al. 2019) as the scoring head of the sequence model: named groups of features become vectors of one
 * width, every two of them meet in a dot product, and the probability that the venue is taken comes out of it.
 */
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { linear, mlp } from '../../training/engine/layers.ts';
import { binary } from '../../training/engine/losses.ts';
import { mul, relu } from '../../training/engine/operators/arithmetic.ts';
import { concat, reshape } from '../../training/engine/operators/layout.ts';
import { sum } from '../../training/engine/operators/reduction.ts';
import type { DlrmConfig } from './config.ts';

/** The groups and their numbers of features; the dense ones go through an MLP, the others through a layer. */
export interface DlrmFeatures {
  groups: Readonly<Record<string, number>>;
  dense: number;
}

/** [n] logits. Inputs: each group [n, its features], and `dense`. */
export function dlrmLogits(graph: Graph, { groups, dense }: DlrmFeatures, config: DlrmConfig): Tensor {
  const { width, bottom, top, dropout } = config;
  const rows = symbol('rows');
  const vectors = Object.entries(groups).map(([name, features]) =>
    linear(`group_${name}`, graph.input(name, 'float', [rows, features]), width),
  );
  const plainFeatures = relu(mlp('bottom', graph.input('dense', 'float', [rows, dense]), [...bottom, width], dropout));
  const all = [plainFeatures, ...vectors];
  const pairs: Tensor[] = [];
  for (let i = 0; i < all.length; i++) {
    for (let j = 0; j < i; j++) pairs.push(reshape(sum(mul(all[i]!, all[j]!), [1]), [rows, 1]));
  }
  return reshape(mlp('top', concat([...all, ...pairs], 1), [...top, 1], dropout), [rows]);
}

/** Inputs besides: `labels` (1 taken, 0 refused) and `weights` [n]. */
export function dlrmLoss(graph: Graph, features: DlrmFeatures, config: DlrmConfig): Tensor {
  const rows = [symbol('rows')];
  return binary(
    dlrmLogits(graph, features, config),
    graph.input('labels', 'float', rows),
    graph.input('weights', 'float', rows),
  );
}
