/** The language models of a run: which, at what price, and the answers that are already paid for. */
import { join } from 'node:path';
import { createLlmClient } from '../../platform/llm/client.ts';
import type { Asker } from '../../simulation/agents/llm/asker.ts';
import { claudeBatches } from '../../simulation/agents/llm/claude-batches.ts';
import { type CostEstimate, estimateCost } from '../../simulation/agents/llm/estimate.ts';
import { CLAUDE_MODELS, type ClaudeName, type Price } from '../../simulation/agents/llm/models.ts';
import { openAiEndpoint } from '../../simulation/agents/llm/openai-endpoint.ts';
import { Rounds } from '../../simulation/agents/llm/rounds.ts';
import { BadSettings } from '../../simulation/agents/settings.ts';

export const AGENT_KINDS = ['choice_model', 'claude', 'endpoint'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

export interface LanguageModelOptions {
  agent: AgentKind;
  secondAgent?: AgentKind;
  personaModel: ClaudeName;
  secondModel: ClaudeName;
  rankerModel: ClaudeName;
  endpoint?: string;
  endpointModel?: string;
  /** US dollars per million tokens, `[input, output]`. */
  endpointPrice: [number, number];
  maxUsd: number;
  pollSeconds: number;
}

export interface Environment {
  ANTHROPIC_API_KEY?: string | undefined;
  ANTHROPIC_BASE_URL?: string | undefined;
  OPENAI_API_KEY?: string | undefined;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const ENDPOINT_TIMEOUT_MS = 120_000;

/** @throws BadSettings naming the key, the address or the model that is missing */
export function askerOf(
  kind: Exclude<AgentKind, 'choice_model'>,
  claude: ClaudeName,
  options: LanguageModelOptions,
  environment: Environment,
): Asker {
  if (kind === 'endpoint') {
    const { endpoint, endpointModel, endpointPrice } = options;
    if (!endpoint || !URL.canParse(endpoint)) throw new BadSettings('an agent behind an endpoint needs --endpoint URL');
    if (!endpointModel) throw new BadSettings('an agent behind an endpoint needs --endpoint-model NAME');
    const price: Price = { input: endpointPrice[0], output: endpointPrice[1] };
    return openAiEndpoint({
      baseUrl: endpoint.replace(/\/+$/, ''),
      model: endpointModel,
      apiKey: environment.OPENAI_API_KEY ?? null,
      price,
      fetch,
      wait,
      timeoutMs: ENDPOINT_TIMEOUT_MS,
    });
  }
  const apiKey = environment.ANTHROPIC_API_KEY;
  if (!apiKey)
    throw new BadSettings('Claude needs ANTHROPIC_API_KEY: set it, or use the built-in agent and llm_standin');
  const baseUrl = environment.ANTHROPIC_BASE_URL;
  const client = createLlmClient({ apiKey, fetch, ...(baseUrl && { baseUrl }) });
  return claudeBatches({ client, model: CLAUDE_MODELS[claude], pollMs: options.pollSeconds * 1000, wait });
}

export function openRounds(out: string, maxUsd: number): Promise<Rounds> {
  return Rounds.open({
    folder: join(out, 'rounds'),
    maxUsd,
    now: () => new Date(),
    onSpent: (spent, round) => console.error(`${round}: $${spent.toFixed(4)} of $${maxUsd} spent`),
  });
}

export interface Asked {
  kind: 'persona' | 'ranker';
  asker: Asker;
  /** Arms in which it is asked in every slot. */
  arms: number;
}

/** Says what is to come. @throws BadSettings where the cap does not cover it */
export function announceCost(slots: number, asked: readonly Asked[], maxUsd: number, spentUsd: number): CostEstimate {
  const estimate = estimateCost(
    slots,
    asked.map(({ kind, asker, arms }) => ({ kind, price: asker.price, perSlot: arms })),
  );
  const tokens = estimate.tokens.input + estimate.tokens.output;
  console.error(
    `About ${estimate.calls} calls, ${(tokens / 1e6).toFixed(1)} million tokens, $${estimate.usd.toFixed(2)}; the cap is $${maxUsd}, $${spentUsd.toFixed(4)} are spent.`,
  );
  if (estimate.usd > maxUsd) {
    throw new BadSettings(
      `the run may cost $${estimate.usd.toFixed(2)}, over --max-usd ${maxUsd}: raise it, or simulate fewer`,
    );
  }
  return estimate;
}
