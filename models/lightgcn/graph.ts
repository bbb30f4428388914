/** LightGCN (He et al. 2020): BPR on embeddings that were passed along the graph of who took what. */
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal } from '../../training/engine/initial.ts';
import { pairwise, rowScores } from '../../training/engine/losses.ts';
import { add, scale } from '../../training/engine/operators/arithmetic.ts';
import { lookup } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import { weightedMean } from '../../training/engine/operators/reduction.ts';
import type { LightgcnConfig } from './config.ts';

type Shape = Pick<LightgcnConfig, 'width' | 'regularisation'>;

/** [users + items, width], as they are after propagation. */
const nodeTable = (graph: Graph, nodes: number, width: number) =>
  graph.parameter('node_embedding', [nodes, width], truncatedNormal(0.1));

/** Inputs, each [pairs]: `user`, `better`, `worse` (nodes: items come after users) and `weights`. */
export function lightgcnLoss(graph: Graph, nodes: number, { width, regularisation }: Shape): Tensor {
  const table = nodeTable(graph, nodes, width);
  const pairs = [symbol('pairs')];
  const [user, better, worse] = ['user', 'better', 'worse'].map((name) =>
    lookup(table, graph.input(name, 'int32', pairs)),
  ) as [Tensor, Tensor, Tensor];
  const weights = graph.input('weights', 'float', pairs);
  const size = [user, better, worse].map((x) => rowScores(x, x)).reduce((a, b) => add(a, b));
  const loss = pairwise(rowScores(user, better), rowScores(user, worse), weights);
  return add(loss, scale(weightedMean(size, weights), regularisation));
}

/** Inputs: `user` [batch], `candidates` [candidates] (nodes). Output: [batch, candidates]. */
export function lightgcnScores(graph: Graph, nodes: number, { width }: Shape): Tensor {
  const table = nodeTable(graph, nodes, width);
  const user = lookup(table, graph.input('user', 'int32', [symbol('batch')]));
  return matmul(user, lookup(table, graph.input('candidates', 'int32', [symbol('candidates')])), { flipB: true });
}
