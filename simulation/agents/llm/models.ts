/** The language models of the simulation, and what their tokens cost in Message Batches: half of the usual price. */
import { HAIKU, type LlmModel, SONNET } from '../../../platform/llm/models.ts';

export const CLAUDE_MODELS = { haiku: HAIKU, sonnet: SONNET } as const;
export type ClaudeName = keyof typeof CLAUDE_MODELS;

export const BATCH_DISCOUNT = 0.5;

/** US dollars per million tokens. */
export interface Price {
  input: number;
  output: number;
}

export interface Tokens {
  input: number;
  output: number;
}

export const batchPrice = ({ price }: LlmModel): Price => ({
  input: BATCH_DISCOUNT * price.input,
  output: BATCH_DISCOUNT * price.output,
});

/** US dollars. */
export const costOf = (price: Price, tokens: Tokens): number =>
  (tokens.input * price.input + tokens.output * price.output) / 1e6;
