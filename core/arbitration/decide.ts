/** The arbiter: which of two rankings serves a moment, why, and with what probability. */
import { bothUnsure } from './confidence-gap.ts';
import type { ArbitrationConfig } from './config.ts';
import type {
  ArbitrationDecision,
  ArbitrationInput,
  ArbitrationRule,
  DetectedRule,
  LearnedVerdict,
  MissingLlm,
  MissingMl,
  Side,
} from './decision.ts';
import { arbitrationFacts } from './facts.ts';
import { firstRule, rulesThatHold } from './rules.ts';

export type * from './decision.ts';

const WITHOUT_ML: Record<MissingMl['missing'], ArbitrationRule> = {
  cold: 'llm_only',
  off: 'ml_off',
  unavailable: 'ml_unavailable',
};
const WITHOUT_LLM: Record<MissingLlm['missing'], ArbitrationRule> = {
  late: 'llm_late',
  unavailable: 'llm_unavailable',
};

/**
 * The first rule that holds and is switched on chooses a side. Live, a share `exploration` of the decisions that are not
 * of `agreement` goes by a fair coin instead, so that the outcomes say something of either side: then the rules' side had
 * the probability 1 - exploration / 2, the other one exploration / 2. In shadow the LLM serves.
 *
 * Thresholds are those of the traveller's nearest archetype where it has some of its own.
 *
 * A side that is alone serves, in every mode: whoever has another ranking for the place of a late LLM gives that as `llm`.
 * @param draw uniform in [0, 1): below `exploration`, the coin decides
 * @param coin uniform in [0, 1): below a half, ML
 * @param learned takes the place of the rules after `agreement`: it learned from disagreements alone
 * @throws RangeError where neither side answered, or the learned arbiter's probability is none
 */
export function decide(
  input: ArbitrationInput,
  standing: ArbitrationConfig,
  draw: number,
  coin: number,
  learned: LearnedVerdict | null = null,
): ArbitrationDecision {
  const config = thresholdsFor(input, standing);
  const facts = arbitrationFacts(input, config);
  const alone = onlySide(input);
  if (alone) {
    const { rule, side } = alone;
    return {
      rule,
      detected: [],
      chosen: side,
      served: side,
      explored: false,
      propensity: 1,
      wouldEscalate: false,
      agreement: facts.agreement,
      facts,
    };
  }
  const detected = rulesThatHold(facts, config);
  const { rule, chosen } = choose(detected, config, learned);
  const coins = input.mode === 'live' && rule !== 'agreement' ? input.exploration : 0;
  const explored = draw < coins;
  const served = input.mode === 'shadow' ? 'llm' : explored ? (coin < 0.5 ? 'ml' : 'llm') : chosen;
  return {
    rule,
    detected,
    chosen,
    served,
    explored,
    propensity: input.mode === 'shadow' ? 1 : served === chosen ? 1 - coins / 2 : coins / 2,
    wouldEscalate: bothUnsure(facts, config),
    agreement: facts.agreement,
    facts,
  };
}

function thresholdsFor({ context }: ArbitrationInput, config: ArbitrationConfig): ArbitrationConfig {
  const { nearestArchetype } = context;
  return nearestArchetype === undefined ? config : { ...config, ...config.archetypes?.[nearestArchetype] };
}

/** Null where there is something to choose. */
function onlySide({ mode, ml, llm }: ArbitrationInput): { rule: ArbitrationRule; side: Side } | null {
  if ('missing' in llm) {
    if ('missing' in ml) throw new RangeError(`nothing to decide: ML is ${ml.missing}, the LLM ${llm.missing}`);
    return { rule: WITHOUT_LLM[llm.missing], side: 'ml' };
  }
  if ('missing' in ml) return { rule: WITHOUT_ML[ml.missing], side: 'llm' };
  return mode === 'off' ? { rule: 'ml_off', side: 'llm' } : null;
}

function choose(
  detected: readonly DetectedRule[],
  config: ArbitrationConfig,
  learned: LearnedVerdict | null,
): { rule: ArbitrationRule; chosen: Side } {
  const first = firstRule(detected, config);
  if (learned === null || first.rule === 'agreement') return first;
  const { probabilityMl } = learned;
  if (!(probabilityMl >= 0 && probabilityMl <= 1)) throw new RangeError(`a probability of ${probabilityMl}`);
  return { rule: 'learned', chosen: probabilityMl > 0.5 ? 'ml' : 'llm' };
}
