/** Elementwise operators with their derivatives. Operands are broadcast. */
import type { Tensor } from '../graph.ts';
import * as plain from './plain.ts';

export function add(a: Tensor, b: Tensor): Tensor {
  return a.graph.record(plain.add(a, b), [a, b], (g) => [plain.unbroadcast(g, a), plain.unbroadcast(g, b)]);
}

export function sub(a: Tensor, b: Tensor): Tensor {
  return a.graph.record(plain.sub(a, b), [a, b], (g) => [
    plain.unbroadcast(g, a),
    plain.unbroadcast(plain.negative(g), b),
  ]);
}

export function mul(a: Tensor, b: Tensor): Tensor {
  return a.graph.record(plain.mul(a, b), [a, b], (g) => [
    plain.unbroadcast(plain.mul(g, b), a),
    plain.unbroadcast(plain.mul(g, a), b),
  ]);
}

export function div(a: Tensor, b: Tensor): Tensor {
  const quotient = plain.div(a, b);
  return a.graph.record(quotient, [a, b], (g) => {
    const byB = plain.div(g, b);
    return [plain.unbroadcast(byB, a), plain.unbroadcast(plain.negative(plain.mul(byB, quotient)), b)];
  });
}

export function negative(a: Tensor): Tensor {
  return a.graph.record(plain.negative(a), [a], (g) => [plain.negative(g)]);
}

/** Times a number that is not learned. */
export function scale(a: Tensor, factor: number): Tensor {
  const constant = a.graph.scalar(factor);
  return a.graph.record(plain.mul(a, constant), [a], (g) => [plain.mul(g, constant)]);
}

/** slope a + offset, of numbers that are not learned. */
export function affine(a: Tensor, slope: number, offset: number): Tensor {
  return shift(scale(a, slope), a.graph.scalar(offset));
}

/** Times a tensor that nothing flows into, such as a mask. */
export function mask(a: Tensor, by: Tensor): Tensor {
  return a.graph.record(plain.mul(a, by), [a], (g) => [plain.unbroadcast(plain.mul(g, by), a)]);
}

/** Plus a tensor that nothing flows into, such as an attention bias. */
export function shift(a: Tensor, by: Tensor): Tensor {
  return a.graph.record(plain.add(a, by), [a], (g) => [plain.unbroadcast(g, a)]);
}

export function relu(a: Tensor): Tensor {
  const y = a.graph.emit('Relu', [a], a.shape);
  return a.graph.record(y, [a], (g) => [plain.mul(g, a.graph.emit('Sign', [y], y.shape))]);
}

export function sigmoid(a: Tensor): Tensor {
  const y = a.graph.emit('Sigmoid', [a], a.shape);
  return a.graph.record(y, [a], (g) => [plain.mul(g, plain.sub(y, plain.mul(y, y)))]);
}

export function tanh(a: Tensor): Tensor {
  const y = a.graph.emit('Tanh', [a], a.shape);
  return a.graph.record(y, [a], (g) => [plain.sub(g, plain.mul(g, plain.mul(y, y)))]);
}

/** log(1 + e^x), stable on both sides. */
export function softplus(a: Tensor): Tensor {
  const { graph } = a;
  const one = (operator: string, x: Tensor) => graph.emit(operator, [x], a.shape);
  // ONNX Runtime has no Softplus in float64.
  const y =
    graph.precision === 'float32'
      ? one('Softplus', a)
      : plain.add(one('Relu', a), one('Log', plain.add(one('Exp', one('Neg', one('Abs', a))), graph.scalar(1))));
  return graph.record(y, [a], (g) => [plain.mul(g, one('Sigmoid', a))]);
}

export function exp(a: Tensor): Tensor {
  const y = a.graph.emit('Exp', [a], a.shape);
  return a.graph.record(y, [a], (g) => [plain.mul(g, y)]);
}

export function log(a: Tensor): Tensor {
  return a.graph.record(a.graph.emit('Log', [a], a.shape), [a], (g) => [plain.div(g, a)]);
}

export function sqrt(a: Tensor): Tensor {
  const y = a.graph.emit('Sqrt', [a], a.shape);
  return a.graph.record(y, [a], (g) => [plain.div(plain.mul(g, a.graph.scalar(0.5)), y)]);
}

/** 1 where an index is 0 (padding), else 0. Nothing flows through it. */
export function isZero(indices: Tensor): Tensor {
  const { graph } = indices;
  const zero = graph.indices([0], []);
  return asNumber(graph.emit('Equal', [indices, zero], indices.shape, { type: 'bool' }));
}

/** 1 where true, 0 where false. */
export function asNumber(truth: Tensor): Tensor {
  const { graph } = truth;
  const to = graph.precision === 'float32' ? 1 : 11;
  return graph.emit('Cast', [truth], truth.shape, { type: graph.precision, attributes: { to } });
}
