/** Intervals that hold at every look: whoever stops when they exclude 0 is wrong no more often than they say. */
import type { Interval } from './bootstrap.ts';

export interface SequencePoint extends Interval {
  /** Observations so far. */
  n: number;
  /** Middle of the interval before it was cut by those before it. */
  estimate: number;
}

/** Above it a bet could lose more than is there. */
const MOST_BET = 0.5;

/**
 * Empirical-Bernstein confidence sequence with predictable plug-in bets, theorem 2 of Waudby-Smith and Ramdas 2024,
 * "Estimating means of bounded random variables by betting", JRSS-B 86. For x in [0, 1] with the same conditional mean:
 *
 *   sum l x / sum l  +-  (ln(2 / alpha) + sum 4 (x - m)^2 psi(l)) / sum l,   psi(l) = (-ln(1 - l) - l) / 4
 *   l_t = min(1/2, sqrt(2 ln(2 / alpha) / (s^2_{t-1} t ln(1 + t)))),   m and s^2 from the observations before
 *
 * With probability 1 - alpha every one of its intervals holds the mean, so that their intersection does.
 */
export class MeanSequence {
  readonly #range: readonly [number, number];
  readonly #log: number;
  #n = 0;
  #mean = 0.5;
  #variance = 0.25;
  #sum = 0;
  #squares = 0;
  #bets = 0;
  #weighted = 0;
  #spread = 0;
  #lower: number;
  #upper: number;

  /**
   * @param alpha probability that any interval misses the mean, in (0, 1)
   * @param range in which every observation lies
   */
  constructor(alpha: number, range: readonly [number, number] = [0, 1]) {
    if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha}`);
    this.#range = range;
    this.#log = Math.log(2 / alpha);
    [this.#lower, this.#upper] = range;
  }

  /** @throws RangeError where it is not in the range */
  add(value: number): void {
    const [least, most] = this.#range;
    const x = (value - least) / (most - least);
    if (!(x >= -1e-9 && x <= 1 + 1e-9)) throw new RangeError(`${value} is not in ${least} to ${most}`);
    const t = ++this.#n;
    const bet = Math.min(MOST_BET, Math.sqrt((2 * this.#log) / (this.#variance * t * Math.log(1 + t))));
    this.#bets += bet;
    this.#weighted += bet * x;
    this.#spread += (x - this.#mean) ** 2 * (-Math.log1p(-bet) - bet);
    this.#sum += x;
    this.#mean = (0.5 + this.#sum) / (t + 1);
    this.#squares += (x - this.#mean) ** 2;
    this.#variance = (0.25 + this.#squares) / (t + 1);
    const half = (this.#log + this.#spread) / this.#bets;
    const middle = this.#weighted / this.#bets;
    this.#lower = Math.max(this.#lower, this.#out(middle - half));
    this.#upper = Math.min(this.#upper, this.#out(middle + half));
  }

  /** The range itself before anything was seen. */
  get point(): SequencePoint {
    const middle = this.#n === 0 ? 0.5 : this.#weighted / this.#bets;
    return { n: this.#n, estimate: this.#out(middle), lower: this.#lower, upper: this.#upper };
  }

  #out(x: number): number {
    const [least, most] = this.#range;
    return least + x * (most - least);
  }
}

/**
 * Of the difference of two means, treated less control, of outcomes in [0, 1], where a lot decided who is treated: the mean of
 *
 *   z = m1 - m0 + (y - m1) / p  if treated,   m1 - m0 - (y - m0) / (1 - p)  if not
 *
 * with m1 and m0 the means before (augmented inverse propensity weighting, Robins, Rotnitzky and Zhao 1994, JASA 89, with
 * predictable means). Whatever they are, z has the difference as its mean and lies within 1 / min(p, 1 - p). Levels that drift for both
 * alike change nothing.
 */
export class DifferenceSequence {
  readonly #share: number;
  readonly #sequence: MeanSequence;
  readonly #treated = { n: 1, sum: 0.5 };
  readonly #control = { n: 1, sum: 0.5 };

  /** @param share of the treated among both, in (0, 1): the probability of the lot */
  constructor(alpha: number, share: number) {
    if (!(share > 0 && share < 1)) throw new RangeError(`share ${share}`);
    this.#share = share;
    const most = 1 / Math.min(share, 1 - share);
    this.#sequence = new MeanSequence(alpha, [-most, most]);
  }

  add(treated: boolean, outcome: number): void {
    const m1 = this.#treated.sum / this.#treated.n;
    const m0 = this.#control.sum / this.#control.n;
    const z = treated ? m1 - m0 + (outcome - m1) / this.#share : m1 - m0 - (outcome - m0) / (1 - this.#share);
    this.#sequence.add(z);
    const side = treated ? this.#treated : this.#control;
    side.n++;
    side.sum += outcome;
  }

  get point(): SequencePoint {
    const { n, estimate, lower, upper } = this.#sequence.point;
    const inside = (x: number) => Math.min(1, Math.max(-1, x));
    return { n, estimate: inside(estimate), lower: inside(lower), upper: inside(upper) };
  }
}
