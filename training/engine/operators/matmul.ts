/** Products of matrices, one for each index of the axes before the last two. */
import type { Tensor } from '../graph.ts';
import * as plain from './plain.ts';

/**
 * `a b`, with `b` transposed in its last two axes if `flipB`.
 * @param a [..., m, k]
 * @param b [..., k, n] ([..., n, k] if flipped), the same axes in front; or a matrix for an `a` of rank 2
 */
export function matmul(a: Tensor, b: Tensor, { flipB = false } = {}): Tensor {
  if (a.shape.length !== b.shape.length) throw new RangeError('matmul of different ranks: flatten the first');
  return a.graph.record(plain.product(a, b, false, flipB), [a, b], (g) => [
    plain.product(g, b, false, !flipB),
    flipB ? plain.product(g, a, true, false) : plain.product(a, g, true, false),
  ]);
}
