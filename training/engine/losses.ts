/** Losses of models that choose an item for a state. `weights` [n] say how much each row counts. */
import type { Tensor } from './graph.ts';
import { NEVER } from './layers.ts';
import { add, asNumber, mul, negative, shift, softplus, sub } from './operators/arithmetic.ts';
import { concat, reshape } from './operators/layout.ts';
import { logPartition } from './operators/log-partition.ts';
import { matmul } from './operators/matmul.ts';
import * as plain from './operators/plain.ts';
import { logSumExp, sum, weightedMean } from './operators/reduction.ts';

/** The score of one item a row: [n] of states and items [n, width]. */
export function rowScores(states: Tensor, items: Tensor): Tensor {
  return sum(mul(states, items), [1]);
}

/**
 * Cross-entropy over all items.
 * @param items [items, width], those of `target` [n, width] among them
 * @param places [n], which of the items the targets are
 */
export function fullSoftmax(states: Tensor, items: Tensor, target: Tensor, places: Tensor, weights: Tensor): Tensor {
  return weightedMean(sub(logPartition(states, items, places), rowScores(states, target)), weights);
}

export interface Sampled {
  /** [m, width], the same for all rows. */
  items: Tensor;
  /** [m] and [n]: a sample that is a row's own target does not count against it. */
  ids: Tensor;
  targetIds: Tensor;
  /** [m]: -log of how often each sample is expected among them (Bengio and Senécal 2008). */
  correction: Tensor;
}

/** Cross-entropy over the target and samples, each corrected so that their sum stands for that over all items. */
export function sampledSoftmax(states: Tensor, target: Tensor, sampled: Sampled, weights: Tensor): Tensor {
  const [n] = states.shape;
  const logits = shift(matmul(states, sampled.items, { flipB: true }), sampled.correction);
  const hits = plain.mul(sameIds(sampled.targetIds, sampled.ids), states.graph.scalar(NEVER));
  const picked = rowScores(states, target);
  const all = concat([reshape(picked, [n!, 1]), shift(logits, hits)], 1);
  return weightedMean(sub(logSumExp(all), picked), weights);
}

/**
 * Cross-entropy of each row's target [n, width] against the targets of the other rows.
 * @param ids [n] of the targets: the same item in another row does not count against it
 * @param correction [n]: -log of how likely each target is to be in a batch (Yi et al. 2019, section 4)
 */
export function inBatchSoftmax(
  states: Tensor,
  targets: Tensor,
  ids: Tensor,
  correction: Tensor,
  weights: Tensor,
): Tensor {
  const { graph } = states;
  const logits = shift(matmul(states, targets, { flipB: true }), correction);
  const same = sameIds(ids, ids);
  const others = plain.sub(same, graph.emit('EyeLike', [same], same.shape));
  const picked = shift(rowScores(states, targets), correction);
  return weightedMean(sub(logSumExp(shift(logits, plain.mul(others, graph.scalar(NEVER)))), picked), weights);
}

/** [n, m], 1 where ids [n] and [m] are the same. */
function sameIds(rows: Tensor, columns: Tensor): Tensor {
  const { graph } = rows;
  const [n] = rows.shape;
  const [m] = columns.shape;
  const same = graph.emit('Equal', [plain.reshaped(rows, [n!, 1]), plain.reshaped(columns, [1, m!])], [n!, m!], {
    type: 'bool',
  });
  return asNumber(same);
}

/** Binary cross-entropy of targets against as many items that were not taken, each [n, width] (Kang and McAuley 2018, eq. 7). */
export function binaryPairs(states: Tensor, target: Tensor, other: Tensor, weights: Tensor): Tensor {
  const taken = softplus(negative(rowScores(states, target)));
  const refused = softplus(rowScores(states, other));
  return weightedMean(add(taken, refused), weights);
}

/** -log sigmoid(better - worse), each score [n] (Rendle et al. 2009, section 4.1). */
export function pairwise(better: Tensor, worse: Tensor, weights: Tensor): Tensor {
  return weightedMean(softplus(sub(worse, better)), weights);
}

/** Of logits [n] and labels [n] in [0, 1]. */
export function binary(logits: Tensor, labels: Tensor, weights: Tensor): Tensor {
  return weightedMean(sub(softplus(logits), mul(logits, labels)), weights);
}
