import type { Tensor } from '../graph.ts';
import { add, div, mul, sqrt } from './arithmetic.ts';
import { reshape } from './layout.ts';
import { sum } from './reduction.ts';

/** Rows [n, width] at unit length; a row of zeros stays one. */
export function unitRows(x: Tensor): Tensor {
  const squared = add(sum(mul(x, x), [1]), x.graph.scalar(1e-12));
  return div(x, reshape(sqrt(squared), [x.shape[0]!, 1]));
}
