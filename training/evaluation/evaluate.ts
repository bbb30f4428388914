/** Compares rankers on the same held-out cases: overall, by segment, pair by pair. */

import {
  BOOTSTRAP,
  type BootstrapOptions,
  type Interval,
  intervals,
  means,
  sumByUser,
} from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import type { Interactions } from '../data/dataset.ts';
import { type Calibration, calibration } from './calibration.ts';
import { Coverage, selfInformation } from './diversity.ts';
import { type CaseValues, MEASURE, type MeasureOptions, measure } from './measure.ts';
import { compare, holm } from './paired.ts';
import { contest, FULL_RANKING, type LeftOut, metricPrefix, type Protocol } from './protocol.ts';
import type { EvaluationCase, OutcomeCase, Recommender } from './recommender.ts';

export interface EvaluationOptions {
  protocol: Protocol;
  measure: MeasureOptions;
  bootstrap: BootstrapOptions;
  seed: number;
  /** Whose cases hang together, and are drawn together: the user by default. */
  clusterOf: (one: EvaluationCase) => number;
  calibrationBins: number;
}

export const EVALUATION: EvaluationOptions = {
  protocol: FULL_RANKING,
  measure: MEASURE,
  bootstrap: BOOTSTRAP,
  seed: 0,
  clusterOf: (one) => one.user,
  calibrationBins: 10,
};

export interface Estimate {
  value: number;
  interval: Interval | null;
}

/** Of one ranker on all cases, or on those of a segment. */
export interface Results {
  cases: number;
  users: number;
  metrics: Record<string, Estimate>;
  /** Share of the catalogue in some list; a property of all lists together, so without an interval. It grows with `cases`. */
  coverage: Record<string, number>;
  /** Of the first item's probability; null where scores are not probabilities. */
  nextItem: Calibration | null;
  /** Of the probability to be taken when shown; null without such a model or without outcomes. */
  acceptance: Calibration | null;
}

export interface ModelResults {
  name: string;
  overall: Results;
  segments: ({ dimension: string; value: string } & Results)[];
}

export interface Comparison {
  metric: string;
  a: string;
  b: string;
  /** Mean of a - b over the cases. */
  difference: number;
  interval: Interval | null;
  p: number;
  /** Holm-corrected over all pairs of the metric. */
  pHolm: number;
}

export interface Evaluation {
  cases: number;
  users: number;
  leftOut: LeftOut;
  models: ModelResults[];
  comparisons: Comparison[];
}

/**
 * @param train what the rankers learned from: gives the catalogue and how well known its items are
 * @param outcomes offers with what became of them, for the calibration of acceptance
 * @throws RangeError where two rankers have one name, or no case can be ranked
 */
export async function evaluate(
  recommenders: readonly Recommender[],
  cases: readonly EvaluationCase[],
  train: Interactions,
  outcomes: readonly OutcomeCase[] = [],
  options: Partial<EvaluationOptions> = {},
): Promise<Evaluation> {
  const settings = { ...EVALUATION, ...options };
  const names = recommenders.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new RangeError(`two rankers of one name: ${names.join(', ')}`);
  const items = train.items.length;
  const { contested, leftOut } = contest(cases, items, settings.protocol, settings.seed);
  if (contested.length === 0) throw new RangeError(`none of ${cases.length} cases can be ranked`);
  const ranked = contested.map((one) => one.case);
  const clusters = Int32Array.from(ranked, settings.clusterOf);
  const information = selfInformation(train);

  const models: ModelResults[] = [];
  const measured: CaseValues[] = [];
  for (const recommender of recommenders) {
    const values = await measure(recommender, contested, items, information, settings.protocol, settings.measure);
    const accepted = await acceptanceOf(recommender, outcomes);
    const of = (stream: string, chosen: readonly number[], offers: readonly number[]) =>
      results(values, accepted, outcomes, chosen, offers, clusters, items, settings, `${recommender.name} ${stream}`);
    const everything = { cases: [...ranked.keys()], offers: [...outcomes.keys()] };
    models.push({
      name: recommender.name,
      overall: of('overall', everything.cases, everything.offers),
      segments: segmentsOf(ranked, outcomes).map(({ dimension, value, chosen, offers }) => {
        return { dimension, value, ...of(`${dimension}=${value}`, chosen, offers) };
      }),
    });
    measured.push(values);
  }
  return {
    cases: ranked.length,
    users: new Set(clusters).size,
    leftOut,
    models,
    comparisons: comparisons(names, measured, clusters, settings),
  };
}

