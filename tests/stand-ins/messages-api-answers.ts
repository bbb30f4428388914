/** What the Messages API stand-in accepts and answers: its wire format, its rules for schemas, its prompt cache. */

import type Anthropic from '@anthropic-ai/sdk';

/** The part of a Messages API request that the product sends; the rest of the type keeps it to the real one. */
export interface WireRequest extends Anthropic.MessageCreateParamsNonStreaming {
  system?: Anthropic.TextBlockParam[];
  messages: { role: 'user' | 'assistant'; content: Anthropic.TextBlockParam[] }[];
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean;
  [key: string]: unknown;
}

export interface AnswerBody {
  text: string;
  stopReason?: 'end_turn' | 'refusal' | 'max_tokens';
}

/** Structured output takes none of these; the API answers 400. */
const UNSUPPORTED = ['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength', 'maxItems', 'uniqueItems'];

function schemaProblem(schema: Schema): string | null {
  const found = UNSUPPORTED.find((keyword) => keyword in schema);
  if (found) return `output_config.format.schema: '${found}' is not supported`;
  if (schema.type === 'object' && schema.additionalProperties !== false) {
    return "output_config.format.schema: 'additionalProperties' must be false for objects";
  }
  const parts = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])];
  return parts.map(schemaProblem).find((problem) => problem !== null) ?? null;
}

export function requestProblem(
  headers: Record<string, unknown>,
  body: WireRequest,
): { status: number; message: string } | null {
  if (!headers.authorization && !headers['x-api-key']) return { status: 401, message: 'a credential is required' };
  if (!headers['anthropic-version']) return { status: 400, message: 'anthropic-version: header is required' };
  if (!(body.max_tokens > 0) || !body.model || !body.messages?.length)
    return { status: 400, message: 'field required' };
  const schema = schemaOf(body);
  const problem = schema ? schemaProblem(schema) : null;
  return problem ? { status: 400, message: problem } : null;
}

const BYTES_PER_TOKEN = 4;
const tokensOf = (text: string) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

interface Counts {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
}

/** Keeps prefixes as the API does: up to the last block with a breakpoint, and none shorter than Haiku's 4,096 tokens. */
export class PromptCache {
  readonly #prefixes = new Set<string>();

  count({ system = [], messages, output_config }: WireRequest): Counts {
    const blocks = [...system, ...messages.flatMap((message) => message.content)];
    const end = blocks.findLastIndex((block) => block.cache_control) + 1;
    const text = (part: Anthropic.TextBlockParam[]) => part.map((block) => block.text).join('\n');
    const prefix = JSON.stringify(output_config ?? null) + text(blocks.slice(0, end));
    const rest = tokensOf(text(blocks.slice(end)));
    const cached = tokensOf(text(blocks.slice(0, end)));
    if (end === 0 || cached < 4096) {
      return { input_tokens: cached + rest, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    }
    const known = this.#prefixes.has(prefix);
    this.#prefixes.add(prefix);
    return {
      input_tokens: rest,
      cache_creation_input_tokens: known ? 0 : cached,
      cache_read_input_tokens: known ? cached : 0,
    };
  }
}

export function messageBody(
  id: string,
  { model }: WireRequest,
  counts: Counts,
  { text, stopReason = 'end_turn' }: AnswerBody,
): Anthropic.Message {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: text === '' ? [] : [{ type: 'text', text, citations: null }],
    container: null,
    diagnostics: null,
    stop_reason: stopReason,
    stop_details: stopReason === 'refusal' ? { type: 'refusal', category: 'general_harms', explanation: null } : null,
    stop_sequence: null,
    usage: {
      ...counts,
      cache_creation: {
        ephemeral_5m_input_tokens: counts.cache_creation_input_tokens,
        ephemeral_1h_input_tokens: 0,
      },
      output_tokens: tokensOf(text),
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: 'standard',
      speed: 'standard',
      inference_geo: null,
    },
  };
}

const schemaOf = (body: WireRequest) => body.output_config?.format?.schema as Schema | undefined;

/** The ids of the candidates of a ranking request, in the order that they were offered in. */
export function offeredIds(body: WireRequest): number[] {
  const text = body.messages.flatMap((message) => message.content.map((block) => block.text)).join('\n');
  const block = /<candidates>\n([\s\S]*?)\n<\/candidates>/.exec(text)?.[1] ?? '';
  return block.split('\n').map((line) => Number(line.split('|')[0]));
}

/** A valid answer to whichever of the product's questions the schema belongs to. Rankings reverse the order offered. */
export function goodAnswer(body: WireRequest, confidence = 0.7): string {
  const properties = schemaOf(body)?.properties ?? {};
  if (properties.ranked) {
    const ids = offeredIds(body).reverse().slice(0, 30);
    return JSON.stringify({ ranked: ids.map((i, place) => ({ i, c: 1 - place / 100 })), confidence });
  }
  if (properties.narratives) {
    const text = body.messages.flatMap((message) => message.content.map((block) => block.text)).join('\n');
    const slots = text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { slot: number; name: string; what: string; where: string; facts: string[] });
    const said = ({ name, what, where, facts }: (typeof slots)[number]) =>
      `Go to ${name}, ${what} in ${where}${facts[0] ? ` that ${facts[0]}` : ''}.`;
    return JSON.stringify({ narratives: slots.map((slot) => ({ slot: slot.slot, text: said(slot) })) });
  }
  if (properties.nudges) {
    const names = Object.keys(properties.nudges.properties ?? {});
    return JSON.stringify({
      description: 'Looks for small places with good food and walks between them; a queue would spoil the day.',
      nudges: Object.fromEntries(names.map((name, i) => [name, i % 2 === 0 ? 0.05 : 0])),
    });
  }
  return '{}';
}
