/** What an experiment's log says so far: the difference by day, the guardrails, the decision. */
import type { Interval } from './bootstrap.ts';
import { DifferenceSequence, MeanSequence } from './confidence-sequence.ts';
import type { StoredExperiment } from './experiment.ts';

const DAY_MS = 86_400_000;
/** A latency is under the 95th percentile's limit where no more than so many requests are over it. */
const OVER_P95 = 0.05;

/** One traveller of the experiment, in whatever order. */
export interface ActorOutcome {
  variant: string;
  /** Milliseconds since the epoch. */
  firstExposedAt: number;
  /** Rankings served to them in the days that count, and those of which they took something. */
  shown: number;
  accepted: number;
  /** Whether they asked for a pivot in those days. */
  pivoted: boolean;
}

/** One request that an experiment answered. */
export interface ExposedRequest {
  variant: string;
  at: number;
  latencyMs: number;
  failed: boolean;
}

export interface DayPoint extends Interval {
  /** The day's end, UTC, is when it was known. */
  day: string;
  /** Travellers with an outcome, of both. */
  travellers: number;
  difference: number;
}

export interface VariantSummary {
  name: string;
  model: string;
  share: number;
  travellers: number;
  /** Of them, those whose days are over. */
  outcomes: number;
  /** Mean of the outcomes; null without any. */
  acceptance: number | null;
  requests: number;
  failed: number;
  latencyP95Ms: number | null;
}

export interface GuardrailState {
  guardrail: 'pivot_rate' | 'latency_p95_ms' | 'error_rate';
  variant: string;
  /** What was found, with a confidence sequence; of a latency, the share of requests over the limit. */
  found: { value: number | null } & Interval;
  /** The lower bound of what was found has to stay at or under it. */
  limit: number;
  broken: boolean;
}

export interface Decision {
  kind: 'undecided' | 'better' | 'worse';
  /** That the decision is about; null where there is none. */
  variant: string | null;
}

export interface ExperimentAnalysis {
  variants: VariantSummary[];
  /** By variant, the control's left out. */
  series: Record<string, DayPoint[]>;
  guardrails: GuardrailState[];
  decision: Decision;
}

/**
 * A traveller is one observation: the share of the rankings shown to them in their first days of which they took something,
 * in [0, 1], known once those days are over; in the order in which they are. So observations are independent, whatever one
 * traveller's requests have in common. Each variant is compared with the control by a confidence sequence at alpha / variants;
 * guardrails have one each at alpha / guardrails, whose lower bound has to pass the limit.
 */
export function analyse(
  config: StoredExperiment,
  outcomes: readonly ActorOutcome[],
  requests: readonly ExposedRequest[],
  now: number,
): ExperimentAnalysis {
  const window = config.outcome_days * DAY_MS;
  const known = outcomes
    .map((one) => ({ ...one, knownAt: one.firstExposedAt + window }))
    .filter(({ knownAt }) => knownAt <= now)
    .sort((a, b) => a.knownAt - b.knownAt);
  const inOrder = [...requests].sort((a, b) => a.at - b.at);
  const [control, ...others] = config.variants;
  const alpha = config.alpha / others.length;
  const series: Record<string, DayPoint[]> = {};
  for (const variant of others) {
    const both = known.filter((one) => one.variant === control!.name || one.variant === variant.name);
    const share = variant.share / (variant.share + control!.share);
    series[variant.name] = byDay(both, variant.name, new DifferenceSequence(alpha, share), (one) => {
      return one.shown === 0 ? 0 : one.accepted / one.shown;
    });
  }
  return {
    variants: config.variants.map((variant) => summary(variant, outcomes, known, inOrder)),
    series,
    guardrails: guardrailStates(config, known, inOrder),
    decision: decisionOf(series),
  };
}

