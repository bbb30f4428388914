/** A regression tree over features that may be missing (NaN). */

/** `feature <= threshold` goes left; what is missing goes where training found it better off. */
export interface SplitNode {
  feature: number;
  /** Single precision, as features are: comparisons come out the same wherever the tree runs. */
  threshold: number;
  missingLeft: boolean;
  /** Indices of `Tree.nodes`. */
  left: number;
  right: number;
  /** What the split took off the regularised loss. */
  gain: number;
}

export interface LeafNode {
  /** Added to the log-odds; single precision. */
  value: number;
}

/** The root is node 0. */
export interface Tree {
  nodes: readonly (SplitNode | LeafNode)[];
}

export const isLeaf = (node: SplitNode | LeafNode): node is LeafNode => 'value' in node;

/** @param features of one row begin at `at` */
export function leafValue({ nodes }: Tree, features: Float32Array, at: number): number {
  let node = nodes[0]!;
  while (!isLeaf(node)) {
    const x = features[at + node.feature]!;
    const left = Number.isNaN(x) ? node.missingLeft : x <= node.threshold;
    node = nodes[left ? node.left : node.right]!;
  }
  return node.value;
}
