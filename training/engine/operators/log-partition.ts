import type { Tensor } from '../graph.ts';
import * as plain from './plain.ts';

/** The least probability whose logarithm is taken: a loss of at most 87. */
const LEAST = 1e-38;

/**
 * log(sum over items of e^(state . item)): [n] of states [n, width] and items [m, width].
 *
 * Of the [n, m] logits only their softmax is kept: the sum is read off the probability at `places` [n], and the gradient's
 * factor g, one a row, goes to the small side of each product, (g P) I = g (P I). The passes over [n, m] were most of a
 * step.
 */
export function logPartition(states: Tensor, items: Tensor, places: Tensor): Tensor {
  const { graph } = states;
  const [n] = states.shape;
  const [m] = items.shape;
  const column = plain.reshaped(places, [n!, 1]);
  const logits = plain.product(states, items, false, true);
  const shares = graph.emit('Softmax', [logits], [n!, m!], { attributes: { axis: -1 } });
  const at = (of: Tensor) => graph.emit('GatherElements', [of, column], [n!, 1], { attributes: { axis: 1 } });
  const share = graph.emit('Max', [at(shares), graph.scalar(LEAST)], [n!, 1]);
  const total = plain.sub(at(logits), graph.emit('Log', [share], [n!, 1]));
  return graph.record(plain.reshaped(total, [n!]), [states, items], (g) => {
    const gradient = plain.reshaped(g, [n!, 1]);
    return [
      plain.mul(plain.product(shares, items), gradient),
      plain.product(shares, plain.mul(states, gradient), true, false),
    ];
  });
}
