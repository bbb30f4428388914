/** A stand-in for an endpoint that speaks OpenAI's chat completions: a real HTTP server on loopback. */
import { createServer } from 'node:http';
import { freePort } from './free-port.ts';

export interface ChatRequest {
  model: string;
  max_tokens: number;
  messages: { role: string; content: string }[];
  response_format: { type: string; json_schema: { name: string; strict: boolean; schema: Record<string, unknown> } };
}

export interface ChatCompletions {
  /** With `/v1`. */
  url: string;
  readonly requests: readonly { authorization: string | undefined; body: ChatRequest }[];
  /** A text answers well; a number is an HTTP status; `refusal` and `length` are well-formed messages that are no answer. */
  answer: (body: ChatRequest, i: number) => string | number | { finish: 'length' } | { refusal: string };
  close(): Promise<void>;
}

export async function startChatCompletions(): Promise<ChatCompletions> {
  const port = await freePort();
  const requests: { authorization: string | undefined; body: ChatRequest }[] = [];
  const api: ChatCompletions = {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    answer: () => '{}',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/v1/chat/completions') return response.writeHead(404).end();
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest;
    requests.push({ authorization: request.headers.authorization, body });
    const answer = api.answer(body, requests.length - 1);
    if (typeof answer === 'number') return response.writeHead(answer).end('{}');
    const content = typeof answer === 'string' ? answer : '';
    const refusal = typeof answer === 'object' && 'refusal' in answer ? answer.refusal : null;
    const finish_reason = typeof answer === 'object' && 'finish' in answer ? answer.finish : 'stop';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: 'chatcmpl-standin',
        object: 'chat.completion',
        model: body.model,
        choices: [{ index: 0, finish_reason, message: { role: 'assistant', content, refusal } }],
        usage: { prompt_tokens: 400, completion_tokens: 30, total_tokens: 430 },
      }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return api;
}
