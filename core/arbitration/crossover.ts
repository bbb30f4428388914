/** From how many signals on ML is better than the language model: estimated, with what the data cannot say left open. */
import { type Interval, quantile } from '../experiment/bootstrap.ts';
import type { NoSupport } from '../experiment/off-policy/support.ts';
import { Random } from '../experiment/random.ts';
import { compareSides } from './comparison.ts';
import { clustersOf, type Trial } from './trial.ts';

export const CROSSOVER = {
  /** Points of the curve, evenly over the logarithm of the signals. */
  points: 41,
  /**
   * Standard deviation of the kernel, in the logarithm of the signals: about from n to 1.2 n. A wider one moves the crossing
   * where the lead bends near 0.
   */
  bandwidth: 0.2,
  /** Share of the decisions at either end that the curve does not go out to. */
  trimmed: 0.01,
  resamples: 500,
  level: 0.95,
  /** Travellers under which no interval is given. */
  leastTravellers: 30,
} as const;

export interface CurvePoint {
  signals: number;
  /** Acceptance of ML less that of the LLM. */
  lead: number;
  /** Of this point by itself. */
  interval: Interval;
}

export interface Crossover {
  /** Over the range that was seen: where ML overtakes, or who is ahead throughout. */
  kind: 'crossover' | 'ml_throughout' | 'llm_throughout';
  /** Null where there is no crossing in the range. */
  signals: number | null;
  /** Of the crossing; an end is null where it lies outside the range. */
  interval: { lower: number | null; upper: number | null };
  /** Of the signals. */
  range: Interval;
  decisions: number;
  travellers: number;
  /** Share of the resamples in which ML overtakes within the range. */
  crossing: number;
  curve: CurvePoint[];
}

/** Sums of one traveller around each point: of weights, of their first and second moments, of outcomes with either. */
const SUMS = 5;

/**
 * The lead of ML at n signals is the mean of y = (r - m) s / p there: r whether it was accepted, m the mean of r, s +1 where
 * ML was served and -1 where the LLM was, p the propensity (Horvitz and Thompson 1952; whatever m is, the mean of y is the
 * difference of the sides). It is smoothed over log n by local linear regression (Fan and Gijbels 1996, "Local polynomial
 * modelling", 3.1, Gaussian kernel).
 *
 * The crossover is the cut c for which "the LLM under c signals, ML from c on" would have been accepted most: where the
 * curve comes up through 0. Its interval is that of the percentiles over resamples of the travellers, in which there may
 * be no crossing: then an end is open.
 * @param trials with the fact `counting_signals`; those without it, or with less than 1, are left out
 */
export function crossover(trials: readonly Trial[], seed: number): Crossover | NoSupport {
  const known = trials.filter(({ facts }) => typeof facts.counting_signals === 'number' && facts.counting_signals >= 1);
  const { ml, llm } = compareSides(known);
  for (const side of [ml, llm]) if (side.kind === 'no_support') return side;
  const cluster = clustersOf(known);
  const travellers = cluster.reduce((most, id) => Math.max(most, id), -1) + 1;
  if (travellers < CROSSOVER.leastTravellers) return tooFew(travellers);

  const x = Float64Array.from(known, ({ facts }) => Math.log(facts.counting_signals as number));
  const sorted = x.slice().sort();
  const [first, last] = [quantile(sorted, CROSSOVER.trimmed), quantile(sorted, 1 - CROSSOVER.trimmed)];
  const at = Float64Array.from(
    { length: CROSSOVER.points },
    (_, g) => first + ((last - first) * g) / (CROSSOVER.points - 1),
  );
  const sums = sumsByTraveller(known, x, at, cluster, travellers);
  const all = new Float64Array(travellers).fill(1);
  const curve = leads(sums, all);
  const density = at.map((_, g) => total(sums, all, g * SUMS));

  const cuts = new Float64Array(CROSSOVER.resamples);
  const drawn = at.map(() => 0);
  const spread = Array.from(drawn, () => new Float64Array(CROSSOVER.resamples));
  const random = Random.of(seed, 'crossover');
  for (let b = 0; b < CROSSOVER.resamples; b++) {
    const times = new Float64Array(travellers);
    for (let draw = 0; draw < travellers; draw++) times[random.int(travellers)]!++;
    const resampled = leads(sums, times);
    cuts[b] = bestCut(at, resampled, density);
    for (let g = 0; g < at.length; g++) spread[g]![b] = resampled[g]!;
  }
  const tail = (1 - CROSSOVER.level) / 2;
  const ends = (values: Float64Array): Interval => {
    values.sort();
    return { lower: atShare(values, tail), upper: atShare(values, 1 - tail) };
  };
  const cut = bestCut(at, curve, density);
  const crossing = cuts.filter(Number.isFinite).length / cuts.length;
  const { lower, upper } = ends(cuts);
  return {
    kind: Number.isFinite(cut) ? 'crossover' : cut < 0 ? 'ml_throughout' : 'llm_throughout',
    signals: signalsAt(cut),
    interval: { lower: signalsAt(lower), upper: signalsAt(upper) },
    range: { lower: Math.exp(first), upper: Math.exp(last) },
    decisions: known.length,
    travellers,
    crossing,
    curve: Array.from(at, (point, g) => ({
      signals: Math.exp(point),
      lead: curve[g]!,
      interval: ends(spread[g]!.filter((value) => !Number.isNaN(value))),
    })),
  };
}

