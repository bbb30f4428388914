/** All that one request asks of the language model: under one deadline, one limit of calls at once, one meter. */
import type Anthropic from '@anthropic-ai/sdk';
import pLimit from 'p-limit';
import { z } from 'zod';
import { RankerFailure, type RankerFailureCode } from '../../core/ranking/ranker.ts';
import type { LlmClient } from './client.ts';
import { type AttemptFailure, toAttemptFailure } from './llm-failure.ts';
import { HAIKU, type LlmModel } from './models.ts';
import type { SpendGate } from './spend-gate.ts';
import {
  costMicroUsd,
  greatestCostMicroUsd,
  type LlmPath,
  type LlmUsageRecord,
  NO_TOKENS,
  usageShape,
} from './usage.ts';

export const CALLS_AT_ONCE = 4;
/** Including the first. */
export const MOST_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 200;

/** After one of these, retries included, the session's other calls would most likely end the same way. */
const ENDS_SESSION: ReadonlySet<RankerFailureCode> = new Set([
  'rate_limited',
  'overloaded',
  'unavailable',
  'over_budget',
]);

export interface LlmSessionOptions {
  /** Haiku where none is named. */
  model?: LlmModel;
  client: LlmClient;
  gate: SpendGate;
  /** How long all calls together may take, milliseconds from now. */
  deadlineMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
  requestId: string | null;
  tripId: string | null;
  log: (event: string, fields: Record<string, unknown>) => void;
}

export interface LlmCall {
  path: LlmPath;
  system: string;
  /**
   * The user's turn. A `cached` block ends a prefix that later calls share: the prompt cache keeps it, with the system
   * prompt, for five minutes (Haiku 4.5 caches no prefix under 4,096 tokens).
   */
  content: readonly { text: string; cached?: boolean }[];
  /** In the subset of JSON Schema that structured output accepts. */
  schema: Record<string, unknown>;
  maxTokens: number;
}

const messageShape = z.object({
  stop_reason: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
});

/** The text of an answer. Throws a `RankerFailure` where it is refused, cut short or empty. */
function answerText(message: unknown): string {
  const read = messageShape.safeParse(message);
  if (!read.success) throw new RankerFailure('malformed', 'the language model answered with no message');
  const { stop_reason: reason, content } = read.data;
  if (reason === 'refusal') throw new RankerFailure('refused', 'the language model refused to answer');
  if (reason !== 'end_turn' && reason !== 'stop_sequence') {
    throw new RankerFailure('malformed', `the answer ended early: ${reason}`);
  }
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

export class LlmSession {
  readonly model: LlmModel;
  /** One record for each attempt that went out, also for those that failed. */
  readonly usage: LlmUsageRecord[] = [];
  readonly #options: LlmSessionOptions;
  readonly #limit = pLimit(CALLS_AT_ONCE);
  readonly #deadline: AbortSignal;
  readonly #deadlineAt: number;
  #ended: RankerFailure | null = null;

  constructor(options: LlmSessionOptions) {
    this.model = options.model ?? HAIKU;
    this.#options = options;
    this.#deadline = AbortSignal.timeout(options.deadlineMs);
    this.#deadlineAt = options.now() + options.deadlineMs;
  }

  log(event: string, fields: Record<string, unknown>): void {
    this.#options.log(event, { request_id: this.#options.requestId, trip_id: this.#options.tripId, ...fields });
  }

  /**
   * Asks once, and again after passing failures while attempts and time are left; `read` makes the result of the
   * answer's text and throws `RankerFailure('malformed')` where it cannot. Throws a `RankerFailure`.
   */
  ask<T>(call: LlmCall, read: (text: string) => T): Promise<T> {
    return this.#limit(async () => {
      for (let attempt = 1; ; attempt++) {
        if (this.#ended) throw this.#ended;
        const outcome = await this.#attempt(call, read);
        if ('value' in outcome) return outcome.value;
        const pause = this.#pauseAfter(attempt, outcome);
        if (pause === null) {
          if (ENDS_SESSION.has(outcome.failure.code)) this.#ended = outcome.failure;
          throw outcome.failure;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
  }

  /** Milliseconds to wait before the next attempt; null where there shall be none. */
  #pauseAfter(attempt: number, { passing, retryAfterMs }: AttemptFailure): number | null {
    if (!passing || attempt === MOST_ATTEMPTS) return null;
    const pause = retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + 0.5 * this.#options.random());
    return this.#options.now() + pause < this.#deadlineAt ? pause : null;
  }

  async #attempt<T>(call: LlmCall, read: (text: string) => T): Promise<{ value: T } | AttemptFailure> {
    if (this.#deadline.aborted) return toAttemptFailure(this.#deadline.reason, this.#deadline);
    const { client, gate, now } = this.#options;
    const request = this.#request(call);
    const reserved = greatestCostMicroUsd(this.model, request, call.maxTokens);
    try {
      if (!(await gate.reserve(reserved))) throw new RankerFailure('over_budget', "the day's budget is spent");
    } catch (error) {
      return toAttemptFailure(error, this.#deadline);
    }

    const startedAt = now();
    let tokens = NO_TOKENS;
    // An HTTP error or a broken connection costs nothing; an answer without usable counts may have cost anything.
    let cost = 0;
    let failed: AttemptFailure | null = null;
    try {
      const message: unknown = await client.messages.create(request, { signal: this.#deadline });
      const counted = z.object({ usage: usageShape }).safeParse(message);
      if (counted.success) tokens = counted.data.usage;
      cost = counted.success ? costMicroUsd(this.model, tokens) : reserved;
      return { value: read(answerText(message)) };
    } catch (error) {
      failed = toAttemptFailure(error, this.#deadline);
      // The model goes on working on a call that was given up, and it may be billed.
      if (failed.failure.code === 'timeout') cost = reserved;
      return failed;
    } finally {
      this.usage.push({
        id: this.#options.newId(),
        model: this.model.id,
        path: call.path,
        ...tokens,
        costMicroUsd: cost,
        outcome: failed?.failure.code ?? 'ok',
        latencyMs: now() - startedAt,
        requestId: this.#options.requestId,
        tripId: this.#options.tripId,
        createdAt: new Date(startedAt),
      });
      await this.#settle(reserved, cost);
    }
  }

  async #settle(reserved: number, cost: number): Promise<void> {
    try {
      await this.#options.gate.settle(reserved, cost);
    } catch (error) {
      // The reservation stands, which errs on the safe side; the answer is still good.
      this.log('llm_settle_failed', { reserved, cost, error: String(error) });
    }
  }

  #request(call: LlmCall): Anthropic.MessageCreateParamsNonStreaming {
    return {
      model: this.model.id,
      max_tokens: call.maxTokens,
      ...(this.model.thinking && { thinking: this.model.thinking }),
      system: [{ type: 'text', text: call.system }],
      messages: [
        {
          role: 'user',
          content: call.content.map(({ text, cached }) => ({
            type: 'text',
            text,
            ...(cached ? { cache_control: { type: 'ephemeral' } } : {}),
          })),
        },
      ],
      // Parsed by the caller and not by the SDK, whose parse error would lose what the call used.
      output_config: { format: { type: 'json_schema', schema: call.schema } },
    };
  }
}
