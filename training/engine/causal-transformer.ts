/** A pre-norm transformer in which each position sees itself and what came before, and, where there is one, a memory. */
import { type Dimension, sizeAt, timesSize } from './dimension.ts';
import type { Tensor } from './graph.ts';
import { truncatedNormal } from './initial.ts';
import { attention, causalBias, linear, NEVER, norm } from './layers.ts';
import { add, isZero, relu } from './operators/arithmetic.ts';
import { dropout } from './operators/dropout.ts';
import { reshape, slice } from './operators/layout.ts';
import * as plain from './operators/plain.ts';

export interface TransformerShape {
  width: number;
  /** Positions. */
  length: number;
  blocks: number;
  heads: number;
  /** Rate. */
  dropout: number;
}

export interface Memory {
  /** [batch * count, any width] */
  rows: Tensor;
  count: number;
  /** [batch, count], 1 where there is one, 0 where the row is to be ignored. */
  present: Tensor;
}

/**
 * @param embedded [batch, length, width]
 * @param history [batch, length], 0 where there is padding, which no other position looks at
 * @param memory is attended to in each block, after the history (cross-attention, Vaswani et al. 2017, section 3.2.3)
 * @returns [batch * length, width], normalised
 */
export function causalTransformer(embedded: Tensor, history: Tensor, shape: TransformerShape, memory?: Memory): Tensor {
  const { graph } = history;
  const { width, length, blocks, heads, dropout: rate } = shape;
  const batch = sizeAt(history.shape, 0);
  const positions = graph.parameter('position_embedding', [length, width], truncatedNormal(0.02));
  const own = { batch, q: length, k: length };
  const bias = plain.add(causalBias(graph, length), unseen(isZero(history)));
  let x = dropout(reshape(add(embedded, positions), [timesSize(batch, length), width]), rate);
  for (let i = 0; i < blocks; i++) {
    const input = norm(`block_${i}_attention_norm`, x);
    x = add(x, dropout(attention(`block_${i}_attention`, input, input, own, { heads, bias }), rate));
    if (memory) {
      const query = norm(`block_${i}_memory_norm`, x);
      const sizes = { batch, q: length, k: memory.count };
      const absent = unseen(plain.sub(graph.scalar(1), memory.present));
      x = add(x, dropout(attention(`block_${i}_memory`, query, memory.rows, sizes, { heads, bias: absent }), rate));
    }
    const inner = dropout(relu(linear(`block_${i}_inner`, norm(`block_${i}_inner_norm`, x), width)), rate);
    x = add(x, dropout(linear(`block_${i}_outer`, inner, width), rate));
  }
  return norm('final_norm', x);
}

/** [batch, width] of the last position. */
export function lastState(states: Tensor, batch: Dimension, { length, width }: TransformerShape): Tensor {
  return reshape(slice(reshape(states, [batch, length, width]), 1, length - 1, length), [batch, width]);
}

/** The attention bias [batch, 1, 1, keys] of keys that are hidden where `hidden` [batch, keys] is 1. */
function unseen(hidden: Tensor): Tensor {
  const [batch, keys] = hidden.shape;
  return plain.reshaped(plain.mul(hidden, hidden.graph.scalar(NEVER)), [batch!, 1, 1, keys!]);
}
