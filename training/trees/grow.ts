/** Grows one tree, level after level of splits. */
import { type Bins, MISSING } from './bins.ts';
import { bestSplit, type Derivatives, leafWeight, type SplitRules } from './split.ts';
import type { LeafNode, SplitNode, Tree } from './tree.ts';

export interface GrowthRules extends SplitRules {
  /** Splits from the root to a leaf, at most. */
  depth: number;
  /** Share of its weight that each leaf keeps. */
  learningRate: number;
}

/** @param rows that it is grown from; all else is left to where it falls */
export function growTree(
  bins: Bins,
  rows: Int32Array,
  features: readonly number[],
  derivatives: Derivatives,
  rules: GrowthRules,
): Tree {
  const nodes: (SplitNode | LeafNode)[] = [];
  const grow = (here: Int32Array, depth: number): number => {
    const at = nodes.length;
    const split = depth < rules.depth ? bestSplit(bins, here, features, derivatives, rules) : null;
    if (!split) {
      let g = 0;
      let h = 0;
      for (const row of here) {
        g += derivatives.first[row]!;
        h += derivatives.second[row]!;
      }
      nodes.push({ value: Math.fround(rules.learningRate * leafWeight(g, h, rules.l2)) });
      return at;
    }
    const { feature, bin, threshold, missingLeft, gain } = split;
    const column = bins.columns[feature]!;
    const isLeft = (row: number) => (column[row] === MISSING ? missingLeft : column[row]! <= bin);
    const node: SplitNode = { feature, threshold, missingLeft, left: 0, right: 0, gain };
    nodes.push(node);
    node.left = grow(here.filter(isLeft), depth + 1);
    node.right = grow(
      here.filter((row) => !isLeft(row)),
      depth + 1,
    );
    return at;
  };
  grow(rows, 0);
  return { nodes };
}
