/**
 * Notes the requests that reach it and answers each with the smallest body that the client takes, or with what a test
 * says. It stores nothing and searches nothing: it is no Qdrant, and shows nothing of how one would answer.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './free-port.ts';

export interface RecordedRequest {
  method: string;
  /** Decoded, without the query. */
  path: string;
  query: Record<string, string>;
  /** Parsed; undefined if there was none. */
  body: unknown;
}

export interface RecordedAnswer {
  status: number;
  body: unknown;
}

/** Answers instead of the recorder; `null` leaves it to the recorder, `'hang'` never answers, `'reset'` drops the connection. */
export type AnswerWith = (request: RecordedRequest) => RecordedAnswer | 'hang' | 'reset' | null;

export interface QdrantRecorder {
  url: string;
  requests: RecordedRequest[];
  answers: RecordedAnswer[];
  answerWith: AnswerWith;
  close(): Promise<void>;
}

const ok = (result: unknown): RecordedAnswer => ({ status: 200, body: { result, status: 'ok', time: 0 } });

/** Collections exist once they were created here. */
function minimalAnswer({ method, path, body }: RecordedRequest, created: Map<string, unknown>): RecordedAnswer {
  const [, name = '', ...rest] = path.split('/').filter(Boolean);
  if (method === 'GET' && name === '')
    return ok({ collections: [...created.keys()].map((known) => ({ name: known })) });
  switch (`${method} ${rest.join('/')}`) {
    case 'GET exists':
      return ok({ exists: created.has(name) });
    case 'GET ':
      return ok({
        status: 'green',
        optimizer_status: 'ok',
        segments_count: 1,
        config: {
          params: created.get(name),
          hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
          optimizer_config: {
            deleted_threshold: 0.2,
            vacuum_min_vector_number: 1000,
            default_segment_number: 0,
            flush_interval_sec: 5,
          },
        },
        payload_schema: {},
      });
    case 'PUT ':
      created.set(name, body);
      return ok(true);
    case 'PUT index':
    case 'PUT points':
    case 'POST points/delete':
      return ok({ operation_id: 0, status: 'completed' });
    case 'DELETE ':
      return ok(created.delete(name));
    case 'POST points':
      return ok([]);
    case 'POST points/count':
      return ok({ count: 0 });
    case 'POST points/query':
      return ok({ points: [] });
    default:
      return { status: 404, body: { status: { error: `the recorder has no answer to ${method} ${path}` }, time: 0 } };
  }
}

async function read(request: IncomingMessage): Promise<RecordedRequest> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://recorder');
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return {
    method: request.method ?? '',
    path: decodeURIComponent(pathname),
    query: Object.fromEntries(searchParams),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

export async function startQdrantRecorder(): Promise<QdrantRecorder> {
  const created = new Map<string, unknown>();
  const port = await freePort();
  const recorder: QdrantRecorder = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    answers: [],
    answerWith: () => null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await read(incoming);
    recorder.requests.push(request);
    const given = recorder.answerWith(request) ?? minimalAnswer(request, created);
    if (given === 'hang') return;
    if (given === 'reset') return void incoming.socket.destroy();
    recorder.answers.push(given);
    response.writeHead(given.status, { 'content-type': 'application/json' }).end(JSON.stringify(given.body));
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return recorder;
}
