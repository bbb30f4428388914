/** What parameters begin with. */
import type { Random } from '../../core/experiment/random.ts';

/** Fills the `size` values of a parameter. */
export type Initial = (size: number, random: Random) => Float32Array;

export const zeros: Initial = (size) => new Float32Array(size);
export const ones: Initial = (size) => new Float32Array(size).fill(1);
export const filled =
  (value: number): Initial =>
  (size) =>
    new Float32Array(size).fill(value);

/** Normal around 0, nothing beyond two standard deviations (the truncated normal that embeddings start from). */
export const truncatedNormal =
  (deviation: number): Initial =>
  (size, random) =>
    Float32Array.from({ length: size }, () => {
      for (;;) {
        const x = random.normal();
        if (Math.abs(x) <= 2) return x * deviation;
      }
    });

/** Uniform within sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, section 4.2.1). */
export const glorot = (inputs: number, outputs: number): Initial => {
  const bound = Math.sqrt(6 / (inputs + outputs));
  return (size, random) => Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * bound);
};

/** A table made elsewhere, for what is not drawn. */
export const given = (values: Float32Array): Initial => {
  return (size) => {
    if (values.length !== size) throw new RangeError(`${values.length} values for a parameter of ${size}`);
    return values.slice();
  };
};
