/** Figures of the experiment with 95% intervals: travellers of all runs are drawn, the same ones for every strategy. */
import { type Interval, means, quantile, resampledMeans, type UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { SUMMED } from '../../training/low-data/scores.ts';

export const METRICS = ['accuracy', 'balanced_accuracy', 'auc', 'log_loss'] as const;
export type MetricName = (typeof METRICS)[number];

export interface Estimate {
  value: number;
  interval: Interval | null;
  /** Of each run by itself, in their order. */
  runs: number[];
}

export type Estimates = Record<MetricName, Estimate>;

const RESAMPLES = 1000;

/** @param runs sums by traveller, a run each */
export function estimates(runs: readonly UserSums[], seed: number): Estimates {
  return summarised(
    drawnMetrics(joined(runs), seed),
    metricsOf(means(joined(runs))),
    runs.map((one) => metricsOf(means(one))),
  );
}

/** First less second, of the same travellers in the same order. */
export function differences(a: readonly UserSums[], b: readonly UserSums[], seed: number): Estimates {
  const less = (one: Record<MetricName, number>, other: Record<MetricName, number>) =>
    record((metric) => one[metric] - other[metric]);
  const [one, other] = [drawnMetrics(joined(a), seed), drawnMetrics(joined(b), seed)];
  return summarised(
    record((metric) => one[metric].map((value, i) => value - other[metric][i]!)),
    less(metricsOf(means(joined(a))), metricsOf(means(joined(b)))),
    a.map((run, r) => less(metricsOf(means(run)), metricsOf(means(b[r]!)))),
  );
}

/** First less second, of different travellers: each side is drawn by itself. */
export function unpairedAccuracy(a: readonly UserSums[], b: readonly UserSums[], seed: number): Omit<Estimate, 'runs'> {
  const [one, other] = [drawnMetrics(joined(a), seed), drawnMetrics(joined(b), seed ^ 1)];
  const value = metricsOf(means(joined(a))).accuracy - metricsOf(means(joined(b))).accuracy;
  return { value, interval: range(one.accuracy.map((drawn, i) => drawn - other.accuracy[i]!)) };
}

export function joined(runs: readonly UserSums[]): UserSums {
  const flat = (of: (one: UserSums) => Float64Array) => Float64Array.from(runs.flatMap((one) => [...of(one)]));
  return {
    users: runs.reduce((users, one) => users + one.users, 0),
    metrics: SUMMED.length,
    sums: flat(({ sums }) => sums),
    counts: flat(({ counts }) => counts),
  };
}

function drawnMetrics(sums: UserSums, seed: number): Record<MetricName, Float64Array> {
  // The same stream for every strategy: the same travellers are drawn.
  const drawn = resampledMeans(sums, RESAMPLES, Random.of(seed, 'low-data/bootstrap'));
  const of = (name: (typeof SUMMED)[number]) => drawn[SUMMED.indexOf(name)]!;
  const [sensitivity, specificity] = [of('sensitivity'), of('specificity')];
  return {
    accuracy: of('accuracy'),
    balanced_accuracy: sensitivity.map((x, i) => (x + specificity[i]!) / 2),
    auc: of('auc'),
    log_loss: of('log_loss'),
  };
}

function metricsOf(values: ArrayLike<number>): Record<MetricName, number> {
  const of = (name: (typeof SUMMED)[number]) => values[SUMMED.indexOf(name)]!;
  return {
    accuracy: of('accuracy'),
    balanced_accuracy: (of('sensitivity') + of('specificity')) / 2,
    auc: of('auc'),
    log_loss: of('log_loss'),
  };
}

function summarised(
  drawn: Record<MetricName, Float64Array>,
  values: Record<MetricName, number>,
  runs: readonly Record<MetricName, number>[],
): Estimates {
  return record((metric) => ({
    value: values[metric],
    interval: range(drawn[metric]),
    runs: runs.map((run) => run[metric]),
  }));
}

function range(drawn: Float64Array): Interval | null {
  const sorted = drawn.filter((value) => !Number.isNaN(value)).sort();
  return sorted.length === 0 ? null : { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
}

const record = <Value>(of: (metric: MetricName) => Value) =>
  Object.fromEntries(METRICS.map((metric) => [metric, of(metric)])) as Record<MetricName, Value>;
