/** Claude through the Message Batches API: a round of the whole population is one batch. */
import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import type { LlmClient } from '../../../platform/llm/client.ts';
import type { LlmModel } from '../../../platform/llm/models.ts';
import type { Answer, Asker, Question } from './asker.ts';
import { batchPrice } from './models.ts';

export interface ClaudeBatchesOptions {
  client: LlmClient;
  model: LlmModel;
  /** Between two looks at a batch. */
  pollMs: number;
  wait: (ms: number) => Promise<void>;
}

const message = z.object({
  stop_reason: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  usage: z.object({
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    cache_read_input_tokens: z.int().min(0).nullish(),
    cache_creation_input_tokens: z.int().min(0).nullish(),
  }),
});

const NONE = { input: 0, output: 0 };
/** Batches that a look for a lost one goes through. */
const LOOKED_THROUGH = 100;

export function claudeBatches({ client, model, pollMs, wait }: ClaudeBatchesOptions): Asker {
  const { batches } = client.messages;
  return {
    label: model.label,
    price: batchPrice(model),
    async submit(questions) {
      const requests = questions.map((question, i) => ({ custom_id: idOf(i), params: paramsOf(question, model) }));
      return (await batches.create({ requests })).id;
    },
    async findLost(since, questions) {
      const page = await batches.list({ limit: LOOKED_THROUGH });
      const found = page.data.filter(({ created_at, request_counts }) => {
        const total = Object.values(request_counts).reduce((sum, n) => sum + n, 0);
        return Date.parse(created_at) >= since.getTime() && total === questions;
      });
      return found.length === 1 ? found[0]!.id : null;
    },
    async collect(handle, questions, onAnswer) {
      if (handle === null) throw new TypeError('a batch is collected by its id');
      for (;;) {
        const { processing_status } = await batches.retrieve(handle);
        if (processing_status === 'ended') break;
        await wait(pollMs);
      }
      const keys = new Map(questions.map(({ key }, i) => [idOf(i), key]));
      for await (const { custom_id, result } of await batches.results(handle)) {
        const key = keys.get(custom_id);
        if (key === undefined) continue;
        keys.delete(custom_id);
        await onAnswer(answerOf(key, result));
      }
      for (const key of keys.values()) await onAnswer({ key, text: null, failure: 'missing', tokens: NONE });
    },
  };
}

const idOf = (i: number) => `q${i}`;

function paramsOf(
  { system, user, schema, maxTokens }: Question,
  { id, thinking }: LlmModel,
): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: id,
    max_tokens: maxTokens,
    ...(thinking && { thinking }),
    system: [{ type: 'text', text: system }],
    messages: [{ role: 'user', content: [{ type: 'text', text: user }] }],
    output_config: { format: { type: 'json_schema', schema } },
  };
}

function answerOf(key: string, result: Anthropic.Messages.MessageBatchResult): Answer {
  if (result.type !== 'succeeded') return { key, text: null, failure: result.type, tokens: NONE };
  const read = message.safeParse(result.message);
  if (!read.success) return { key, text: null, failure: 'errored', tokens: NONE };
  const { stop_reason, content, usage } = read.data;
  const input = usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  const tokens = { input, output: usage.output_tokens };
  if (stop_reason === 'refusal') return { key, text: null, failure: 'refused', tokens };
  if (stop_reason !== 'end_turn' && stop_reason !== 'stop_sequence') {
    return { key, text: null, failure: 'cut_short', tokens };
  }
  return {
    key,
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    failure: null,
    tokens,
  };
}
