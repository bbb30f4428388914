/**
 * What the learned arbiter is fed: the facts of a decision between the two rankings, as they are logged in
 * `arbitration_events.context_snapshot`. Where it decides and where it is trained, these lines read them.
 */

/** By name as logged. Any of them may be unknown: null, or left out. */
export const ARBITER_FACTS = {
  agreement: 'rank correlation of the two top tens, in [-1, 1]',
  shared_top3: 'venues that both top threes hold, 0 to 3',
  ml_confidence: 'in [0, 1]',
  llm_confidence: 'in [0, 1]',
  user_trip_count: 'trips before this one',
  counting_signals: 'of the traveller, from 20',
  sequence_momentum: 'how clear a line the latest decisions follow, in [0, 1]',
  local_bias: 'persona dimension local_vs_tourist_bias, in [0, 1]',
  llm_top_tourist: 'tourist score of the venue that the LLM puts first, in [0, 1]',
  llm_top_local: 'its local score, in [0, 1]',
  ml_top_tourist: 'tourist score of the venue that the ML ranker puts first',
  ml_top_local: 'its local score',
  llm_top3_tourist: 'mean tourist score of the LLM top three',
  ml_top3_tourist: 'mean tourist score of the ML top three',
  party_size: 'travellers',
  group_conflict: 'how far the members want different things, in [0, 1]; unknown of who travels alone',
  novel_in_ml_top3: 'venues of the ML top three that the language model cannot know, 0 to 3',
  false_personalisation: 'how far the LLM ranking is that of anybody, in [0, 1]',
  candidates: 'venues that both ranked',
  trip_day: 'from 1',
  day_part: '0 morning, 1 afternoon, 2 evening',
} as const;
export type ArbiterFact = keyof typeof ARBITER_FACTS;

export type ArbiterFacts = Partial<Record<ArbiterFact, number | boolean | null>>;

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
