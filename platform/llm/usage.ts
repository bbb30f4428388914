/** What a call to the language model used and cost: a row of `llm_usage`. */
import { z } from 'zod';
import type { RankerFailureCode } from '../../core/ranking/ranker.ts';
import type { LlmModel } from './models.ts';

export const LLM_PATHS = ['rank', 'narrate', 'prewarm', 'persona', 'extract', 'escalate'] as const;
export type LlmPath = (typeof LLM_PATHS)[number];

export interface TokenCounts {
  /** Neither read from nor written to the prompt cache. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

export interface LlmUsageRecord extends TokenCounts {
  id: string;
  model: string;
  path: LlmPath;
  /** Millionths of a US dollar, rounded up. */
  costMicroUsd: number;
  /** `ok`, or why the answer could not be used. */
  outcome: 'ok' | RankerFailureCode;
  latencyMs: number;
  /** Of the request that the call was made for. */
  requestId: string | null;
  tripId: string | null;
  createdAt: Date;
}

export const NO_TOKENS: TokenCounts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

const count = z.int().min(0).nullish();

/** The `usage` of a message on the wire. */
export const usageShape = z
  .object({
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
  })
  .transform(
    (usage): TokenCounts => ({
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      cacheReadTokens: usage.cache_read_input_tokens ?? 0,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    }),
  );

/** Millionths of a US dollar, rounded up to a whole number. */
export function costMicroUsd({ price }: LlmModel, tokens: TokenCounts): number {
  return Math.ceil(
    tokens.inputTokens * price.input +
      tokens.outputTokens * price.output +
      tokens.cacheReadTokens * price.cacheRead +
      tokens.cacheWriteTokens * price.cacheWrite,
  );
}

/**
 * Bytes of JSON a token: English needs three to four, Chinese and Japanese names two to three; the tokenizer of the later
 * models makes a third more tokens of the same text.
 */
const LEAST_BYTES_PER_TOKEN = 1.5;

/** What a call costs at most: all input written to the prompt cache, and `maxTokens` of output. Millionths of a dollar. */
export function greatestCostMicroUsd(model: LlmModel, request: unknown, maxTokens: number): number {
  const bytes = new TextEncoder().encode(JSON.stringify(request)).length;
  const cacheWriteTokens = Math.ceil(bytes / LEAST_BYTES_PER_TOKEN);
  return costMicroUsd(model, { ...NO_TOKENS, cacheWriteTokens, outputTokens: maxTokens });
}