/** The first variant that is shown to be better; else the first that is shown to be worse. */
function decisionOf(series: Readonly<Record<string, readonly DayPoint[]>>): Decision {
  const last = Object.entries(series).map(([variant, points]) => ({ variant, point: points.at(-1) }));
  const better = last.find(({ point }) => point && point.lower > 0);
  if (better) return { kind: 'better', variant: better.variant };
  const worse = last.find(({ point }) => point && point.upper < 0);
  return worse ? { kind: 'worse', variant: worse.variant } : { kind: 'undecided', variant: null };
}

function byDay(
  outcomes: readonly (ActorOutcome & { knownAt: number })[],
  variant: string,
  sequence: DifferenceSequence,
  outcomeOf: (one: ActorOutcome) => number,
): DayPoint[] {
  const points: DayPoint[] = [];
  for (const one of outcomes) {
    sequence.add(one.variant === variant, outcomeOf(one));
    const { n, estimate, lower, upper } = sequence.point;
    const day = new Date(one.knownAt).toISOString().slice(0, 10);
    if (points.at(-1)?.day === day) points.pop();
    points.push({ day, travellers: n, difference: estimate, lower, upper });
  }
  return points;
}

function guardrailStates(
  { variants, guardrails, alpha }: StoredExperiment,
  known: readonly (ActorOutcome & { knownAt: number })[],
  requests: readonly ExposedRequest[],
): GuardrailState[] {
  const [control, ...others] = variants;
  const each = alpha / (3 * others.length);
  return others.flatMap((variant): GuardrailState[] => {
    const own = requests.filter((one) => one.variant === variant.name);
    const pivots = new DifferenceSequence(each, variant.share / (variant.share + control!.share));
    for (const one of known) {
      if (one.variant === variant.name || one.variant === control!.name) {
        pivots.add(one.variant === variant.name, one.pivoted ? 1 : 0);
      }
    }
    const limit = guardrails.pivot_rate_above_control;
    const { n, estimate, lower, upper } = pivots.point;
    return [
      {
        guardrail: 'pivot_rate',
        variant: variant.name,
        found: { value: n === 0 ? null : estimate, lower, upper },
        limit,
        broken: lower > limit,
      },
      rateState(
        'latency_p95_ms',
        variant.name,
        own,
        (one) => one.latencyMs > guardrails.latency_p95_ms,
        OVER_P95,
        each,
      ),
      rateState('error_rate', variant.name, own, (one) => one.failed, guardrails.error_rate, each),
    ];
  });
}

function rateState(
  guardrail: GuardrailState['guardrail'],
  variant: string,
  requests: readonly ExposedRequest[],
  isBad: (one: ExposedRequest) => boolean,
  limit: number,
  alpha: number,
): GuardrailState {
  const sequence = new MeanSequence(alpha);
  let bad = 0;
  for (const one of requests) {
    sequence.add(isBad(one) ? 1 : 0);
    if (isBad(one)) bad++;
  }
  const { lower, upper } = sequence.point;
  const value = requests.length === 0 ? null : bad / requests.length;
  return { guardrail, variant, found: { value, lower, upper }, limit, broken: lower > limit };
}

function summary(
  { name, model, share }: StoredExperiment['variants'][number],
  outcomes: readonly ActorOutcome[],
  known: readonly ActorOutcome[],
  requests: readonly ExposedRequest[],
): VariantSummary {
  const own = known.filter(({ variant }) => variant === name);
  const answered = requests.filter(({ variant }) => variant === name);
  const latencies = answered.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const total = own.reduce((sum, one) => sum + (one.shown === 0 ? 0 : one.accepted / one.shown), 0);
  return {
    name,
    model,
    share,
    travellers: outcomes.filter(({ variant }) => variant === name).length,
    outcomes: own.length,
    acceptance: own.length === 0 ? null : total / own.length,
    requests: answered.length,
    failed: answered.filter(({ failed }) => failed).length,
    latencyP95Ms: latencies[Math.ceil(0.95 * latencies.length) - 1] ?? null,
  };
}
