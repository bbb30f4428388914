/** Which side was better where a rule decided, from the decisions that were randomised. */
import type { Interval } from '../experiment/bootstrap.ts';
import type { PolicyValue } from '../experiment/off-policy/estimate.ts';
import { difference } from '../experiment/off-policy/interval.ts';
import type { NoSupport } from '../experiment/off-policy/support.ts';
import type { SwitchedRule } from './decision.ts';
import { always, choiceValue } from './policy-value.ts';
import { SIDE_OF_RULE } from './rules.ts';
import type { Trial } from './trial.ts';

export interface SideComparison {
  /** Share of what is accepted where the side serves (SNIPS). */
  ml: PolicyValue | NoSupport;
  llm: PolicyValue | NoSupport;
  /** ML less LLM; null without support for both. */
  lead: { value: number; interval: Interval } | null;
}

const NOT_RANDOMISED: NoSupport = {
  kind: 'no_support',
  reason: 'deterministic_log',
  found: 0,
  bound: 1,
  message: 'no decision with an answer was randomised',
};

/** @param level of the intervals; that of the lead is built of both (MOVER), as of independent samples */
export function compareSides(trials: readonly Trial[], level = 0.95): SideComparison {
  if (trials.length === 0) return { ml: NOT_RANDOMISED, llm: NOT_RANDOMISED, lead: null };
  const ml = choiceValue(trials, always('ml', trials), 0, level);
  const llm = choiceValue(trials, always('llm', trials), 0, level);
  if (ml.kind === 'no_support' || llm.kind === 'no_support') return { ml, llm, lead: null };
  const lead = difference(ml, llm);
  return { ml, llm, lead: { value: lead.difference, interval: lead.interval } };
}

export const REVIEW = {
  /** Randomised decisions with an answer under which no rule is judged. */
  least: 400,
  /** The review looks every day, and what it switches off stays off: stricter than an interval that is read once. */
  level: 0.99,
} as const;

export interface RuleReview {
  /** `worse`: than the LLM alone would have been in the same decisions. */
  verdict: 'worse' | 'not_shown_worse' | 'too_few' | 'no_support';
  decisions: number;
  comparison: SideComparison | null;
}

/** A rule is worse than the LLM alone where all of the interval of ML less LLM lies below 0. A rule for the LLM cannot be. */
export function reviewRule(rule: SwitchedRule, trials: readonly Trial[]): RuleReview {
  const decisions = trials.length;
  if (SIDE_OF_RULE[rule] === 'llm') return { verdict: 'not_shown_worse', decisions, comparison: null };
  if (decisions < REVIEW.least) return { verdict: 'too_few', decisions, comparison: null };
  const comparison = compareSides(trials, REVIEW.level);
  if (!comparison.lead) return { verdict: 'no_support', decisions, comparison };
  const worse = comparison.lead.interval.upper < 0;
  return { verdict: worse ? 'worse' : 'not_shown_worse', decisions, comparison };
}
