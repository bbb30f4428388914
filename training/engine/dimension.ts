/** Sizes of a tensor's axes: known, or a multiple of a size that is only known when the graph runs. */

/** `times` x the size named `symbol`: with L = 50 positions, the rows of a flattened batch are 50 x batch. */
export interface Symbolic {
  readonly symbol: string;
  readonly times: number;
}
export type Dimension = number | Symbolic;
export type Shape = readonly Dimension[];

export const symbol = (name: string): Symbolic => ({ symbol: name, times: 1 });

export function timesSize(size: Dimension, factor: number): Dimension {
  return typeof size === 'number' ? size * factor : { symbol: size.symbol, times: size.times * factor };
}

export function sameSize(a: Dimension, b: Dimension): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.symbol === b.symbol && a.times === b.times;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => sameSize(size, b[i]!));
}

export function shapeText(shape: Shape): string {
  return `[${shape.map(sizeText).join(', ')}]`;
}

export function sizeText(size: Dimension): string {
  if (typeof size === 'number') return String(size);
  return size.times === 1 ? size.symbol : `${size.times}*${size.symbol}`;
}

/** The shape of `a op b` under ONNX's (NumPy's) multidirectional broadcasting. @throws RangeError if they do not fit */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === 1) return y;
    if (y === 1 || sameSize(x, y)) return x;
    throw new RangeError(`shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast`);
  });
}

/** Axes from the end (-1 is the last) as axes from the start, ascending. @throws RangeError outside the rank */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  if (positive.some((axis) => axis < 0 || axis >= rank)) throw new RangeError(`axes ${axes} of rank ${rank}`);
  return positive.sort((a, b) => a - b);
}

/** Number of elements, with the symbols' product where it is not known. */
export function elementCount(shape: Shape): { known: number; symbols: string[] } {
  let known = 1;
  const symbols: string[] = [];
  for (const size of shape) {
    if (typeof size === 'number') known *= size;
    else {
      known *= size.times;
      symbols.push(size.symbol);
    }
  }
  return { known, symbols: symbols.sort() };
}

/** The size of an axis, counted from the end if negative. */
export function sizeAt(shape: Shape, axis: number): Dimension {
  const size = shape[axis < 0 ? axis + shape.length : axis];
  if (size === undefined) throw new RangeError(`axis ${axis} of ${shapeText(shape)}`);
  return size;
}

/** @throws RangeError if the size is only known when the graph runs */
export function knownSizeAt(shape: Shape, axis: number): number {
  const size = sizeAt(shape, axis);
  if (typeof size !== 'number') throw new RangeError(`axis ${axis} of ${shapeText(shape)} has no fixed size`);
  return size;
}
