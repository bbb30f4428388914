/** Vectors of unit length. Only sums, products and square roots, which IEEE 754 fixes: every machine gives the same bits. */

/** Scales to unit length, in single precision; a zero vector becomes the first axis, so that cosine is defined. */
export function unitLength(vector: Float64Array): Float32Array {
  let squares = 0;
  for (const x of vector) squares += x * x;
  const unit = new Float32Array(vector.length);
  if (squares === 0) {
    unit[0] = 1;
    return unit;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) unit[i] = (vector[i] ?? 0) * scale;
  return unit;
}

/** Dot product of two vectors of one length: the cosine, where both are of unit length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
