/**
 * The correction signal: where real travellers take to a venue otherwise than the simulated ones of the same archetype. Either
 * the simulation is wrong about them, or the venue's record is.
 */
import type { Interval } from '../experiment/bootstrap.ts';
import { normalQuantile } from '../experiment/distributions.ts';
import { difference, scoreInterval } from '../experiment/off-policy/interval.ts';

/** A traveller counts once for a venue, by their last decision on it: they are independent of each other, their decisions are not. */
export interface Acceptance {
  /** Travellers who took it. */
  accepted: number;
  /** Travellers who decided. */
  travellers: number;
}

export interface Share extends Acceptance {
  value: number;
  interval: Interval;
}

export interface Divergence {
  real: Share;
  synthetic: Share;
  /** Real less synthetic, in [-1, 1]. */
  difference: number;
  interval: Interval;
  /** Of "no difference", two-sided; in (0, 1]. */
  p: number;
  /** The least rate of false discoveries at which this one is among the discoveries; of all that were compared. */
  q: number;
}

/** Of the intervals that are stored and shown. */
export const CORRECTION_LEVEL = 0.95;

/** With fewer travellers on either side a review does not compare. */
export const LEAST_TRAVELLERS = 5;

/** A divergence is told apart from chance where its q is below. */
export const FALSE_DISCOVERIES = 0.05;

export interface CorrectionOptions {
  /** Travellers that either side has at least, or the two are not compared. */
  minimum: number;
  /** Of the intervals, in (0, 1). */
  level: number;
}

/** Wilson's interval of a share (Wilson 1927, JASA 22). */
export function share({ accepted, travellers }: Acceptance, level: number): Share {
  if (!(travellers > 0 && accepted >= 0 && accepted <= travellers))
    throw new RangeError(`${accepted} of ${travellers} travellers`);
  const value = accepted / travellers;
  const standardError = Math.sqrt((value * (1 - value)) / travellers);
  const critical = normalQuantile(0.5 + level / 2);
  return { accepted, travellers, value, interval: scoreInterval(value, standardError, [0, 1], critical, travellers) };
}

/**
 * Fisher's exact test of two shares, two-sided: the probability, were they one, of tables that are as unlikely as this one
 * or less (Fisher 1935, JRSS 98). It holds for any number of travellers, and is a little too cautious.
 */
export function fisherExact(a: Acceptance, b: Acceptance): number {
  const taken = a.accepted + b.accepted;
  const logProbability = (k: number) =>
    logChoose(a.travellers, k) + logChoose(b.travellers, taken - k) - logChoose(a.travellers + b.travellers, taken);
  const observed = logProbability(a.accepted);
  let p = 0;
  for (let k = Math.max(0, taken - b.travellers); k <= Math.min(a.travellers, taken); k++) {
    const log = logProbability(k);
    // Rounding must not make an equally likely table a likelier one.
    if (log <= observed + 1e-9) p += Math.exp(log);
  }
  return Math.min(1, p);
}

/** The adjusted p-values of Benjamini and Hochberg (1995, JRSS B 57), in the order of `p`. */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[j]! - p[i]!);
  const adjusted = new Array<number>(p.length);
  let least = 1;
  for (const [n, i] of order.entries()) {
    least = Math.min(least, p[i]! * (p.length / (p.length - n)));
    adjusted[i] = least;
  }
  return adjusted;
}

/** Without `q`, which goes by what else is compared. */
export type Comparison = Omit<Divergence, 'q'>;

/** The interval of the difference is Newcombe's (1998, Statistics in Medicine 17, method 10). */
export function compare(cell: { real: Acceptance; synthetic: Acceptance }, level: number): Comparison {
  const [real, synthetic] = [share(cell.real, level), share(cell.synthetic, level)];
  return { real, synthetic, ...difference(real, synthetic), p: fisherExact(cell.real, cell.synthetic) };
}

const enough = (minimum: number) => {
  const least = Math.max(1, minimum);
  return ({ real, synthetic }: { real: Acceptance; synthetic: Acceptance }) =>
    real.travellers >= least && synthetic.travellers >= least;
};

/** Those with enough travellers on both sides, with the `q` that they have among each other; in the order given. */
export function adjusted<Row extends { real: Acceptance; synthetic: Acceptance; p: number }>(
  rows: readonly Row[],
  minimum: number,
): (Row & { q: number })[] {
  const compared = rows.filter(enough(minimum));
  const q = benjaminiHochberg(compared.map(({ p }) => p));
  return compared.map((row, i) => ({ ...row, q: q[i]! }));
}

/**
 * Compares what has enough travellers on both sides; strongest evidence first: least p, then largest difference, then as
 * given.
 */
export function divergences<Cell extends { real: Acceptance; synthetic: Acceptance }>(
  cells: readonly Cell[],
  { minimum, level }: CorrectionOptions,
): (Omit<Cell, 'real' | 'synthetic'> & Divergence)[] {
  const compared = cells.filter(enough(minimum)).map((cell) => ({ ...cell, ...compare(cell, level) }));
  return adjusted(compared, minimum).sort((a, b) => a.p - b.p || Math.abs(b.difference) - Math.abs(a.difference));
}

/** log n!, kept as far as it was asked for. */
const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i));
  return logFactorials[n]!;
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);
