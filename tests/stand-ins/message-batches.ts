/** A stand-in for Anthropic's Message Batches API: a real HTTP server on loopback; each question is answered as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type Anthropic from '@anthropic-ai/sdk';
import { freePort } from './free-port.ts';
import { messageBody, requestProblem, type WireRequest } from './messages-api-answers.ts';

export type BatchAnswer =
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string; stopReason?: 'refusal' | 'max_tokens' }
  | { kind: 'errored' }
  | { kind: 'expired' }
  /** No line in the results at all. */
  | { kind: 'lost' };

export interface MessageBatches {
  url: string;
  /** Of each batch that was made, what was asked. */
  readonly batches: readonly { id: string; requests: { custom_id: string; params: WireRequest }[] }[];
  /** How often each batch was asked for its state before it is said to have ended. */
  looksUntilEnded: number;
  answer: (params: WireRequest, i: number) => BatchAnswer;
  /** The next answers to a request to make a batch break the connection after the batch was made. */
  breakAfterMaking: number;
  /** The results of the batch of this number (from 0) break off in the middle, once; -1: none do. */
  breakResultsOf: number;
  close(): Promise<void>;
}

interface Batch {
  id: string;
  requests: { custom_id: string; params: WireRequest }[];
  createdAt: string;
  looks: number;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const NO_TOKENS = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

export async function startMessageBatches(): Promise<MessageBatches> {
  const port = await freePort();
  const made: Batch[] = [];
  const api: MessageBatches = {
    url: `http://127.0.0.1:${port}`,
    batches: made,
    looksUntilEnded: 2,
    answer: () => ({ kind: 'text', text: '{}' }),
    breakAfterMaking: 0,
    breakResultsOf: -1,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const send = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const wire = ({ id, requests, createdAt, looks }: Batch): Anthropic.Messages.MessageBatch => {
    const ended = looks >= api.looksUntilEnded;
    return {
      id,
      type: 'message_batch',
      processing_status: ended ? 'ended' : 'in_progress',
      request_counts: {
        processing: ended ? 0 : requests.length,
        succeeded: ended ? requests.length : 0,
        errored: 0,
        canceled: 0,
        expired: 0,
      },
      created_at: createdAt,
      expires_at: createdAt,
      ended_at: ended ? createdAt : null,
      archived_at: null,
      cancel_initiated_at: null,
      results_url: ended ? `${api.url}/v1/messages/batches/${id}/results` : null,
    };
  };

  function resultLine({ custom_id, params }: Batch['requests'][number], i: number): string {
    const answer = api.answer(params, i);
    const line = (result: unknown) => `${JSON.stringify({ custom_id, result })}\n`;
    switch (answer.kind) {
      case 'lost':
        return '';
      case 'expired':
        return line({ type: 'expired' });
      case 'errored':
        return line({ type: 'errored', error: { type: 'error', error: { type: 'api_error', message: 'stand-in' } } });
      default: {
        const text = answer.kind === 'json' ? JSON.stringify(answer.value) : answer.text;
        const stopReason = answer.kind === 'text' ? answer.stopReason : undefined;
        // Four bytes a token, as the stand-in of the Messages API counts.
        const input_tokens = Math.ceil(Buffer.byteLength(JSON.stringify(params)) / 4);
        const message = messageBody(
          `msg_${i}`,
          params,
          { ...NO_TOKENS, input_tokens },
          {
            text,
            ...(stopReason && { stopReason }),
          },
        );
        return line({ type: 'succeeded', message });
      }
    }
  }

  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const [, id, results] = /^\/v1\/messages\/batches\/([^/]+)(\/results)?$/.exec(path) ?? [];
    const batch = made.find((one) => one.id === id);
    if (request.method === 'POST' && path === '/v1/messages/batches') {
      const { requests } = JSON.parse(await bodyOf(request)) as Pick<Batch, 'requests'>;
      const problem = requests.map(({ params }) => requestProblem(request.headers, params)).find((one) => one !== null);
      if (problem) return send(response, problem.status, { type: 'error', error: { message: problem.message } });
      const one = { id: `msgbatch_${made.length}`, requests, createdAt: new Date().toISOString(), looks: 0 };
      made.push(one);
      if (api.breakAfterMaking-- > 0) return request.socket.resetAndDestroy();
      return send(response, 200, wire(one));
    }
    if (request.method === 'GET' && path === '/v1/messages/batches') {
      const data = made.map(wire).reverse();
      return send(response, 200, {
        data,
        has_more: false,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      });
    }
    if (!batch)
      return send(response, 404, { type: 'error', error: { type: 'not_found_error', message: 'no such batch' } });
    if (results) {
      response.writeHead(200, { 'content-type': 'application/binary' });
      // In any order, as the API has it.
      const text = batch.requests.map(resultLine).reverse().join('');
      if (api.breakResultsOf !== made.indexOf(batch)) return response.end(text);
      api.breakResultsOf = -1;
      return response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    }
    batch.looks++;
    return send(response, 200, wire(batch));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return api;
}
