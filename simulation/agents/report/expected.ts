/** What seed 0 expects to see, to be held against what was measured: hypotheses, not targets. */
import type { SwitchedRule } from '../../../core/arbitration/decision.ts';
import type { Variant } from '../settings.ts';

/** `llm` speaks for `llm_standin` where no language model ranked. */
export type ExpectedVariant = Extract<Variant, 'llm' | 'two_tower' | 'sasrec' | 'hybrid'>;

export interface Expectation {
  metric: string;
  /** The travellers that it speaks of: `all`, `warm`, `cold`, or an archetype. */
  group: string;
  values: Record<ExpectedVariant, number>;
}

/** "Sample Expected Results Table". */
export const EXPECTED: readonly Expectation[] = [
  { metric: 'hr_at_5', group: 'warm', values: { llm: 0.42, two_tower: 0.48, sasrec: 0.55, hybrid: 0.58 } },
  { metric: 'tourist_trap_escape', group: 'A1', values: { llm: 0.55, two_tower: 0.68, sasrec: 0.65, hybrid: 0.72 } },
  { metric: 'energy_arc_coherence', group: 'warm', values: { llm: 0.51, two_tower: 0.49, sasrec: 0.71, hybrid: 0.69 } },
  { metric: 'day3_adaptation', group: 'warm', values: { llm: 0.38, two_tower: 0.4, sasrec: 0.67, hybrid: 0.65 } },
  { metric: 'persona_divergence', group: 'warm', values: { llm: 0.61, two_tower: 0.7, sasrec: 0.66, hybrid: 0.74 } },
  { metric: 'novel_venue_exposure', group: 'warm', values: { llm: 0.48, two_tower: 0.55, sasrec: 0.52, hybrid: 0.6 } },
];

/** "A is better than B", as the table and its note have it, and the rule of the arbiter that rests on it. */
export interface ExpectedPattern {
  metric: string;
  group: string;
  better: ExpectedVariant;
  worse: ExpectedVariant;
  rule: SwitchedRule | 'default';
  why: string;
}

const pattern = (
  metric: string,
  group: string,
  better: ExpectedVariant,
  worse: ExpectedVariant,
  rule: ExpectedPattern['rule'],
  why: string,
): ExpectedPattern => ({ metric, group, better, worse, rule, why });

export const PATTERNS: readonly ExpectedPattern[] = [
  pattern('hr_at_5', 'warm', 'sasrec', 'llm', 'default', 'the warm are served by ML where no rule says otherwise'),
  pattern('hr_at_5', 'warm', 'two_tower', 'llm', 'default', 'the warm are served by ML where no rule says otherwise'),
  pattern('hr_at_5', 'warm', 'hybrid', 'llm', 'default', 'arbitration is worth more than the language model alone'),
  pattern('hr_at_5', 'warm', 'hybrid', 'sasrec', 'confidence_gap', 'a sure language model is worth its exceptions'),
  pattern(
    'tourist_trap_escape',
    'A1',
    'two_tower',
    'llm',
    'popularity_bias',
    'the language model lifts what is famous',
  ),
  pattern('tourist_trap_escape', 'A1', 'hybrid', 'llm', 'popularity_bias', 'the language model lifts what is famous'),
  pattern('energy_arc_coherence', 'warm', 'sasrec', 'two_tower', 'sequence_momentum', 'order matters'),
  pattern('energy_arc_coherence', 'warm', 'sasrec', 'llm', 'sequence_momentum', 'order matters'),
  pattern('day3_adaptation', 'warm', 'sasrec', 'two_tower', 'sequence_momentum', 'a sequence model sees fatigue'),
  pattern('day3_adaptation', 'warm', 'sasrec', 'llm', 'sequence_momentum', 'a sequence model sees fatigue'),
  pattern('persona_divergence', 'warm', 'two_tower', 'llm', 'agreement', 'static features tell travellers apart'),
  pattern('persona_divergence', 'warm', 'two_tower', 'sasrec', 'agreement', 'static features tell travellers apart'),
  pattern('novel_venue_exposure', 'warm', 'hybrid', 'llm', 'novel_venue', 'the language model cannot know them'),
];
