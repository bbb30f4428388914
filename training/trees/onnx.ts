/** Boosted trees as an ONNX file: `TreeEnsembleRegressor` of `ai.onnx.ml`, then a sigmoid. */
import { symbol } from '../engine/dimension.ts';
import { onnxFile } from '../engine/onnx-file.ts';
import type { BoostedTrees } from './boost.ts';
import { isLeaf } from './tree.ts';

/**
 * Input: `features` [rows, features], NaN where one is not known. Output: `probability` [rows].
 * @throws RangeError where there is no tree
 */
export function treesFile(
  name: string,
  { names, base, trees }: BoostedTrees,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  if (trees.length === 0) throw new RangeError('no tree to write');
  const nodes = trees.flatMap((tree, t) => tree.nodes.map((node, n) => ({ t, n, node })));
  const leaves = nodes.flatMap(({ t, n, node }) => (isLeaf(node) ? [{ t, n, value: node.value }] : []));
  const of = (split: (node: Exclude<(typeof nodes)[number]['node'], { value: number }>) => number) =>
    nodes.map(({ node }) => (isLeaf(node) ? 0 : split(node)));
  const rows = symbol('rows');
  return onnxFile({
    name,
    nodes: [
      {
        operator: 'TreeEnsembleRegressor',
        domain: 'ai.onnx.ml',
        inputs: ['features'],
        outputs: ['log_odds'],
        attributes: {
          n_targets: 1,
          aggregate_function: 'SUM',
          post_transform: 'NONE',
          base_values: { floats: [base] },
          nodes_treeids: nodes.map(({ t }) => t),
          nodes_nodeids: nodes.map(({ n }) => n),
          nodes_modes: { strings: nodes.map(({ node }) => (isLeaf(node) ? 'LEAF' : 'BRANCH_LEQ')) },
          nodes_featureids: of(({ feature }) => feature),
          nodes_values: { floats: of(({ threshold }) => threshold) },
          nodes_truenodeids: of(({ left }) => left),
          nodes_falsenodeids: of(({ right }) => right),
          nodes_missing_value_tracks_true: of(({ missingLeft }) => (missingLeft ? 1 : 0)),
          target_treeids: leaves.map(({ t }) => t),
          target_nodeids: leaves.map(({ n }) => n),
          target_ids: leaves.map(() => 0),
          target_weights: { floats: leaves.map(({ value }) => value) },
        },
      },
      { operator: 'Sigmoid', inputs: ['log_odds'], outputs: ['column'] },
      { operator: 'Reshape', inputs: ['column', 'flat'], outputs: ['probability'] },
    ],
    constants: [{ name: 'flat', shape: [1], data: BigInt64Array.of(-1n) }],
    inputs: [{ name: 'features', type: 'float32', shape: [rows, names.length] }],
    outputs: [{ name: 'probability', type: 'float32', shape: [rows] }],
    metadata,
  });
}
