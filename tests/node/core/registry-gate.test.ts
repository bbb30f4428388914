/** The gate: each condition flips where its numbers do, and says which numbers they were. */
import { describe, expect, it } from 'vitest';
import {
  type GateCondition,
  type GateEvidence,
  gateConditions,
  gatePassed,
  withWaived,
} from '../../../core/registry/gate.ts';
import { GATE, parseGateConfig } from '../../../core/registry/gate-config.ts';
import type { Comparison } from '../../../core/registry/hit-rate.ts';

const NOW = new Date('2027-03-01T00:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const around = (value: number, half = 0.02) => ({
  kind: 'value' as const,
  value,
  interval: { lower: value - half, upper: value + half },
});
const compared = (own: number, other: number): Comparison => ({
  ...{ kind: 'value', version: around(own), other: around(other) },
  difference: { value: own - other, interval: { lower: own - other - 0.01, upper: own - other + 0.01 } },
  ...{ decisions: 900, sessions: 300, actors: 250, effective: 180 },
});

/** A BPR version that passes: HR@5 0.71 against an LLM of 0.66, whose upper bound is 0.68 (source document 1). */
function passing(): GateEvidence {
  return {
    environment: 'production',
    now: NOW,
    name: 'bpr',
    version: {
      ...{ version: 'b2', status: 'canary', lineage: ['user_behavioral'], artifactPath: 'bpr/b2' },
      metrics: { 'hr@5': { value: 0.31, interval: null } },
      shadowSince: daysAgo(20),
      canarySince: daysAgo(4),
    },
    production: { version: 'b1', metrics: { 'hr@5': { value: 0.29, interval: null } } },
    heldOutSessions: 300,
    againstBaseline: compared(0.71, 0.66),
    againstProduction: compared(0.71, 0.64),
    shownNdcg: null,
    refused: null,
    itemVectors: null,
    canary: { exposures: 500, broken: [] },
  };
}

const asked = (evidence: GateEvidence, target: 'canary' | 'production' = 'production') =>
  gateConditions(evidence, GATE, target);
const failed = (conditions: readonly GateCondition[]) =>
  conditions.filter((one) => !one.passed).map(({ name }) => name);

it('lets a version pass that has shown everything, condition by condition', () => {
  const conditions = asked(passing());
  expect(failed(conditions)).toEqual([]);
  expect(gatePassed(conditions)).toBe(true);
  expect(conditions.map(({ name }) => name)).toEqual([
    ...['artifact_loads', 'warm_lineage', 'shadow_days', 'held_out_sessions', 'hr5_above_baseline'],
    ...['hr5_above_production', 'paired_difference_above_zero', 'canary_held', 'simulation_agrees'],
  ]);
  for (const { detail } of conditions) expect(detail).not.toBe('');
});

describe('flips when the numbers flip', () => {
  const noSupport = { kind: 'no_support' as const, message: 'no randomised decision' };
  it.each([
    ['the LLM is as good', { againstBaseline: compared(0.66, 0.71) }, ['hr5_above_baseline']],
    ['the intervals overlap', { againstBaseline: compared(0.71, 0.68) }, ['hr5_above_baseline']],
    ['the intervals are apart', { againstBaseline: compared(0.71, 0.66) }, []],
    [
      'production is better',
      { againstProduction: compared(0.6, 0.71) },
      ['hr5_above_production', 'paired_difference_above_zero', 'simulation_agrees'],
    ],
    ['nothing was randomised', { againstBaseline: noSupport }, ['hr5_above_baseline']],
    [
      'no support against production',
      { againstProduction: noSupport },
      ['hr5_above_production', 'paired_difference_above_zero'],
    ],
    ['too few sessions', { heldOutSessions: 199 }, ['held_out_sessions']],
    ['just enough sessions', { heldOutSessions: 200 }, []],
    ['a file that does not load', { refused: { code: 'not_finite', message: 'NaN' } }, ['artifact_loads']],
    ['a broken guardrail', { canary: { exposures: 500, broken: ['error_rate'] } }, ['canary_held']],
    ['a canary that served nobody', { canary: { exposures: 0, broken: [] } }, ['canary_held']],
  ] as [string, Partial<GateEvidence>, string[]][])('%s', (_, change, expected) => {
    const conditions = asked({ ...passing(), ...change });
    expect(failed(conditions)).toEqual(expected);
    expect(gatePassed(conditions)).toBe(expected.length === 0);
  });

  it.each([
    ['13.9 days of shadow', { shadowSince: daysAgo(13.9) }, ['shadow_days']],
    ['14 days of shadow', { shadowSince: daysAgo(14) }, []],
    ['no shadow', { shadowSince: null }, ['shadow_days']],
    ['two days of canary', { canarySince: daysAgo(2) }, ['canary_held']],
    ['no canary', { status: 'shadow' as const }, ['canary_held']],
    ['simulated rows', { lineage: ['user_behavioral', 'synthetic_agent_v1'] }, ['warm_lineage']],
    ['backfill', { lineage: ['backfill_tier_1'] }, ['warm_lineage']],
    ['augmented rows', { lineage: ['real_user_derived'] }, ['warm_lineage']],
    ['rows of who knows where', { lineage: [] }, ['warm_lineage']],
    ['no rows because it has no files', { lineage: [], artifactPath: null }, []],
  ])('%s', (_, change, expected) => {
    const evidence = passing();
    expect(failed(asked({ ...evidence, version: { ...evidence.version, ...change } }))).toEqual(expected);
  });
});

