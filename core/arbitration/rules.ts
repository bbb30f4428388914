/** The rules, each with the side that it speaks for, in their order (seed 2; seed 1's confidence gap after momentum). */
import { agree } from './agreement.ts';
import { coldTraveller } from './cold.ts';
import { confidenceGap } from './confidence-gap.ts';
import type { ArbitrationConfig } from './config.ts';
import { DETECTED_RULES, type DetectedRule, type Side, type SwitchedRule } from './decision.ts';
import type { KnownFacts } from './fact-names.ts';
import { groupInConflict } from './group-conflict.ts';
import { hasNovelVenues } from './novel-venue.ts';
import { popularityBias } from './popularity-bias.ts';
import { hasMomentum } from './sequence-momentum.ts';

/** The side that each rule chooses. */
export const SIDE_OF_RULE: Record<SwitchedRule, Side> = {
  agreement: 'ml',
  cold: 'llm',
  popularity_bias: 'ml',
  sequence_momentum: 'ml',
  confidence_gap: 'llm',
  group_conflict: 'ml',
  novel_venue: 'ml',
  default: 'ml',
};

const HOLDS: Record<DetectedRule, (facts: KnownFacts, config: ArbitrationConfig) => boolean> = {
  agreement: agree,
  cold: coldTraveller,
  popularity_bias: popularityBias,
  sequence_momentum: hasMomentum,
  confidence_gap: confidenceGap,
  group_conflict: groupInConflict,
  novel_venue: hasNovelVenues,
};

/** Those whose condition holds, in their order. */
export function rulesThatHold(facts: KnownFacts, config: ArbitrationConfig): DetectedRule[] {
  return DETECTED_RULES.filter((rule) => HOLDS[rule](facts, config));
}

/**
 * The first rule that holds and is switched on. A rule that is switched off speaks for its side no more: where it holds
 * and no other one decides, ML does not serve by default, for it was found to be no better there.
 */
export function firstRule(
  detected: readonly DetectedRule[],
  { disabled }: Pick<ArbitrationConfig, 'disabled'>,
): { rule: SwitchedRule | 'switched_off'; chosen: Side } {
  const rule = detected.find((one) => !disabled.includes(one));
  if (rule) return { rule, chosen: SIDE_OF_RULE[rule] };
  const off = [...detected, 'default' as const].some((one) => disabled.includes(one) && SIDE_OF_RULE[one] === 'ml');
  return off ? { rule: 'switched_off', chosen: 'llm' } : { rule: 'default', chosen: SIDE_OF_RULE.default };
}
