/** What a run found, from its folder: the document that the page shows and that is written as JSON. */
import type { AffinityRow } from '../affinity.ts';
import type { PIVOT_BANDS } from '../metrics/cut-offs.ts';
import { TRIP_METRICS } from '../metrics/index.ts';
import { PERSONA_DIVERGENCE } from '../metrics/persona-divergence.ts';
import { inPivotBand, pivotBand } from '../metrics/pivot-rate.ts';
import type { ArmDescription, RunDescription, RunFolder } from '../run-folder.ts';
import { mainShare, type Variant } from '../settings.ts';
import { type Arm, armsOf } from '../simulate.ts';
import type { TravellerRow } from '../traveller-row.ts';
import { type AgainstSide, againstSides, type DecidedSlots, decidedSlots } from './arbiter.ts';
import { ArmEstimates, type Estimate, groupsOf } from './estimates.ts';
import { EXPECTED, type ExpectedPattern, type ExpectedVariant, PATTERNS } from './expected.ts';

export const RESAMPLES = 1000;

export interface MetricAbout {
  name: string;
  title: string;
  formula: string;
  unit: string;
  range: readonly [number, number];
  better: 'higher' | 'lower' | null;
}

export const METRICS: readonly MetricAbout[] = [...TRIP_METRICS, PERSONA_DIVERGENCE].map(
  ({ name, title, formula, unit, range, better }) => ({ name, title, formula, unit, range, better }),
);

export interface ReportedArm {
  arm: ArmDescription;
  /** By group, then by metric. */
  estimates: Record<string, Record<string, Estimate>>;
  /** This arm less the baseline of its share; null for the baseline. */
  differences: Record<string, Record<string, Omit<Estimate, 'n'>>> | null;
  pivotBands: { archetype: string; band: keyof typeof PIVOT_BANDS; rate: number; slots: number; within: boolean }[];
  /** Of `hybrid` alone. */
  arbitration: DecidedSlots[];
  sides: AgainstSide[];
}

export interface HeldAgainst {
  metric: string;
  group: string;
  variant: ExpectedVariant;
  /** The arm that was measured: the stand-in's, where no language model ranked. */
  arm: string;
  expected: number;
  measured: Estimate;
  /** The expected value lies outside the interval. */
  deviates: boolean;
}

export interface PatternVerdict extends ExpectedPattern {
  difference: Omit<Estimate, 'n'> | null;
  verdict: 'holds' | 'contrary' | 'undecided' | 'not_measured';
}

export interface SimulationReport {
  run: RunDescription;
  resamples: number;
  groups: string[];
  /** Name of the arm that others are held against, by share. */
  baselines: Record<string, string>;
  /** Those of the main share. */
  arms: ReportedArm[];
  /** Those of the other shares: overall and by warmth. */
  sensitivity: ReportedArm[];
  expected: HeldAgainst[];
  patterns: PatternVerdict[];
  affinity: { arm: string; rows: AffinityRow[] };
}

interface Measured {
  arm: Arm;
  about: ArmDescription;
  rows: TravellerRow[];
  estimates: ArmEstimates;
}

/** @throws RangeError naming the first arm that is not whole */
export async function readReport(
  folder: RunFolder,
  run: RunDescription,
  resamples = RESAMPLES,
): Promise<SimulationReport> {
  const { settings } = run;
  const measured: Measured[] = [];
  for (const arm of armsOf(settings)) {
    const about = await folder.arm(arm.name);
    if (!about) throw new RangeError(`the run in ${folder.path} is not whole: ${arm.name} is missing`);
    const rows = lines<TravellerRow>(await folder.armFile(arm.name, 'travellers.jsonl'));
    measured.push({ arm, about, rows, estimates: new ArmEstimates(rows, settings.seed, resamples) });
  }
  const share = mainShare(settings.latentShares);
  const main = measured.filter(({ arm }) => arm.latentShare === share);
  const groups = groupsOf(main[0]!.rows);
  const sameShare = ({ arm }: Measured) => measured.filter((one) => one.arm.latentShare === arm.latentShare);
  const shown = main.find(({ arm }) => arm.variant === 'hybrid') ?? main[0]!;
  return {
    run,
    resamples,
    groups,
    baselines: Object.fromEntries(
      measured.map((one) => [String(one.arm.latentShare), baseline(sameShare(one)).arm.name]),
    ),
    arms: main.map((one) => reported(one, main, groups)),
    sensitivity: measured
      .filter(({ arm }) => arm.latentShare !== share)
      .map((one) => reported(one, sameShare(one), ['all', 'warm', 'cold'])),
    expected: heldAgainst(main, groups),
    patterns: PATTERNS.map((pattern) => judged(pattern, main, groups)),
    affinity: {
      arm: shown.arm.name,
      rows: lines<AffinityRow>(await folder.armFile(shown.arm.name, 'affinity.jsonl')),
    },
  };
}

