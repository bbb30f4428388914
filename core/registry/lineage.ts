/** Where what is learned came from, and what that forbids it (invariants 5 and 9). */
import { type SignalSource, trainingFactor } from '../signal/signal.ts';

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

/**
 * The sources whose priors, affinities and thresholds load: they rank nobody, but say where to start from, so that simulated
 * travellers whom a language model played may too. Null, in development: all do.
 */
export function loadableSources(environment: Environment): readonly string[] | null {
  return environment === 'development' ? null : [WARM_BEHAVIOUR, 'synthetic_agent_v1'];
}

/**
 * What a decision of that source weighs here in a prior or an affinity, in [0, 1]; 0: it does not load.
 * @param seasoned real travellers with three trips or more: from 500 on, simulated ones have done their job
 */
export function loadedWeight(source: string, environment: Environment, seasoned: number): number {
  const loadable = loadableSources(environment);
  if (loadable && !loadable.includes(source)) return 0;
  // What no list knows is taken for simulated.
  return trainingFactor(source as SignalSource, true, seasoned);
}
