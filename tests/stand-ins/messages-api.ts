/**
 * A stand-in for Anthropic's Messages API: a real HTTP server on loopback that speaks its wire format, and behaves well
 * or badly as a script says, one behaviour a request. Tests in workerd steer it over HTTP: `POST /control`
 * `{script?, otherwise?}` (also forgets what was recorded), `GET /control/requests`, `POST /control/release`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type Anthropic from '@anthropic-ai/sdk';
import { freePort } from './free-port.ts';
import {
  type AnswerBody,
  goodAnswer,
  messageBody,
  PromptCache,
  requestProblem,
  type WireRequest,
} from './messages-api-answers.ts';

export type Behaviour =
  /** Answers what the schema asks for, from what the request holds. */
  | { kind: 'good'; confidence?: number }
  /** Answers this text, or this value as JSON, in a well-formed message. */
  | { kind: 'text'; text: string }
  | { kind: 'json'; value: unknown }
  /** Well-formed messages that are no answer. */
  | { kind: 'refusal' }
  | { kind: 'max_tokens' }
  /** An error response in the API's form. */
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  /** 200 with a body that is no message. */
  | { kind: 'not_json' }
  /** Never answers; or answers half a body and then nothing. */
  | { kind: 'hang' }
  | { kind: 'stall' }
  /** Breaks the connection. */
  | { kind: 'reset' }
  /** Waits for `release()`, then answers well. */
  | { kind: 'hold' };

export interface RecordedRequest {
  headers: Record<string, string | string[] | undefined>;
  body: WireRequest;
}

export interface Recording {
  requests: RecordedRequest[];
  inFlight: number;
  mostInFlight: number;
}

export interface MessagesApi {
  url: string;
  /** Of the play that runs now. */
  readonly recording: Readonly<Recording>;
  /** Behaviours of the next requests, in order of arrival; after them, `otherwise` (default: good). Forgets the past. */
  play(script: Behaviour[], otherwise?: Behaviour): void;
  /** Resolves once `count` requests are being answered at the same time. */
  whenInFlight(count: number): Promise<void>;
  /** Lets every held request go on, now and later, until the next `play`. */
  release(): void;
  close(): Promise<void>;
}

const ERROR_TYPES: Record<number, Anthropic.ErrorType> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** One play of the stand-in: what it still has to do, and what came in. A request belongs to the play it arrived in. */
class Play implements Recording {
  readonly requests: RecordedRequest[] = [];
  readonly cache = new PromptCache();
  readonly held = Promise.withResolvers<void>();
  readonly #script: Behaviour[];
  readonly #otherwise: Behaviour;
  #arrivals: { count: number; resolve: () => void }[] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(script: Behaviour[] = [], otherwise: Behaviour = { kind: 'good' }) {
    this.#script = [...script];
    this.#otherwise = otherwise;
  }

  arrive(request: RecordedRequest): Behaviour {
    this.requests.push(request);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    this.#arrivals = this.#arrivals.filter(({ count, resolve }) => (this.inFlight >= count ? resolve() : true));
    return this.#script.shift() ?? this.#otherwise;
  }

  whenInFlight(count: number): Promise<void> {
    if (this.inFlight >= count) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push({ count, resolve }));
  }
}

export async function startMessagesApi(port?: number): Promise<MessagesApi> {
  const at = port ?? (await freePort());
  let current = new Play();
  let serial = 0;

  const api: MessagesApi = {
    url: `http://127.0.0.1:${at}`,
    get recording() {
      return current;
    },
    play(script, otherwise) {
      current.held.resolve();
      current = new Play(script, otherwise);
    },
    whenInFlight: (count) => current.whenInFlight(count),
    release: () => current.held.resolve(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const requestId = () => `req_standin${String(serial).padStart(6, '0')}`;

  function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId(), ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  function sendError(
    response: ServerResponse,
    status: number,
    message: string,
    headers?: Record<string, string>,
  ): void {
    const body: Anthropic.ErrorResponse = {
      type: 'error',
      error: { type: ERROR_TYPES[status] ?? 'api_error', message, details: null } as Anthropic.ErrorObject,
      request_id: requestId(),
    };
    send(response, status, body, headers);
  }

  async function messages(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await bodyOf(request)) as WireRequest;
    serial += 1;
    const play = current;
    const behaviour = play.arrive({ headers: request.headers, body });
    let open = true;
    // Before the answer is sent: the next request may come as soon as it is read.
    const leave = () => {
      if (open) play.inFlight -= 1;
      open = false;
    };
    response.once('close', leave);

    const answer = (part: AnswerBody) => messageBody(`msg_standin${serial}`, body, play.cache.count(body), part);
    const reply = (part: AnswerBody) => {
      leave();
      send(response, 200, answer(part));
    };
    const refuse = (status: number, message: string, headers?: Record<string, string>) => {
      leave();
      sendError(response, status, message, headers);
    };

    const problem = requestProblem(request.headers, body);
    if (problem) return refuse(problem.status, problem.message);
    switch (behaviour.kind) {
      case 'good':
        return reply({ text: goodAnswer(body, behaviour.confidence) });
      case 'text':
        return reply({ text: behaviour.text });
      case 'json':
        return reply({ text: JSON.stringify(behaviour.value) });
      case 'refusal':
        return reply({ text: '', stopReason: 'refusal' });
      case 'max_tokens':
        return reply({ text: goodAnswer(body).slice(0, 40), stopReason: 'max_tokens' });
      case 'status':
        return refuse(behaviour.status, `stand-in answers ${behaviour.status}`, behaviour.headers);
      case 'not_json':
        leave();
        return send(response, 200, '<html>gateway</html>');
      case 'hold':
        await play.held.promise;
        return reply({ text: goodAnswer(body) });
      case 'stall': {
        const text = JSON.stringify(answer({ text: goodAnswer(body) }));
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
        response.write(text.slice(0, text.length / 2));
        return;
      }
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'hang':
        return;
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${request.method} ${request.url?.split('?')[0]}`) {
      case 'POST /v1/messages':
        return messages(request, response);
      case 'POST /control': {
        const { script, otherwise } = JSON.parse(await bodyOf(request)) as {
          script?: Behaviour[];
          otherwise?: Behaviour;
        };
        api.play(script ?? [], otherwise);
        return send(response, 200, {});
      }
      case 'POST /control/release':
        api.release();
        return send(response, 200, {});
      case 'GET /control/requests': {
        const { requests, inFlight, mostInFlight } = current;
        return send(response, 200, { requests, inFlight, mostInFlight } satisfies Recording);
      }
      default:
        return sendError(response, 404, 'no such route');
    }
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error) => {
      if (!response.headersSent) sendError(response, 500, String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, '127.0.0.1', resolve);
  });
  return api;
}