const lines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

/** The language model's side where it was simulated, else the first variant. */
function baseline(arms: readonly Measured[]): Measured {
  const of = (variant: Variant) => arms.find(({ arm }) => arm.variant === variant);
  return of('llm') ?? of('llm_standin') ?? arms[0]!;
}

const METRIC_NAMES = METRICS.map(({ name }) => name);

function reported(one: Measured, arms: readonly Measured[], groups: readonly string[]): ReportedArm {
  const against = baseline(arms);
  const table = <T>(cell: (metric: string, group: string) => T) =>
    Object.fromEntries(
      groups.map((group) => [group, Object.fromEntries(METRIC_NAMES.map((name) => [name, cell(name, group)]))]),
    );
  return {
    arm: one.about,
    estimates: table((metric, group) => one.estimates.of(metric, group)),
    differences:
      one === against ? null : table((metric, group) => one.estimates.less(against.estimates, metric, group)),
    pivotBands: pivotBands(one.rows),
    arbitration: decidedSlots(one.rows),
    sides: one.arm.variant === 'hybrid' ? againstSides(one, arms, METRIC_NAMES) : [],
  };
}

function pivotBands(rows: readonly TravellerRow[]): ReportedArm['pivotBands'] {
  const sums = new Map<string, { archetype: string; band: keyof typeof PIVOT_BANDS; pivots: number; slots: number }>();
  for (const { archetype, warm, party_size, metrics } of rows) {
    const band = pivotBand({ party: { kind: 'solo', size: party_size }, warm });
    const [pivots, slots] = metrics.pivot_rate ?? [0, 0];
    if (band === null || slots === 0) continue;
    const key = `${archetype}/${band}`;
    const sum = sums.get(key) ?? { archetype, band, pivots: 0, slots: 0 };
    sums.set(key, { ...sum, pivots: sum.pivots + pivots, slots: sum.slots + slots });
  }
  return [...sums.values()].map(({ archetype, band, pivots, slots }) => {
    const rate = pivots / slots;
    return { archetype, band, rate, slots, within: inPivotBand(band, rate) };
  });
}

function speaksFor(variant: ExpectedVariant, arms: readonly Measured[]): Measured | undefined {
  const of = (name: Variant) => arms.find(({ arm }) => arm.variant === name);
  return variant === 'llm' ? (of('llm') ?? of('llm_standin')) : of(variant);
}

function heldAgainst(arms: readonly Measured[], groups: readonly string[]): HeldAgainst[] {
  return EXPECTED.flatMap(({ metric, group, values }) =>
    Object.entries(values).flatMap(([name, expected]) => {
      const variant = name as ExpectedVariant;
      const one = speaksFor(variant, arms);
      if (!one || !groups.includes(group)) return [];
      const measured = one.estimates.of(metric, group);
      const { interval } = measured;
      const deviates = interval !== null && (expected < interval.lower || expected > interval.upper);
      return [{ metric, group, variant, arm: one.arm.name, expected, measured, deviates }];
    }),
  );
}

function judged(pattern: ExpectedPattern, arms: readonly Measured[], groups: readonly string[]): PatternVerdict {
  const [better, worse] = [speaksFor(pattern.better, arms), speaksFor(pattern.worse, arms)];
  if (!better || !worse || !groups.includes(pattern.group)) {
    return { ...pattern, difference: null, verdict: 'not_measured' };
  }
  const difference = better.estimates.less(worse.estimates, pattern.metric, pattern.group);
  const { interval } = difference;
  if (!interval) return { ...pattern, difference, verdict: 'not_measured' };
  const verdict = interval.lower > 0 ? 'holds' : interval.upper < 0 ? 'contrary' : 'undecided';
  return { ...pattern, difference, verdict };
}
