/** How sure the two sides are. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

type Confidences = Pick<KnownFacts, 'ml_confidence' | 'llm_confidence'>;

/** The LLM is sure and ML is not: LLM confidence > `llm_confident` and ML confidence < `ml_unsure`. */
export function confidenceGap(
  { ml_confidence, llm_confidence }: Confidences,
  config: Pick<ArbitrationConfig, 'llm_confident' | 'ml_unsure'>,
): boolean {
  if (ml_confidence === null || llm_confidence === null) return false;
  return llm_confidence > config.llm_confident && ml_confidence < config.ml_unsure;
}

/** Neither side is sure: the one case in which the larger language model may be asked (invariant 3). */
export function bothUnsure(
  { ml_confidence, llm_confidence }: Confidences,
  config: Pick<ArbitrationConfig, 'llm_unsure' | 'ml_unsure'>,
): boolean {
  if (ml_confidence === null || llm_confidence === null) return false;
  return llm_confidence < config.llm_unsure && ml_confidence < config.ml_unsure;
}
