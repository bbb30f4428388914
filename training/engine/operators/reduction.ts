/** Sums, means, softmax and normalisation with their derivatives. */
import { axesOf } from '../dimension.ts';
import type { Tensor } from '../graph.ts';
import * as plain from './plain.ts';

/** Sum over axes, which disappear; over all of them if none are named. */
export function sum(a: Tensor, axes: readonly number[] = [...a.shape.keys()]): Tensor {
  const over = axesOf(axes, a.shape.length);
  if (over.length === 0) return a;
  const kept = plain.reducedShape(a.shape, over, true);
  return a.graph.record(plain.sumOver(a, over, false), [a], (g) => [plain.expandedTo(plain.reshaped(g, kept), a)]);
}

/** Mean over axes of known size, which disappear. */
export function mean(a: Tensor, axes: readonly number[]): Tensor {
  const over = axesOf(axes, a.shape.length);
  const count = over.reduce((product, axis) => {
    const size = a.shape[axis]!;
    if (typeof size !== 'number') throw new RangeError('a mean over an axis whose size is only known at run time');
    return product * size;
  }, 1);
  const kept = plain.reducedShape(a.shape, over, true);
  return a.graph.record(plain.meanOver(a, over, false), [a], (g) => [
    plain.expandedTo(plain.mul(plain.reshaped(g, kept), a.graph.scalar(1 / count)), a),
  ]);
}

/** Mean of `values` weighed by `weights` (same shape; nothing flows into the weights, whose sum is above 0). */
export function weightedMean(values: Tensor, weights: Tensor): Tensor {
  const { graph } = values;
  const all = [...values.shape.keys()];
  const share = plain.div(weights, plain.sumOver(weights, all, false));
  const total = plain.sumOver(plain.mul(values, share), all, false);
  return graph.record(total, [values], (g) => [plain.mul(share, g)]);
}

/** Over the last axis. */
export function softmax(a: Tensor): Tensor {
  const y = a.graph.emit('Softmax', [a], a.shape, { attributes: { axis: -1 } });
  return a.graph.record(y, [a], (g) => {
    const weighted = plain.mul(g, y);
    return [plain.sub(weighted, plain.mul(y, plain.sumOver(weighted, [-1], true)))];
  });
}

/** log(sum(e^x)) over the last axis, which disappears. */
export function logSumExp(a: Tensor): Tensor {
  const last = a.shape.length - 1;
  const y = a.graph.emit('ReduceLogSumExp', [a], a.shape.slice(0, -1), { attributes: { axes: [last], keepdims: 0 } });
  return a.graph.record(y, [a], (g) => {
    const share = a.graph.emit('Softmax', [a], a.shape, { attributes: { axis: -1 } });
    return [plain.mul(share, plain.reshaped(g, plain.reducedShape(a.shape, [last], true)))];
  });
}

const EPSILON = 1e-5;

/** Zero mean and unit variance over the last axis, then gain and bias (Ba, Kiros and Hinton 2016, eq. 3). */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor): Tensor {
  const { graph } = x;
  const narrow = plain.reducedShape(x.shape, [x.shape.length - 1], true);
  const attributes = { axis: -1, epsilon: { float: EPSILON } };
  // The operator's own mean and deviation are not float64.
  const own = graph.training && graph.precision === 'float32';
  const shapes = own ? [x.shape, narrow, narrow] : [x.shape];
  const [y, ...moments] = graph.emitAll('LayerNormalization', [x, gain, bias], shapes, { attributes });
  return graph.record(y!, [x, gain, bias], (g) => {
    const [centre, inverse] = own ? moments : momentsOf(x);
    const unit = plain.mul(plain.sub(x, centre!), inverse!);
    const inner = plain.mul(g, gain);
    const flat = plain.sub(inner, plain.meanOver(inner, [-1], true));
    const along = plain.mul(unit, plain.meanOver(plain.mul(inner, unit), [-1], true));
    return [
      plain.mul(plain.sub(flat, along), inverse!),
      plain.unbroadcast(plain.mul(g, unit), gain),
      plain.unbroadcast(g, bias),
    ];
  });
}

function momentsOf(x: Tensor): [mean: Tensor, inverseDeviation: Tensor] {
  const { graph } = x;
  const centre = plain.meanOver(x, [-1], true);
  const away = plain.sub(x, centre);
  const variance = plain.add(plain.meanOver(plain.mul(away, away), [-1], true), graph.scalar(EPSILON));
  return [centre, plain.div(graph.scalar(1), graph.emit('Sqrt', [variance], variance.shape))];
}