/** Without interpolation: the ends may be infinite. */
const atShare = (sorted: Float64Array, share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
const signalsAt = (logarithm: number) => (Number.isFinite(logarithm) ? Math.exp(logarithm) : null);

function tooFew(travellers: number): NoSupport {
  const bound = CROSSOVER.leastTravellers;
  const message = `randomised decisions of ${travellers} travellers; ${bound} are needed`;
  return { kind: 'no_support', reason: 'effective_sample_size', found: travellers, bound, message };
}

/** [travellers, points, SUMS] */
function sumsByTraveller(
  trials: readonly Trial[],
  x: Float64Array,
  at: Float64Array,
  cluster: Int32Array,
  travellers: number,
): Float64Array {
  const mean = trials.filter(({ accepted }) => accepted).length / trials.length;
  const sums = new Float64Array(travellers * at.length * SUMS);
  for (const [i, { accepted, served, propensity }] of trials.entries()) {
    const y = (((accepted ? 1 : 0) - mean) * (served === 'ml' ? 1 : -1)) / propensity;
    for (let g = 0; g < at.length; g++) {
      const distance = x[i]! - at[g]!;
      const weight = Math.exp(-0.5 * (distance / CROSSOVER.bandwidth) ** 2);
      const row = (cluster[i]! * at.length + g) * SUMS;
      sums[row]! += weight;
      sums[row + 1]! += weight * distance;
      sums[row + 2]! += weight * distance * distance;
      sums[row + 3]! += weight * y;
      sums[row + 4]! += weight * distance * y;
    }
  }
  return sums;
}

/** One of the sums at one point, over travellers that come so many times. */
function total(sums: Float64Array, times: Float64Array, offset: number): number {
  const width = sums.length / times.length;
  let sum = 0;
  for (let u = 0; u < times.length; u++) if (times[u]! > 0) sum += times[u]! * sums[u * width + offset]!;
  return sum;
}

/** [points]: the intercept of the local line at each. */
function leads(sums: Float64Array, times: Float64Array): Float64Array {
  return Float64Array.from({ length: sums.length / times.length / SUMS }, (_, g) => {
    const [s0, s1, s2, t0, t1] = Array.from({ length: SUMS }, (_, k) => total(sums, times, g * SUMS + k));
    const determinant = s0! * s2! - s1! ** 2;
    return determinant > 1e-9 * s0! ** 2 ? (s2! * t0! - s1! * t1!) / determinant : t0! / s0!;
  });
}

/** -Infinity: ML from the first point on; Infinity: never. */
function bestCut(at: Float64Array, curve: Float64Array, density: Float64Array): number {
  let gain = 0;
  let best = 0;
  let from = at.length;
  for (let g = at.length - 1; g >= 0; g--) {
    gain += density[g]! * curve[g]!;
    if (gain > best) {
      best = gain;
      from = g;
    }
  }
  if (from === at.length) return Number.POSITIVE_INFINITY;
  if (from === 0) return Number.NEGATIVE_INFINITY;
  const [below, above] = [curve[from - 1]!, curve[from]!];
  const share = above > below ? Math.min(1, Math.max(0, -below / (above - below))) : 1;
  return at[from - 1]! + share * (at[from]! - at[from - 1]!);
}
