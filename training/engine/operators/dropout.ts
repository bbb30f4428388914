/** Dropout (Srivastava et al. 2014), its masks fed from outside: the run says which values are dropped, not the graph. */
import type { Tensor } from '../graph.ts';
import { mask } from './arithmetic.ts';

/** Outside training, the value itself. */
export function dropout(x: Tensor, rate: number): Tensor {
  const { graph } = x;
  if (!graph.training || rate === 0) return x;
  if (!(rate > 0 && rate < 1)) throw new RangeError(`a dropout rate of ${rate}`);
  const input = { graph, name: `dropout_${graph.dropouts.length}`, type: graph.precision, shape: x.shape };
  graph.dropouts.push({ input, rate });
  return mask(x, input);
}
