/** Who takes part in a run: trained rankers from their artifacts; the built-in agent, or language models. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import { AGENT_MODEL, ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import type { Asker } from '../../simulation/agents/llm/asker.ts';
import { llmPersonaAgent, personaLabel } from '../../simulation/agents/llm/llm-persona-agent.ts';
import { llmRecommender } from '../../simulation/agents/llm/llm-recommender.ts';
import type { Rounds } from '../../simulation/agents/llm/rounds.ts';
import {
  LATENT_SHARES,
  TRAINED_VARIANTS,
  type TrainedVariant,
  type Variant,
} from '../../simulation/agents/settings.ts';
import { type Arm, BUILT_IN, type Cast, recommenderOf, usesLlm } from '../../simulation/agents/simulate.ts';
import {
  type AgentKind,
  type Asked,
  askerOf,
  type Environment,
  type LanguageModelOptions,
  openRounds,
} from './language-models.ts';
import { openTrained } from './trained-rankers.ts';

export interface CastOptions extends LanguageModelOptions {
  models: string;
  hybrid: TrainedVariant;
  seed: number;
  out: string;
}

export interface OpenedCast {
  cast: Cast;
  agentLabel: string;
  secondLabel: string | null;
  /** Of each variant's ranker. */
  versions: Record<string, string>;
  /** What language models are asked, and where their answers are kept; null: none is asked. */
  paid: { asked: Asked[]; rounds: Rounds } | null;
}

/** @throws BadSettings naming what is missing or does not match, before anything runs */
export async function openCast(
  variants: readonly Variant[],
  options: CastOptions,
  environment: Environment,
): Promise<OpenedCast> {
  const { models, hybrid, seed, out, agent, secondAgent, personaModel, secondModel, rankerModel, maxUsd } = options;
  const opened = new Map<TrainedVariant, MlRanker>();
  const wanted = new Set<TrainedVariant>(TRAINED_VARIANTS.filter((variant) => variants.includes(variant)));
  if (variants.includes('hybrid')) wanted.add(hybrid);
  for (const variant of wanted) opened.set(variant, await openTrained(variant, models));

  const persona = agent === 'choice_model' ? null : askerOf(agent, personaModel, options, environment);
  const second =
    secondAgent === undefined || secondAgent === 'choice_model'
      ? null
      : askerOf(secondAgent, secondModel, options, environment);
  const ranker = variants.includes('llm') ? askerOf('claude', rankerModel, options, environment) : null;
  const asked: Asked[] = [
    ...(persona ? [{ kind: 'persona' as const, asker: persona, arms: variants.length }] : []),
    ...(second ? [{ kind: 'persona' as const, asker: second, arms: variants.length }] : []),
    // The arbiter asks for the warm alone: half of the slots.
    ...(ranker ? [{ kind: 'ranker' as const, asker: ranker, arms: variants.includes('hybrid') ? 1.5 : 1 }] : []),
  ];
  const rounds = asked.length > 0 ? await openRounds(out, maxUsd) : null;
  const agentOf = (asker: Asker, role: string) => (arm: Arm) =>
    llmPersonaAgent({
      asker,
      rounds: rounds!,
      name: `${arm.name}/${role}`,
      fallback: new ChoiceModelAgent(seed, arm.latentShare ?? LATENT_SHARES[1]),
    });
  const cast: Cast = {
    ...BUILT_IN,
    trained: Object.fromEntries(opened),
    hybridRanker: opened.get(hybrid) ?? null,
    llm: ranker && ((arm) => llmRecommender({ asker: ranker, rounds: rounds!, name: `${arm.name}/ranker` })),
    agent: persona && agentOf(persona, 'persona'),
    second: second
      ? agentOf(second, 'second')
      : secondAgent === 'choice_model'
        ? (arm) => new ChoiceModelAgent(seed, arm.latentShare ?? LATENT_SHARES[1])
        : null,
    together: asked.length > 0,
  };
  const versionOf = (variant: Variant) => {
    const arm = { name: variant, variant, latentShare: null };
    return recommenderOf(arm, cast, usesLlm(variant) ? (cast.llm?.(arm) ?? null) : null).version;
  };
  const labelOf = (kind: AgentKind | undefined, asker: Asker | null) =>
    asker ? personaLabel(asker) : kind === undefined ? null : AGENT_MODEL.version;
  return {
    cast,
    agentLabel: labelOf(agent, persona)!,
    secondLabel: labelOf(secondAgent, second),
    versions: Object.fromEntries(variants.map((variant) => [variant, versionOf(variant)])),
    paid: rounds && { asked, rounds },
  };
}
