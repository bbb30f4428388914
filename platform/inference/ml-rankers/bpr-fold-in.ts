/**
 * A traveller whom the factors do not know, by what they took and refused. Their vector u is the most probable one: what they
 * did by logistic regression on the venues' vectors, with the travellers that the model knows as the prior,
 *
 *     max over u of  sum of log sigmoid(+- (u . x_i + a_i))  -  sum over d of (u_d - m_d)^2 / (2 s_d^2)
 *
 * where x and a are a venue's vector and bias less those of the mean venue (training compares what was taken with something
 * else that was on offer), m and s the mean and the standard deviation of the known travellers: a ridge, as strong as they
 * are alike. The function is concave, Newton's method finds its top. Nobody is looked up: what somebody did since the
 * training counts, too.
 */

export interface BprFactors {
  width: number;
  /** [users, width] */
  users: Float32Array;
  /** [items, width] */
  items: Float32Array;
  /** [items] */
  bias: Float32Array;
}

export interface TakenOrRefused {
  item: number;
  accepted: boolean;
}

const MOST_STEPS = 20;
const CLOSE_ENOUGH = 1e-6;
/** Travellers who are all the same in a dimension would leave no room for another one. */
const LEAST_VARIANCE = 1e-6;

export class BprFoldIn {
  readonly #factors: BprFactors;
  readonly #mean: Float64Array;
  readonly #precision: Float64Array;
  readonly #meanItem: Float64Array;
  readonly #meanBias: number;

  /** @param factors at least one user and one item */
  constructor(factors: BprFactors) {
    const { width, users, items, bias } = factors;
    this.#factors = factors;
    this.#mean = columnMeans(users, width);
    this.#meanItem = columnMeans(items, width);
    this.#meanBias = bias.reduce((sum, b) => sum + b, 0) / bias.length;
    const count = users.length / width;
    const variance = new Float64Array(width);
    for (let i = 0; i < users.length; i++) variance[i % width]! += (users[i]! - this.#mean[i % width]!) ** 2 / count;
    this.#precision = variance.map((v) => 1 / Math.max(v, LEAST_VARIANCE));
  }

  /** [width] */
  vectorOf(past: readonly TakenOrRefused[]): Float64Array {
    const rows = past.map(({ item, accepted }) => {
      const x = Float64Array.from(this.#meanItem, (mean, d) => this.#itemAt(item, d) - mean);
      return { x, offset: this.#factors.bias[item]! - this.#meanBias, sign: accepted ? 1 : -1 };
    });
    const objective = (u: Float64Array) => {
      let sum = 0;
      for (let d = 0; d < u.length; d++) sum -= (this.#precision[d]! * (u[d]! - this.#mean[d]!) ** 2) / 2;
      for (const { x, offset, sign } of rows) sum += logSigmoid(sign * (dot(u, x) + offset));
      return sum;
    };
    let u = this.#mean.slice();
    let now = objective(u);
    for (let i = 0; i < MOST_STEPS; i++) {
      const step = this.#newtonStep(u, rows);
      if (Math.hypot(...step) < CLOSE_ENOUGH) break;
      let share = 1;
      let next = moved(u, step, share);
      while (objective(next) < now && share > 1e-3) {
        share /= 2;
        next = moved(u, step, share);
      }
      u = next;
      now = objective(u);
    }
    return u;
  }

  /** `u . v + b`, as the file scores those whom it knows. */
  score(u: ArrayLike<number>, item: number): number {
    let sum = this.#factors.bias[item]!;
    for (let d = 0; d < u.length; d++) sum += u[d]! * this.#itemAt(item, d);
    return sum;
  }

  #itemAt(item: number, d: number): number {
    return this.#factors.items[item * this.#factors.width + d]!;
  }

  #newtonStep(u: Float64Array, rows: readonly { x: Float64Array; offset: number; sign: number }[]): Float64Array {
    const { width } = this.#factors;
    const gradient = u.map((value, d) => -this.#precision[d]! * (value - this.#mean[d]!));
    const curvature = new Float64Array(width * width);
    for (let d = 0; d < width; d++) curvature[d * width + d] = this.#precision[d]!;
    for (const { x, offset, sign } of rows) {
      const p = 1 / (1 + Math.exp(-(dot(u, x) + offset)));
      const pull = (sign > 0 ? 1 : 0) - p;
      const weight = p * (1 - p);
      for (let d = 0; d < width; d++) {
        gradient[d]! += pull * x[d]!;
        // The lower half is enough.
        for (let e = 0; e <= d; e++) curvature[d * width + e]! += weight * x[d]! * x[e]!;
      }
    }
    return solved(curvature, gradient);
  }
}

/** A^-1 b by Cholesky's decomposition of the lower half, in place. A: symmetric, positive definite. */
function solved(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}

function columnMeans(table: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < table.length; i++) mean[i % width]! += table[i]! / (table.length / width);
  return mean;
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
const moved = (u: Float64Array, step: Float64Array, share: number) => u.map((value, d) => value + share * step[d]!);
/** log(1 / (1 + e^-x)) without overflow. */
const logSigmoid = (x: number) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
