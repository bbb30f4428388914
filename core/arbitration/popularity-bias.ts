/** Language models recommend what the internet writes about: the venues that tourists know. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

/**
 * The LLM's first venue is one for tourists, and either the traveller wants places that locals go to or no local goes to
 * this one: tourist score > `tourist_score` and (local bias > `local_bias` or local score < `local_score`). What is not
 * known speaks for nothing.
 */
export function popularityBias(
  { llm_top_tourist, llm_top_local, local_bias }: Pick<KnownFacts, 'llm_top_tourist' | 'llm_top_local' | 'local_bias'>,
  config: Pick<ArbitrationConfig, 'tourist_score' | 'local_bias' | 'local_score'>,
): boolean {
  if (llm_top_tourist === null || !(llm_top_tourist > config.tourist_score)) return false;
  const unwanted = local_bias !== null && local_bias > config.local_bias;
  return unwanted || (llm_top_local !== null && llm_top_local < config.local_score);
}
