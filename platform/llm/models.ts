/** The language models that the product calls, and what their tokens cost. The only place that names either. */
import type Anthropic from '@anthropic-ai/sdk';

export interface LlmModel {
  /** As the Messages API knows it. */
  id: string;
  /** As `model_version` names it. */
  label: string;
  /** US dollars per million tokens, which is millionths of a dollar per token. */
  price: { input: number; output: number; cacheWrite: number; cacheRead: number };
  /** What a request says of thinking, where the model would think unasked: answers are short, and thinking counts as output. */
  thinking?: Anthropic.ThinkingConfigParam;
}

/** The model of every production path but one (invariant 3). Cache writes are those of the five-minute cache. */
export const HAIKU: LlmModel = {
  id: 'claude-haiku-4-5-20251001',
  label: 'haiku-4.5',
  price: { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
};

/** Where the arbiter finds both sides unsure (`queues/escalate.ts`); in the simulation; and for whom the operator names it. */
export const SONNET: LlmModel = {
  id: 'claude-sonnet-5-5',
  label: 'sonnet-5.5',
  price: { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 },
  // Between the calls of tools, of which there are none.
  thinking: { type: 'between_tools' },
};
