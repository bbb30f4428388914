/** Where a model's training rows came from, and what that forbids it (invariants 5 and 9). */

export type Environment = 'development' | 'test' | 'production';

/** Behaviour in the product of travellers who were warm then. */
export const WARM_BEHAVIOUR = 'user_behavioral';

/**
 * The sources that keep a model from travellers: all but warm behaviour, everywhere but in development. A ranker that
 * learned from nothing (an LLM, rules) has an empty lineage, and none of these.
 */
export function forbiddenSources(lineage: readonly string[], environment: Environment): string[] {
  if (environment === 'development') return [];
  return lineage.filter((source) => source !== WARM_BEHAVIOUR);
}
