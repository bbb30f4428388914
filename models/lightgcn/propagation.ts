/** The graph of who took what, and what embeddings become when they are passed along it. */

/** Symmetrically normalised adjacency of users and items (items after users), as rows of sparse entries. */
export interface InteractionGraph {
  nodes: number;
  /** [nodes + 1] */
  rowStart: Int32Array;
  column: Int32Array;
  weight: Float32Array;
}

/** @param pairs each user and item that belong together, once */
export function interactionGraph(
  users: number,
  items: number,
  pairs: Iterable<readonly [user: number, item: number]>,
): InteractionGraph {
  const nodes = users + items;
  const neighbours: number[][] = Array.from({ length: nodes }, () => []);
  for (const [user, item] of pairs) {
    neighbours[user]!.push(users + item);
    neighbours[users + item]!.push(user);
  }
  const rowStart = new Int32Array(nodes + 1);
  for (const [node, list] of neighbours.entries()) rowStart[node + 1] = rowStart[node]! + list.length;
  const column = Int32Array.from(neighbours.flat());
  const weight = new Float32Array(column.length);
  for (const [node, list] of neighbours.entries()) {
    for (const [i, other] of list.entries()) {
      weight[rowStart[node]! + i] = 1 / Math.sqrt(list.length * neighbours[other]!.length);
    }
  }
  return { nodes, rowStart, column, weight };
}

/**
 * The mean of the embeddings [nodes, width] after 0 to `layers` steps (He et al. 2020, eq. 7 and 8). It is linear and the
 * adjacency is symmetric: applied to a gradient of its result, it gives that of its argument.
 */
export function propagate(
  graph: InteractionGraph,
  embeddings: Float32Array,
  width: number,
  layers: number,
): Float32Array {
  const { nodes, rowStart, column, weight } = graph;
  const mean = embeddings.slice();
  let current = embeddings;
  for (let layer = 0; layer < layers; layer++) {
    const next = new Float32Array(nodes * width);
    for (let node = 0; node < nodes; node++) {
      const at = node * width;
      for (let k = rowStart[node]!; k < rowStart[node + 1]!; k++) {
        const from = column[k]! * width;
        const w = weight[k]!;
        for (let j = 0; j < width; j++) next[at + j]! += w * current[from + j]!;
      }
    }
    for (let i = 0; i < mean.length; i++) mean[i]! += next[i]!;
    current = next;
  }
  const share = 1 / (layers + 1);
  for (let i = 0; i < mean.length; i++) mean[i]! *= share;
  return mean;
}
