/** Who takes part in a run: trained rankers from their artifacts; the built-in agent, or language models. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import { AGENT_MODEL } from '../../simulation/agents/choice-agent.ts';
import { TRAINED_VARIANTS, type TrainedVariant, type Variant } from '../../simulation/agents/settings.ts';
import { BUILT_IN, type Cast, recommenderOf } from '../../simulation/agents/simulate.ts';
import { openTrained } from './trained-rankers.ts';

export interface OpenedCast {
  cast: Cast;
  agentLabel: string;
  /** Of each variant's ranker. */
  versions: Record<string, string>;
}

/** @throws BadSettings naming what is missing or does not match, before anything runs */
export async function openCast(
  variants: readonly Variant[],
  { models, hybrid }: { models: string; hybrid: string },
): Promise<OpenedCast> {
  const opened = new Map<TrainedVariant, MlRanker>();
  const wanted = new Set<TrainedVariant>(TRAINED_VARIANTS.filter((variant) => variants.includes(variant)));
  if (variants.includes('hybrid')) wanted.add(hybrid as TrainedVariant);
  for (const variant of wanted) opened.set(variant, await openTrained(variant, models));
  const cast: Cast = {
    ...BUILT_IN,
    trained: Object.fromEntries(opened),
    hybridRanker: opened.get(hybrid as TrainedVariant) ?? null,
  };
  const versions = Object.fromEntries(variants.map((variant) => [variant, recommenderOf(variant, cast).version]));
  return { cast, agentLabel: AGENT_MODEL.version, versions };
}
