/** BPR-MF (Rendle et al. 2009): a traveller's and a venue's vector, learned from pairs of a taken and a refused venue. */
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal, zeros } from '../../training/engine/initial.ts';
import { pairwise, rowScores } from '../../training/engine/losses.ts';
import { add } from '../../training/engine/operators/arithmetic.ts';
import { lookup, reshape } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import * as plain from '../../training/engine/operators/plain.ts';
import type { BprConfig } from './config.ts';

function tables(graph: Graph, users: number, items: number, { width }: BprConfig) {
  return {
    user: graph.parameter('user_embedding', [users, width], truncatedNormal(0.1)),
    item: graph.parameter('item_embedding', [items, width], truncatedNormal(0.1)),
    bias: graph.parameter('item_bias', [items, 1], zeros),
  };
}

/** Inputs, each [pairs]: `user`, `better`, `worse`, `weights`. */
export function bprLoss(graph: Graph, users: number, items: number, config: BprConfig): Tensor {
  const { user, item, bias } = tables(graph, users, items, config);
  const pairs = [symbol('pairs')];
  const of = lookup(user, graph.input('user', 'int32', pairs));
  const score = (name: string) => {
    const at = graph.input(name, 'int32', pairs);
    return add(rowScores(of, lookup(item, at)), reshape(lookup(bias, at), pairs));
  };
  return pairwise(score('better'), score('worse'), graph.input('weights', 'float', pairs));
}

/** Inputs: `user` [batch], `candidates` [candidates]. Output: [batch, candidates]. */
export function bprScores(graph: Graph, users: number, items: number, config: BprConfig): Tensor {
  const { user, item, bias } = tables(graph, users, items, config);
  const of = lookup(user, graph.input('user', 'int32', [symbol('batch')]));
  const open = [symbol('candidates')];
  const candidates = graph.input('candidates', 'int32', open);
  return add(matmul(of, lookup(item, candidates), { flipB: true }), plain.reshaped(lookup(bias, candidates), open));
}
