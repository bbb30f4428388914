/** What the learned arbiter says of a plan's decisions, where a version of it is in production. */
import type { ArbitrationConfig } from '../../core/arbitration/config.ts';
import type { ArbitrationInput, LearnedVerdict } from '../../core/arbitration/decision.ts';
import type { WarmTraveller } from './ml-side.ts';
import type { PlanDependencies } from './plan-request.ts';

/** By decision; null: the rules decide. Never rejects: a plan without the learned arbiter is a plan all the same. */
export async function learnedVerdicts(
  inputs: readonly ArbitrationInput[] | null,
  warm: WarmTraveller | undefined,
  config: ArbitrationConfig,
  { log }: Pick<PlanDependencies, 'log'>,
): Promise<LearnedVerdict[] | null> {
  // A side that is alone serves: there is nothing to ask.
  if (!warm || !inputs?.some(({ ml, llm }) => !('missing' in ml) && !('missing' in llm))) return null;
  const arbiter = await warm.models.arbiter();
  if (!arbiter) return null;
  try {
    return await arbiter.decide(inputs, config);
  } catch (error) {
    log('learned_arbiter_failed', { model_version: arbiter.modelVersion, error: String(error) });
    return null;
  }
}