async function acceptanceOf(recommender: Recommender, outcomes: readonly OutcomeCase[]): Promise<Float32Array | null> {
  if (!recommender.acceptance || outcomes.length === 0) return null;
  return recommender.acceptance(outcomes);
}

function results(
  values: CaseValues,
  accepted: Float32Array | null,
  outcomes: readonly OutcomeCase[],
  chosen: readonly number[],
  offers: readonly number[],
  clusters: Int32Array,
  items: number,
  settings: EvaluationOptions,
  stream: string,
): Results {
  const width = values.metrics.length;
  const rows = new Float64Array(chosen.length * width);
  for (const [row, c] of chosen.entries()) rows.set(values.values.subarray(c * width, (c + 1) * width), row * width);
  const data = sumByUser(
    rows,
    width,
    chosen.map((c) => clusters[c]!),
  );
  const bounds = intervals(data, settings.bootstrap, Random.of(settings.seed, `bootstrap ${stream}`));
  const value = means(data);
  const prefix = metricPrefix(settings.protocol);
  const coverage = new Coverage(items);
  for (const c of chosen) coverage.add(values.lists[c]!);
  const { predictions } = values;
  const sure = predictions ? chosen.filter((c) => !Number.isNaN(predictions.confidence[c]!)) : [];
  return {
    cases: chosen.length,
    users: data.users,
    metrics: Object.fromEntries(
      values.metrics.map((name, m) => [prefix + name, { value: value[m]!, interval: bounds[m]! }]),
    ),
    coverage: { [`${prefix}coverage@${settings.measure.listLength}`]: coverage.value },
    nextItem:
      predictions && sure.length > 0
        ? calibration(
            sure.map((c) => predictions.confidence[c]!),
            sure.map((c) => predictions.correct[c]!),
            settings.calibrationBins,
          )
        : null,
    acceptance:
      accepted && offers.length > 0
        ? calibration(
            offers.map((o) => accepted[o]!),
            offers.map((o) => (outcomes[o]!.accepted ? 1 : 0)),
            settings.calibrationBins,
          )
        : null,
  };
}

/** Each value of each dimension that any ranked case has, in order of names, with its cases and offers. */
function segmentsOf(ranked: readonly EvaluationCase[], outcomes: readonly OutcomeCase[]) {
  const found = new Map<string, { dimension: string; value: string; chosen: number[]; offers: number[] }>();
  const put = (cases: readonly EvaluationCase[], list: 'chosen' | 'offers') => {
    for (const [c, { segment }] of cases.entries()) {
      for (const [dimension, value] of Object.entries(segment)) {
        const key = `${dimension}=${value}`;
        let entry = found.get(key);
        if (!entry) {
          entry = { dimension, value, chosen: [], offers: [] };
          found.set(key, entry);
        }
        entry[list].push(c);
      }
    }
  };
  put(ranked, 'chosen');
  put(outcomes, 'offers');
  return [...found.entries()]
    .filter(([, { chosen }]) => chosen.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
}

/** Every pair, every metric. */
function comparisons(
  names: readonly string[],
  measured: readonly CaseValues[],
  clusters: Int32Array,
  { bootstrap, protocol, seed }: EvaluationOptions,
): Comparison[] {
  const metrics = measured[0]?.metrics ?? [];
  const pairs: Omit<Comparison, 'pHolm'>[] = [];
  for (let a = 0; a < names.length; a++) {
    for (let b = a + 1; b < names.length; b++) {
      const random = Random.of(seed, `compare ${names[a]} ${names[b]}`);
      const { values } = measured[a]!;
      compare(values, measured[b]!.values, metrics.length, clusters, bootstrap, random).forEach((found, m) => {
        pairs.push({ metric: metricPrefix(protocol) + metrics[m]!, a: names[a]!, b: names[b]!, ...found });
      });
    }
  }
  return Object.values(Object.groupBy(pairs, ({ metric }) => metric)).flatMap((group) => {
    const corrected = holm(group!.map(({ p }) => p));
    return group!.map(({ difference, interval, p, ...rest }, i) => {
      return { ...rest, difference, interval, p, pHolm: corrected[i]! };
    });
  });
}
