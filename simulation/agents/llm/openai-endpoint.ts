/** Any endpoint that speaks OpenAI's chat completions: a second opinion, or a model of one's own. */
import pLimit from 'p-limit';
import { z } from 'zod';
import type { Answer, Asker, Question } from './asker.ts';
import type { Price } from './models.ts';

export interface OpenAiEndpointOptions {
  /** With `/v1`, where it has one; no slash at the end. */
  baseUrl: string;
  model: string;
  /** Null: the endpoint asks for none. */
  apiKey: string | null;
  price: Price;
  fetch: typeof fetch;
  wait: (ms: number) => Promise<void>;
  /** Of one call. */
  timeoutMs: number;
}

const CALLS_AT_ONCE = 8;
/** Including the first. */
const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish(),
});

const NONE = { input: 0, output: 0 };

export function openAiEndpoint(options: OpenAiEndpointOptions): Asker {
  return {
    label: options.model,
    price: options.price,
    submit: null,
    findLost: null,
    async collect(_, questions, onAnswer) {
      const limit = pLimit(CALLS_AT_ONCE);
      await Promise.all(questions.map((question) => limit(async () => onAnswer(await ask(options, question)))));
    },
  };
}

async function ask(options: OpenAiEndpointOptions, question: Question): Promise<Answer> {
  const { key } = question;
  for (let attempt = 1; ; attempt++) {
    const { retry, answer } = await attemptOf(options, question);
    if (answer) return answer;
    if (!retry || attempt === MOST_ATTEMPTS) return { key, text: null, failure: 'errored', tokens: NONE };
    await options.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

async function attemptOf(
  { baseUrl, model, apiKey, fetch, timeoutMs }: OpenAiEndpointOptions,
  { key, system, user, schema, maxTokens }: Question,
): Promise<{ retry: boolean; answer: Answer | null }> {
  try {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify({
        model,
        max_tokens: maxTokens,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
        response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
      }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return { retry: response.status === 429 || response.status >= 500, answer: null };
    }
    const read = completion.safeParse(await response.json());
    if (!read.success) return { retry: false, answer: { key, text: null, failure: 'errored', tokens: NONE } };
    const { choices, usage } = read.data;
    const { finish_reason, message } = choices[0]!;
    const tokens = usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : NONE;
    if (message.refusal) return { retry: false, answer: { key, text: null, failure: 'refused', tokens } };
    if (finish_reason === 'length') return { retry: false, answer: { key, text: null, failure: 'cut_short', tokens } };
    return { retry: false, answer: { key, text: message.content ?? '', failure: null, tokens } };
  } catch {
    return { retry: true, answer: null };
  }
}
