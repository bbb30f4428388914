/** Operators that move values: reshape, transpose, concat, slice, lookup. */
import { axesOf, elementCount, type Shape, shapeText, timesSize } from '../dimension.ts';
import type { Parameter, Tensor } from '../graph.ts';
import * as plain from './plain.ts';

export function reshape(a: Tensor, shape: Shape): Tensor {
  const before = elementCount(a.shape);
  const after = elementCount(shape);
  if (before.known !== after.known || before.symbols.join() !== after.symbols.join()) {
    throw new RangeError(`cannot read ${shapeText(a.shape)} as ${shapeText(shape)}`);
  }
  return a.graph.record(plain.reshaped(a, shape), [a], (g) => [plain.reshaped(g, a.shape)]);
}

export function transpose(a: Tensor, order: readonly number[]): Tensor {
  const back = order.map((_, axis) => order.indexOf(axis));
  return a.graph.record(plain.transposed(a, order), [a], (g) => [plain.transposed(g, back)]);
}

/** Along an axis of known sizes; all else the same. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (!first) throw new RangeError('nothing to concatenate');
  const at = axesOf([axis], first.shape.length)[0]!;
  const sizes = parts.map((part) => {
    const size = part.shape[at]!;
    if (typeof size !== 'number') throw new RangeError(`concat along ${shapeText(part.shape)} axis ${axis}`);
    return size;
  });
  const shape = first.shape.map((size, i) => (i === at ? sizes.reduce((a, b) => a + b, 0) : size));
  const { graph } = first;
  const joined = graph.emit('Concat', parts, shape, { attributes: { axis: at } });
  return graph.record(joined, parts, (g) => {
    let start = 0;
    return sizes.map((size, i) => {
      start += size;
      return sliced(g, at, start - size, start, parts[i]!.shape);
    });
  });
}

/** Positions `start` to `end` (exclusive) of an axis of known size. */
export function slice(a: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axesOf([axis], a.shape.length)[0]!;
  const size = a.shape[at]!;
  if (typeof size !== 'number' || start < 0 || end > size || start >= end) {
    throw new RangeError(`slice ${start} to ${end} of ${shapeText(a.shape)} axis ${axis}`);
  }
  const shape = a.shape.map((n, i) => (i === at ? end - start : n));
  return a.graph.record(sliced(a, at, start, end, shape), [a], (g) => {
    const { graph } = g;
    const rank = a.shape.length;
    const pads = Array.from({ length: 2 * rank }, () => 0);
    pads[at] = start;
    pads[rank + at] = size - end;
    return [graph.emit('Pad', [g, graph.integers(pads)], a.shape)];
  });
}

function sliced(a: Tensor, axis: number, start: number, end: number, shape: Shape): Tensor {
  const { graph } = a;
  return graph.emit('Slice', [a, graph.integers([start]), graph.integers([end]), graph.integers([axis])], shape);
}

/**
 * Rows of a table by index: [n, width] of a [rows, width] table and [n] indices. The gradient stays in rows
 * (`Graph.rowGradients`); the optimiser adds it to the table's.
 */
export function lookup(table: Parameter, indices: Tensor): Tensor {
  const { graph } = table;
  const shape = [...indices.shape, ...table.shape.slice(1)];
  const rows = graph.emit('Gather', [table, indices], shape, { attributes: { axis: 0 } });
  return graph.record(rows, [table], (g) => {
    graph.recordRows(table, { indices, rows: g });
    return [null];
  });
}

/** Rows [n, ...] of `a` [m, ...] by `indices` [n], none of which may come twice. */
export function select(a: Tensor, indices: Tensor): Tensor {
  const { graph } = a;
  const shape = [...indices.shape, ...a.shape.slice(1)];
  const chosen = graph.emit('Gather', [a, indices], shape, { attributes: { axis: 0 } });
  return graph.record(chosen, [a], (g) => {
    const zeros = plain.mul(a, graph.scalar(0));
    const wide = graph.emit('Cast', [indices], indices.shape, { type: 'int64', attributes: { to: 7 } });
    const at = plain.reshaped(wide, [...indices.shape, 1]);
    return [graph.emit('ScatterND', [zeros, at, g], a.shape, { type: a.type })];
  });
}

/** Each row `count` times, one after another: [n, width] to [n * count, width]. */
export function repeatRows(a: Tensor, count: number): Tensor {
  const [rows, ...rest] = a.shape;
  const { graph } = a;
  const apart = plain.reshaped(a, [rows!, 1, ...rest]);
  const tiles = graph.integers([1, count, ...rest.map(() => 1)]);
  const tiled = graph.emit('Tile', [apart, tiles], [rows!, count, ...rest]);
  const flat = plain.reshaped(tiled, [timesSize(rows!, count), ...rest]);
  return graph.record(flat, [a], (g) => [plain.sumOver(plain.reshaped(g, [rows!, count, ...rest]), [1], false)]);
}