it('names no support as what was found, never a number', () => {
  const conditions = asked({
    ...passing(),
    againstBaseline: { kind: 'no_support', message: 'nothing was left to chance' },
  });
  expect(conditions.find(({ name }) => name === 'hr5_above_baseline')).toMatchObject({
    ...{ passed: false, found: 'no_support', detail: 'nothing was left to chance' },
  });
});

it('warns where simulation and shadow disagree on the order, and keeps nobody back for it', () => {
  const evidence = passing();
  evidence.version.metrics = { 'hr@5': { value: 0.2, interval: null } };
  const conditions = asked(evidence);
  expect(failed(conditions)).toEqual(['simulation_agrees']);
  expect(gatePassed(conditions)).toBe(true);
});

it('asks for no canary before the canary, none of a first version, and none where its share is 0', () => {
  const names = (conditions: readonly GateCondition[]) => conditions.map(({ name }) => name);
  expect(names(asked(passing(), 'canary'))).not.toContain('canary_held');
  const first = { ...passing(), production: null, againstProduction: null };
  expect(names(asked(first))).not.toContain('canary_held');
  const without = parseGateConfig({ canary: { share: 0 } });
  expect(names(gateConditions(passing(), without, 'production'))).not.toContain('canary_held');
});

describe("the seed's thresholds", () => {
  const other = (name: string, metrics: GateEvidence['version']['metrics']) => {
    const evidence = passing();
    return asked({ ...evidence, name, version: { ...evidence.version, metrics } });
  };
  const metric = (value: number, half = 0.01) => ({ value, interval: { lower: value - half, upper: value + half } });

  it.each(['sasrec', 'u-sasrec', 'dlrm'])('%s: NDCG@10 above 0.70 over ten shown in random order', (name) => {
    const of = (shownNdcg: GateEvidence['shownNdcg']) =>
      asked({ ...passing(), name, shownNdcg }).find((one) => one.name === 'ndcg10_of_shown');
    expect(of({ kind: 'value', value: 0.71, interval: null, lists: 300 })?.passed).toBe(true);
    expect(of({ kind: 'value', value: 0.7, interval: null, lists: 300 })?.passed).toBe(false);
    expect(of(null)).toMatchObject({ passed: false, found: 'no_support' });
  });

  it('pivots: AUC above 0.80, with Precision@1', () => {
    expect(failed(other('pivot-acceptance', { auc: metric(0.81), 'precision@1': metric(0.3) }))).toEqual([]);
    expect(failed(other('pivot-acceptance', { auc: metric(0.8), 'precision@1': metric(0.3) }))).toEqual(['metric_auc']);
    expect(failed(other('pivot-acceptance', { auc: metric(0.9) }))).toEqual(['metric_precision@1']);
  });

  it('tags: an accuracy above 85% alone does not do, macro-F1 has to be above the floor of who names none', () => {
    const accuracy = { per_label_accuracy_new_words: metric(0.96), macro_f1_no_tags: metric(0, 0) };
    expect(failed(other('vibe-tagger', { ...accuracy, macro_f1_new_words: metric(0.33) }))).toEqual([]);
    expect(failed(other('vibe-tagger', { ...accuracy, macro_f1_new_words: metric(0, 0) }))).toEqual([
      'metric_macro_f1_new_words',
    ]);
    expect(failed(other('vibe-tagger', { ...accuracy, macro_f1_new_words: metric(0.01, 0.02) }))).toEqual([
      'metric_macro_f1_new_words',
    ]);
    expect(failed(other('vibe-tagger', {}))).toHaveLength(2);
  });

  it('two-tower: a vector of each open venue', () => {
    const of = (indexed: number, of: number) =>
      failed(asked({ ...passing(), name: 'two-tower', itemVectors: { indexed, of } }));
    expect(of(600, 600)).toEqual([]);
    expect(of(599, 600)).toEqual(['item_vectors_indexed']);
    expect(of(0, 0)).toEqual(['item_vectors_indexed']);
  });
});

describe('a waiver', () => {
  const laptop = (): GateEvidence => ({
    ...passing(),
    environment: 'development',
    version: { ...passing().version, lineage: ['synthetic_choice_model_v1'], shadowSince: NOW },
    heldOutSessions: 0,
  });

  it('lets conditions go by name, and what fails besides still fails', () => {
    const conditions = asked(laptop());
    expect(failed(conditions)).toEqual(['shadow_days', 'held_out_sessions']);
    expect(gatePassed(withWaived(conditions, ['shadow_days', 'held_out_sessions'])!)).toBe(true);
    expect(gatePassed(withWaived(conditions, ['shadow_days'])!)).toBe(false);
  });

  it('is of no condition that would break the service, and of no name that is none', () => {
    const conditions = asked({ ...laptop(), refused: { code: 'truncated', message: 'half a file' } });
    expect(withWaived(conditions, ['artifact_loads'])).toBeNull();
    expect(withWaived(conditions, ['patience'])).toBeNull();
  });
});

it('refuses a configuration that is none', () => {
  for (const config of [
    { heldOutSessions: 0 },
    { canary: { share: 0.9 } },
    { level: 1 },
    { models: { x: { role: 'y' } } },
  ]) {
    expect(() => parseGateConfig(config)).toThrow();
  }
});
