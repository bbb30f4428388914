/** SASRec (Kang and McAuley 2018), pre-norm: a causal transformer over the items of a history. */
import { causalTransformer, lastState } from '../../training/engine/causal-transformer.ts';
import { sizeAt, symbol } from '../../training/engine/dimension.ts';
import type { Graph, Parameter, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal } from '../../training/engine/initial.ts';
import { binaryPairs, fullSoftmax, sampledSoftmax } from '../../training/engine/losses.ts';
import { scale } from '../../training/engine/operators/arithmetic.ts';
import { lookup, select, slice } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import * as plain from '../../training/engine/operators/plain.ts';
import type { SasrecConfig } from './config.ts';

/** [items + 1, width]; row 0 is the padding's. */
export function itemTable(graph: Graph, items: number, width: number): Parameter {
  return graph.parameter('item_embedding', [items + 1, width], truncatedNormal(0.02));
}

/** [batch, length, width] of a history [batch, length] as `writeHistory` has it. */
export function embedded(table: Parameter, history: Tensor): Tensor {
  return scale(lookup(table, history), Math.sqrt(table.shape[1]!));
}

/**
 * Inputs: `history` [batch, length]; `positions` [targets], places in the flattened batch that have a target; `targets`
 * and `weights` [targets]; `negatives`: [targets] for `bce`, [m] with `corrections` for `sampled_ce`.
 */
export function sasrecLoss(graph: Graph, items: number, config: SasrecConfig): Tensor {
  const history = graph.input('history', 'int32', [symbol('batch'), config.length]);
  const count = [symbol('targets')];
  const positions = graph.input('positions', 'int32', count);
  const targets = graph.input('targets', 'int32', count);
  const weights = graph.input('weights', 'float', count);
  const table = itemTable(graph, items, config.width);
  const state = select(causalTransformer(embedded(table, history), history, config), positions);
  const target = lookup(table, targets);
  switch (config.loss) {
    case 'ce':
      return fullSoftmax(
        state,
        slice(table, 0, 1, items + 1),
        target,
        plain.sub(targets, graph.indices([1], [])),
        weights,
      );
    case 'bce':
      return binaryPairs(state, target, lookup(table, graph.input('negatives', 'int32', count)), weights);
    case 'sampled_ce': {
      const negatives = graph.input('negatives', 'int32', [config.negatives]);
      const correction = graph.input('corrections', 'float', [config.negatives]);
      const sampled = { items: lookup(table, negatives), ids: negatives, targetIds: targets, correction };
      return sampledSoftmax(state, target, sampled, weights);
    }
  }
}

/** Inputs: `history` [batch, length], `candidates` [candidates] (item + 1). Output: `scores` [batch, candidates]. */
export function sasrecScores(graph: Graph, items: number, config: SasrecConfig): Tensor {
  const { width, length } = config;
  const history = graph.input('history', 'int32', [symbol('batch'), length]);
  const candidates = graph.input('candidates', 'int32', [symbol('candidates')]);
  const table = itemTable(graph, items, width);
  const states = causalTransformer(embedded(table, history), history, config);
  const state = lastState(states, sizeAt(history.shape, 0), config);
  return matmul(state, lookup(table, candidates), { flipB: true });
}
