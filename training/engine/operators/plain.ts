/** Operators without a tape: what gradients themselves are made of. */
import { axesOf, broadcastShape, type Shape, sameShape, sameSize, shapeText } from '../dimension.ts';
import type { Tensor } from '../graph.ts';

export const add = (a: Tensor, b: Tensor) => a.graph.emit('Add', [a, b], broadcastShape(a.shape, b.shape));
export const sub = (a: Tensor, b: Tensor) => a.graph.emit('Sub', [a, b], broadcastShape(a.shape, b.shape));
export const mul = (a: Tensor, b: Tensor) => a.graph.emit('Mul', [a, b], broadcastShape(a.shape, b.shape));
export const div = (a: Tensor, b: Tensor) => a.graph.emit('Div', [a, b], broadcastShape(a.shape, b.shape));
export const negative = (a: Tensor) => a.graph.emit('Neg', [a], a.shape);

/** Sums over axes, which stay as size 1 where `keep`. */
export function sumOver(x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const over = axesOf(axes, x.shape.length);
  return x.graph.emit('ReduceSum', [x, x.graph.integers(over)], reducedShape(x.shape, over, keep), {
    attributes: { keepdims: keep ? 1 : 0 },
  });
}

export function meanOver(x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const over = axesOf(axes, x.shape.length);
  return x.graph.emit('ReduceMean', [x], reducedShape(x.shape, over, keep), {
    attributes: { axes: over, keepdims: keep ? 1 : 0 },
  });
}

export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return keep ? shape.map((size, i) => (axes.includes(i) ? 1 : size)) : shape.filter((_, i) => !axes.includes(i));
}

/** One size may be known only when the graph runs. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  const open = shape.filter((size) => typeof size !== 'number');
  if (open.length > 1) throw new RangeError(`${shapeText(shape)} has more than one size to be found out`);
  const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
  return x.graph.emit('Reshape', [x, x.graph.integers(sizes)], shape);
}

/** `x` repeated to the shape of `like`. */
export function expandedTo(x: Tensor, like: Tensor): Tensor {
  if (sameShape(x.shape, like.shape)) return x;
  const { graph } = x;
  const known = like.shape.every((size): size is number => typeof size === 'number');
  const shape = known
    ? graph.integers(like.shape as readonly number[])
    : graph.emit('Shape', [like], [like.shape.length], { type: 'int64' });
  return graph.emit('Expand', [x, shape], like.shape);
}

/** The gradient of something that was broadcast: summed back to its shape. */
export function unbroadcast(gradient: Tensor, like: Tensor): Tensor {
  if (sameShape(gradient.shape, like.shape)) return gradient;
  const lead = gradient.shape.length - like.shape.length;
  if (lead < 0) return expandedTo(gradient, like);
  const axes = gradient.shape.flatMap((size, i) => {
    const own = like.shape[i - lead];
    return i < lead || (own === 1 && !sameSize(size, 1)) ? [i] : [];
  });
  const summed = axes.length === 0 ? gradient : sumOver(gradient, axes, false);
  return sameShape(summed.shape, like.shape) ? summed : reshaped(summed, like.shape);
}

export function transposed(x: Tensor, order: readonly number[]): Tensor {
  return x.graph.emit(
    'Transpose',
    [x],
    order.map((axis) => x.shape[axis]!),
    { attributes: { perm: order } },
  );
}

/** The last two axes exchanged. */
export function flipped(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transposed(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** `a b`, each transposed in its last two axes before if asked. Axes before those are a batch, the same in both or none in `b`. */
export function product(a: Tensor, b: Tensor, flipA = false, flipB = false): Tensor {
  const { graph } = a;
  const rank = a.shape.length;
  const [rows, inner] = flipA ? [a.shape[rank - 1]!, a.shape[rank - 2]!] : [a.shape[rank - 2]!, a.shape[rank - 1]!];
  const rankB = b.shape.length;
  const [innerB, columns] = flipB
    ? [b.shape[rankB - 1]!, b.shape[rankB - 2]!]
    : [b.shape[rankB - 2]!, b.shape[rankB - 1]!];
  if (!sameSize(inner, innerB)) {
    throw new RangeError(
      `cannot multiply ${shapeText(a.shape)} and ${shapeText(b.shape)}${flipA ? ', the first flipped' : ''}${flipB ? ', the second flipped' : ''}`,
    );
  }
  const shape = [...a.shape.slice(0, -2), rows, columns];
  if (!flipA && !flipB) return graph.emit('MatMul', [a, b], shape);
  if (rank === 2 && rankB === 2) {
    return graph.emit('Gemm', [a, b], shape, { attributes: { transA: flipA ? 1 : 0, transB: flipB ? 1 : 0 } });
  }
  if (graph.training && graph.precision === 'float32') {
    return graph.emit('FusedMatMul', [a, b], shape, {
      attributes: { transA: flipA ? 1 : 0, transB: flipB ? 1 : 0 },
      domain: 'com.microsoft',
    });
  }
  return graph.emit('MatMul', [flipA ? flipped(a) : a, flipB ? flipped(b) : b], shape);
}
