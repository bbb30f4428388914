/** The gate before travellers: what a version has to show, condition by condition, each with its numbers. */
import type { Interval } from '../experiment/bootstrap.ts';
import { type GateConfig, modelGateOf } from './gate-config.ts';
import type { Comparison, NoSupport } from './hit-rate.ts';
import { type Environment, forbiddenSources } from './lineage.ts';
import type { ModelStatus } from './status.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

type Metrics = Readonly<Record<string, { value: number; interval: Interval | null }>>;

export interface GateCondition {
  name: string;
  passed: boolean;
  /** A warning keeps nobody back. */
  kind: 'required' | 'warning';
  /** What an operator may waive in development; what would break the service never is. */
  waivable: boolean;
  waived: boolean;
  /** A number, a text, numbers with their interval; `no_support` where the log cannot say. */
  found: unknown;
  required: unknown;
  /** For the operator. */
  detail: string;
}

export interface GateEvidence {
  environment: Environment;
  now: Date;
  name: string;
  version: {
    version: string;
    status: ModelStatus;
    lineage: readonly string[];
    metrics: Metrics;
    /** Null where there are no files to be trained, as of an LLM. */
    artifactPath: string | null;
    shadowSince: Date | null;
    canarySince: Date | null;
  };
  /** Of the same name; null where there is none. */
  production: { version: string; metrics: Metrics } | null;
  /** Trips with a randomised decision and a ranking of the version. */
  heldOutSessions: number;
  /** Null where the version is a baseline itself. */
  againstBaseline: Comparison | NoSupport | null;
  /** Null where there is no production version. */
  againstProduction: Comparison | NoSupport | null;
  shownNdcg: { kind: 'value'; value: number; interval: Interval | null; lists: number } | NoSupport | null;
  /** Why its files cannot serve, with the code; null where they can. */
  refused: { code: string; message: string } | null;
  itemVectors: { indexed: number; of: number } | null;
  /** Of the canary that runs. */
  canary: { exposures: number; broken: readonly string[] } | null;
}

export type GateTarget = 'canary' | 'production';

/** All conditions, in the order in which they are told. Pure: the same evidence gives the same answer. */
export function gateConditions(evidence: GateEvidence, config: GateConfig, target: GateTarget): GateCondition[] {
  const own = modelGateOf(config, evidence.name);
  const conditions = [artifactLoads(evidence)];
  if (own.itemVectors) conditions.push(itemVectorsIndexed(evidence));
  conditions.push(warmLineage(evidence), shadowDays(evidence, config));
  if (own.role === 'ranker') {
    conditions.push(heldOutSessions(evidence, config));
    if (evidence.againstBaseline) conditions.push(above('hr5_above_baseline', evidence.againstBaseline));
    if (evidence.againstProduction) {
      conditions.push(above('hr5_above_production', evidence.againstProduction));
      conditions.push(pairedDifference(evidence.againstProduction));
    }
  }
  if (own.shownNdcgAbove !== null) conditions.push(ndcgOfShown(evidence, own.shownNdcgAbove));
  for (const threshold of own.thresholds) conditions.push(metricAbove(evidence, threshold));
  for (const metric of own.reported) conditions.push(metricReported(evidence, metric));
  if (target === 'production' && needsCanary(evidence, config)) conditions.push(canaryHeld(evidence, config));
  const order = simulationAgrees(evidence);
  if (order) conditions.push(order);
  return conditions;
}

/** A first version has nothing to be compared with beside it, and goes from shadow to production. */
export function needsCanary({ name, production }: Pick<GateEvidence, 'name' | 'production'>, config: GateConfig) {
  return production !== null && config.canary.share > 0 && modelGateOf(config, name).canary;
}

/**
 * With what the operator waives taken out.
 * @returns null where a name is no condition's, or one that cannot be waived
 */
export function withWaived(conditions: readonly GateCondition[], waive: readonly string[]): GateCondition[] | null {
  const waivable = new Set(conditions.filter((one) => one.waivable).map(({ name }) => name));
  if (!waive.every((name) => waivable.has(name))) return null;
  return conditions.map((one) => ({ ...one, waived: !one.passed && waive.includes(one.name) }));
}

