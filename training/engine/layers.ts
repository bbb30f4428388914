/** Layers that several models have in common. Inputs of rank 2 are [rows, width]. */
import { type Dimension, knownSizeAt } from './dimension.ts';
import type { Graph, Tensor } from './graph.ts';
import { glorot, ones, zeros } from './initial.ts';
import { add, relu, scale, shift } from './operators/arithmetic.ts';
import { dropout } from './operators/dropout.ts';
import { reshape, transpose } from './operators/layout.ts';
import { matmul } from './operators/matmul.ts';
import { layerNorm, softmax } from './operators/reduction.ts';

/** x W + b: [rows, inputs] to [rows, outputs]. */
export function linear(name: string, x: Tensor, outputs: number, { bias = true } = {}): Tensor {
  const inputs = knownSizeAt(x.shape, -1);
  const y = matmul(x, x.graph.parameter(`${name}_weight`, [inputs, outputs], glorot(inputs, outputs)));
  return bias ? add(y, x.graph.parameter(`${name}_bias`, [outputs], zeros)) : y;
}

/** Linear layers of the given widths, ReLU between them, none after the last. */
export function mlp(name: string, x: Tensor, widths: readonly number[], dropoutRate = 0): Tensor {
  return widths.reduce((input, width, i) => {
    const y = linear(`${name}_${i}`, input, width);
    return i === widths.length - 1 ? y : dropout(relu(y), dropoutRate);
  }, x);
}

export function norm(name: string, x: Tensor): Tensor {
  const width = knownSizeAt(x.shape, -1);
  const { graph } = x;
  return layerNorm(x, graph.parameter(`${name}_gain`, [width], ones), graph.parameter(`${name}_bias`, [width], zeros));
}

export interface AttentionOptions {
  heads: number;
  /** Added to the logits, broadcast to [batch, heads, queries, keys]: about -1e9 where a query must not look. */
  bias?: Tensor | undefined;
}

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2).
 * @param queries [batch * q, width]
 * @param keys [batch * k, any width]
 * @returns [batch * q, width]
 */
export function attention(
  name: string,
  queries: Tensor,
  keys: Tensor,
  { batch, q, k }: { batch: Dimension; q: number; k: number },
  { heads, bias }: AttentionOptions,
): Tensor {
  const width = knownSizeAt(queries.shape, -1);
  if (width % heads !== 0) throw new RangeError(`${heads} heads do not divide ${width}`);
  const head = width / heads;
  const apart = (x: Tensor, length: number): Tensor =>
    transpose(reshape(x, [batch, length, heads, head]), [0, 2, 1, 3]);
  const query = apart(linear(`${name}_query`, queries, width, { bias: false }), q);
  const key = apart(linear(`${name}_key`, keys, width, { bias: false }), k);
  const value = apart(linear(`${name}_value`, keys, width, { bias: false }), k);
  const logits = scale(matmul(query, key, { flipB: true }), 1 / Math.sqrt(head));
  const weights = softmax(bias ? shift(logits, bias) : logits);
  const mixed = transpose(matmul(weights, value), [0, 2, 1, 3]);
  return linear(`${name}_out`, reshape(mixed, queries.shape), width, { bias: false });
}

/** [1, 1, length, length]: a position sees itself and what came before. */
export function causalBias(graph: Graph, length: number): Tensor {
  const bias = new Float32Array(length * length);
  for (let i = 0; i < length; i++) bias.fill(NEVER, i * length + i + 1, (i + 1) * length);
  return graph.constant(bias, [1, 1, length, length]);
}

/** Logit of what must not be seen: its weight is 0 in float32, and a row of nothing else stays finite. */
export const NEVER = -1e9;
