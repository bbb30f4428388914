/**
 * Two towers for retrieval (Yi et al. 2019): a traveller's and a venue's 64 numbers, whose cosine says how well they go
 * together. The venue's tower sees content alone (its record, and its text as a frozen encoder reads it), so that a new venue has its vector at once.
 */
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { mlp } from '../../training/engine/layers.ts';
import { inBatchSoftmax } from '../../training/engine/losses.ts';
import { scale } from '../../training/engine/operators/arithmetic.ts';
import { unitRows } from '../../training/engine/operators/unit-rows.ts';
import type { TwoTowerConfig } from './config.ts';
import { ITEM_FEATURES, TOWER_WIDTH, USER_FEATURES } from './inputs.ts';

/** [n, features] to [n, 64] of unit length. */
function tower(name: string, features: Tensor, { hidden, dropout }: TwoTowerConfig): Tensor {
  return unitRows(mlp(name, features, [...hidden, TOWER_WIDTH], dropout));
}

export function userTower(graph: Graph, config: TwoTowerConfig): Tensor {
  return tower('user', graph.input('user', 'float', [symbol('users'), USER_FEATURES]), config);
}

export function itemTower(graph: Graph, config: TwoTowerConfig): Tensor {
  return tower('item', graph.input('item', 'float', [symbol('items'), ITEM_FEATURES]), config);
}

/**
 * Softmax over the venues of the batch. Inputs: `user` [n, USER_FEATURES], `item` [n, ITEM_FEATURES] that each took,
 * `item_ids`, `corrections` and `weights` [n].
 */
export function twoTowerLoss(graph: Graph, config: TwoTowerConfig): Tensor {
  const rows = symbol('rows');
  const user = tower('user', graph.input('user', 'float', [rows, USER_FEATURES]), config);
  const item = tower('item', graph.input('item', 'float', [rows, ITEM_FEATURES]), config);
  return inBatchSoftmax(
    scale(user, 1 / config.temperature),
    item,
    graph.input('item_ids', 'int32', [rows]),
    graph.input('corrections', 'float', [rows]),
    graph.input('weights', 'float', [rows]),
  );
}
