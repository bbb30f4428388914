/** Metrics of models that rank nothing: a value and what a bootstrap over venues makes of it. */

import { BOOTSTRAP, type Interval, intervals, means } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';

export interface Measured {
  value: number;
  /** 95%; null where there are too few venues to say. */
  interval: Interval | null;
}

/** The mean over venues. */
export function meanOf(values: readonly number[], seed: number): Measured {
  return ratioOf(
    values,
    values.map(() => 1),
    seed,
  );
}

/** A sum over venues by another, as precision is, and micro-averaged F1. */
export function ratioOf(above: readonly number[], below: readonly number[], seed: number): Measured {
  const data = { users: above.length, metrics: 1, sums: Float64Array.from(above), counts: Float64Array.from(below) };
  return { value: means(data)[0]!, interval: intervals(data, BOOTSTRAP, Random.of(seed, 'text/bootstrap'))[0]! };
}