export function gatePassed(conditions: readonly GateCondition[]): boolean {
  return conditions.every(({ passed, waived, kind }) => passed || waived || kind === 'warning');
}

type Told = Pick<GateCondition, 'name' | 'passed' | 'found' | 'required' | 'detail'>;
const required = (told: Told): GateCondition => ({ ...told, kind: 'required', waivable: true, waived: false });
const never = (told: Told): GateCondition => ({ ...required(told), waivable: false });

function artifactLoads({ refused }: GateEvidence): GateCondition {
  return never({
    name: 'artifact_loads',
    passed: refused === null,
    found: refused?.code ?? 'loads',
    required: 'loads',
    detail: refused?.message ?? 'its files are there, and answer a first run',
  });
}

function itemVectorsIndexed({ itemVectors }: GateEvidence): GateCondition {
  const { indexed, of } = itemVectors ?? { indexed: 0, of: 0 };
  return never({
    name: 'item_vectors_indexed',
    passed: of > 0 && indexed >= of,
    found: indexed,
    required: of,
    detail: `${indexed} of ${of} open venues have a vector of this version`,
  });
}

function warmLineage({ version, environment }: GateEvidence): GateCondition {
  const { lineage, artifactPath } = version;
  const forbidden = forbiddenSources(lineage, environment);
  // What was trained learned from something: not to know from what is no licence.
  const unknown = environment !== 'development' && artifactPath !== null && lineage.length === 0;
  return required({
    name: 'warm_lineage',
    passed: forbidden.length === 0 && !unknown,
    found: lineage,
    required: environment === 'development' ? 'any, in development' : ['user_behavioral'],
    detail: unknown
      ? 'its lineage is not known'
      : forbidden.length > 0
        ? `it learned from ${forbidden.join(', ')}`
        : 'it learned from nothing else',
  });
}

function shadowDays({ version, now }: GateEvidence, { shadowDays: days }: GateConfig): GateCondition {
  const { shadowSince } = version;
  const found = shadowSince ? (now.getTime() - shadowSince.getTime()) / DAY_MS : 0;
  return required({
    name: 'shadow_days',
    passed: found >= days,
    found: Math.floor(found * 100) / 100,
    required: days,
    detail: shadowSince ? `in shadow since ${shadowSince.toISOString()}` : 'it was never in shadow',
  });
}

function heldOutSessions({ heldOutSessions: found }: GateEvidence, config: GateConfig): GateCondition {
  return required({
    name: 'held_out_sessions',
    passed: found >= config.heldOutSessions,
    found,
    required: config.heldOutSessions,
    detail: 'trips of warm travellers since it was trained, with a decision in which chance had a part',
  });
}

function above(name: string, comparison: Comparison | NoSupport): GateCondition {
  if (comparison.kind === 'no_support') return unsupported(name, 'lower bound above the upper bound', comparison);
  const { version, other, decisions, actors, effective } = comparison;
  return required({
    name,
    passed: version.interval.lower > other.interval.upper,
    found: { value: version.value, ...version.interval },
    required: { lower_above: other.interval.upper, value: other.value, ...other.interval },
    detail:
      `HR@5: lower bound ${text(version.interval.lower)} against upper bound ${text(other.interval.upper)}, on ${decisions} ` +
      `randomised decisions of ${actors} travellers, worth ${effective.toFixed(0)} acceptances`,
  });
}

function pairedDifference(comparison: Comparison | NoSupport): GateCondition {
  const name = 'paired_difference_above_zero';
  if (comparison.kind === 'no_support') return unsupported(name, { lower_above: 0 }, comparison);
  const { value, interval } = comparison.difference;
  return required({
    name,
    passed: interval.lower > 0,
    found: { value, ...interval },
    required: { lower_above: 0 },
    detail: `HR@5 less that of production, on the same decisions: ${text(value)} (${text(interval.lower)} to ${text(interval.upper)})`,
  });
}

