/**
 * What the learned arbiter is fed: the facts of a decision between the two rankings, as they are logged in
 * `arbitration_events.context_snapshot`. Where it decides and where it is trained, these lines read them.
 */

import { ARBITER_FACTS, type ArbiterFact } from '../../core/arbitration/fact-names.ts';

const FACT_NAMES = Object.keys(ARBITER_FACTS) as ArbiterFact[];

/** Trees compare features with numbers, not with each other. */
const DIFFERENCES = [
  ['confidence_lead', 'ml_confidence', 'llm_confidence'],
  ['tourist_lead', 'llm_top_tourist', 'ml_top_tourist'],
  ['local_lead', 'ml_top_local', 'llm_top_local'],
] as const satisfies readonly (readonly [string, ArbiterFact, ArbiterFact])[];

export const ARBITER_FEATURE_NAMES: readonly string[] = [...FACT_NAMES, ...DIFFERENCES.map(([name]) => name)];
/** Part of the model's card: raise it when the numbers change. */
export const ARBITER_FEATURES_VERSION = 'arbiter-features@1';

/** [ARBITER_FEATURE_NAMES.length]; NaN: not known. */
export function arbiterFeatures(facts: Readonly<Record<string, unknown>>): Float32Array {
  const known = new Map(FACT_NAMES.map((name) => [name, numberOf(facts[name])]));
  return Float32Array.from([
    ...known.values(),
    ...DIFFERENCES.map(([, more, less]) => known.get(more)! - known.get(less)!),
  ]);
}

function numberOf(fact: unknown): number {
  if (typeof fact === 'boolean') return fact ? 1 : 0;
  return typeof fact === 'number' && Number.isFinite(fact) ? fact : Number.NaN;
}
