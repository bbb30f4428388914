/** What an evaluation found, as it is written down. */

import type { Interval } from '../../../core/experiment/bootstrap.ts';
import type { OffPolicyResult } from '../../../core/experiment/off-policy/estimate.ts';
import type { DataLineage } from '../../data/dataset.ts';
import type { Calibration } from '../calibration.ts';
import type { Evaluation, Results } from '../evaluate.ts';

export interface RunDescription {
  title: string;
  /** ISO 8601. */
  createdAt: string;
  /** Of the code, `unknown` outside a checkout. */
  codeRevision: string;
  seed: number;
  /** Everything that was asked for, as the operator gave it. */
  config: Readonly<Record<string, unknown>>;
  lineage: DataLineage;
  /** The rules of the comparison, a sentence each, for the reader of the report. */
  protocol: readonly string[];
}

export interface OffPolicyEntry {
  policy: string;
  /** Of which log. */
  log: string;
  estimator: string;
  result: OffPolicyResult;
  /** Against the value from the policy's own log, where there is one. */
  against?: { value: number; interval: Interval; difference: { difference: number; interval: Interval } };
}

export interface EvaluationDocument {
  run: RunDescription;
  evaluation: Evaluation | null;
  offPolicy: readonly OffPolicyEntry[];
}

/** As JSON, snake_case, metrics under their own names (`hr@10`; `sampled@100/hr@10`); intervals are `[lower, upper]` or null. */
export function toJson({ run, evaluation, offPolicy }: EvaluationDocument): Record<string, unknown> {
  return {
    format: 'overplanned-evaluation',
    v: 1,
    title: run.title,
    created_at: run.createdAt,
    code_revision: run.codeRevision,
    seed: run.seed,
    config: run.config,
    data: { sources: run.lineage.sources, rows: run.lineage.rows, synthetic: run.lineage.synthetic },
    protocol: run.protocol,
    ...(evaluation && {
      cases: evaluation.cases,
      users: evaluation.users,
      left_out: evaluation.leftOut,
      models: evaluation.models.map(({ name, overall, segments }) => ({
        name,
        ...resultsJson(overall),
        segments: segments.map(({ dimension, value, ...results }) => ({ dimension, value, ...resultsJson(results) })),
      })),
      comparisons: evaluation.comparisons.map(({ metric, a, b, difference, interval, p, pHolm }) => {
        return { metric, a, b, difference, interval: pair(interval), p, p_holm: pHolm };
      }),
    }),
    ...(offPolicy.length > 0 && { off_policy: offPolicy.map(offPolicyJson) }),
  };
}

function resultsJson({ cases, users, metrics, coverage, nextItem, acceptance }: Results) {
  return {
    cases,
    users,
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, { value, interval }]) => [
        name,
        { value: finite(value), interval: pair(interval) },
      ]),
    ),
    coverage,
    calibration: { next_item: calibrationJson(nextItem), acceptance: calibrationJson(acceptance) },
  };
}

function calibrationJson(calibration: Calibration | null) {
  if (!calibration) return null;
  const { n, ece, brier, bins } = calibration;
  return {
    n,
    ece,
    brier,
    bins: bins.map((bin) => ({ ...bin, predicted: finite(bin.predicted), observed: finite(bin.observed) })),
  };
}

function offPolicyJson({ policy, log, estimator, result, against }: OffPolicyEntry) {
  const about = { policy, log, estimator };
  if (result.kind === 'no_support') {
    const { reason, found, bound, message } = result;
    return { ...about, result: 'no_support', reason, found, bound, message };
  }
  return {
    ...about,
    result: 'value',
    value: result.value,
    interval: pair(result.interval),
    standard_error: result.standardError,
    rounds: result.rounds,
    effective_sample_size: result.effectiveSampleSize,
    mean_weight: result.meanWeight,
    largest_weight: result.largestWeight,
    ...(against && {
      own_log: { value: against.value, interval: pair(against.interval) },
      difference: { value: against.difference.difference, interval: pair(against.difference.interval) },
    }),
  };
}

const pair = (interval: Interval | null) => interval && [interval.lower, interval.upper];
const finite = (value: number) => (Number.isFinite(value) ? value : null);