function ndcgOfShown({ shownNdcg }: GateEvidence, bound: number): GateCondition {
  const name = 'ndcg10_of_shown';
  const measured = shownNdcg ?? { kind: 'no_support' as const, message: 'nothing was measured' };
  if (measured.kind === 'no_support') return unsupported(name, { above: bound }, measured);
  return required({
    name,
    passed: measured.value > bound,
    found: { value: measured.value, interval: measured.interval },
    required: { above: bound },
    detail: `NDCG@10 over ${measured.lists} lists of ten shown in random order`,
  });
}

function metricAbove(
  { version: { metrics } }: GateEvidence,
  { metric, by, above: bound, floor }: { metric: string; by: 'value' | 'lower'; above: number; floor: string | null },
): GateCondition {
  const name = `metric_${metric}`;
  const measured = metrics[metric];
  const floorValue = floor === null ? null : metrics[floor]?.value;
  const wanted = { above: bound, by, ...(floor === null ? {} : { lower_above: floorValue ?? null, floor }) };
  if (!measured) {
    return required({ name, passed: false, found: null, required: wanted, detail: `it was not measured: ${metric}` });
  }
  const lower = measured.interval?.lower ?? (by === 'lower' ? Number.NEGATIVE_INFINITY : measured.value);
  const found = by === 'lower' ? lower : measured.value;
  return required({
    name,
    passed: found > bound && (floorValue === null || (floorValue !== undefined && lower > floorValue)),
    found: { value: measured.value, interval: measured.interval },
    required: wanted,
    detail: `${metric} ${text(measured.value)}, from ${text(lower)}`,
  });
}

function metricReported({ version: { metrics } }: GateEvidence, metric: string): GateCondition {
  const measured = metrics[metric];
  return required({
    name: `metric_${metric}`,
    passed: measured !== undefined,
    found: measured ? { value: measured.value, interval: measured.interval } : null,
    required: 'reported',
    detail: measured ? `${metric} ${text(measured.value)}` : `it was not measured: ${metric}`,
  });
}

function canaryHeld({ version, canary, now }: GateEvidence, config: GateConfig): GateCondition {
  const since = version.status === 'canary' ? version.canarySince : null;
  const hours = since ? (now.getTime() - since.getTime()) / HOUR_MS : 0;
  const { exposures, broken } = canary ?? { exposures: 0, broken: [] };
  return required({
    name: 'canary_held',
    passed:
      since !== null && hours >= config.canary.hours && exposures >= config.canary.exposures && broken.length === 0,
    found: { hours: Math.floor(hours * 100) / 100, exposures, broken },
    required: { hours: config.canary.hours, exposures: config.canary.exposures, broken: [] },
    detail: since
      ? `in canary since ${since.toISOString()}, ${exposures} rankings served, ${broken.length === 0 ? 'no guardrail broken' : `broken: ${broken.join(', ')}`}`
      : 'it has served no part of the travellers yet',
  });
}

/** Two ways of telling which is better: what the test on simulated or past data said, and what travellers took. */
function simulationAgrees({ version, production, againstProduction }: GateEvidence): GateCondition | null {
  if (!production || againstProduction?.kind !== 'value') return null;
  const [own, other] = [version.metrics['hr@5']?.value, production.metrics['hr@5']?.value];
  if (own === undefined || other === undefined) return null;
  const shadow = againstProduction.difference.value;
  const passed = Math.sign(own - other) === Math.sign(shadow);
  return {
    name: 'simulation_agrees',
    kind: 'warning',
    waivable: false,
    waived: false,
    passed,
    found: { simulation: own - other, shadow },
    required: 'the same sign',
    detail: passed ? 'the test before and the shadow after agree' : 'the test before had the two the other way round',
  };
}

function unsupported(name: string, wanted: unknown, { message }: NoSupport): GateCondition {
  return required({ name, passed: false, found: 'no_support', required: wanted, detail: message });
}

const text = (value: number) => value.toFixed(3);
