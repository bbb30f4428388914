/**
 * Neon's `POST /sql`, as `neon()` of `@neondatabase/serverless` calls it: one statement `{query, params}`, or
 * `{queries: [...]}` as one transaction whose kind the `Neon-Batch-*` headers give. Values travel as the text that
 * Postgres prints; rows as arrays when `Neon-Array-Mode` is `true`, else as objects.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { DatabaseError } from 'pg-protocol';
import type { Backend } from './backend.ts';
import { describeError, readResults, type StatementResult } from './results.ts';
import { pipeline, type Statement } from './wire.ts';

const ISOLATION_LEVELS: Record<string, string> = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
};

class BadRequest extends Error {}
class TooLarge extends Error {}

/** Answers requests: 200 results, 400 an error of the request or of Postgres (with its fields), 413, 404, 500. */
export function createSqlHandler(backend: Backend, options: { maxBodyBytes: number }) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (request.method !== 'POST' || request.url !== '/sql') return answer(response, 404, { message: 'POST /sql' });
      // A web page can post here too, but not with this header: the browser would ask first, and nobody answers.
      if (!request.headers['neon-connection-string']) throw new BadRequest('Neon-Connection-String is missing');
      const body = await readBody(request, options.maxBodyBytes);
      const outcome = await execute(backend, parseBody(body), request, response);
      if (!outcome) return;
      if ('error' in outcome) answer(response, 400, describeError(outcome.error));
      else answer(response, 200, outcome.answer);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof BadRequest) answer(response, 400, { message });
      else if (error instanceof TooLarge) answer(response.setHeader('connection', 'close'), 413, { message });
      else answer(response, 500, { message });
    }
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': json.length });
  response.end(json);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge(`The request is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
}

type SqlRequest = { batch: false; statements: [Statement] } | { batch: true; statements: Statement[] };

function parseBody(text: string): SqlRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON');
  }
  if (isRecord(body) && Array.isArray(body.queries))
    return { batch: true, statements: body.queries.map(parseStatement) };
  return { batch: false, statements: [parseStatement(body)] };
}

function parseStatement(value: unknown): Statement {
  if (!isRecord(value) || typeof value.query !== 'string') throw new BadRequest('A statement is {query, params?}');
  const params = value.params ?? [];
  if (!Array.isArray(params)) throw new BadRequest('params is not an array');
  return { query: value.query, params: params.map(parseParam) };
}

function parseParam(value: unknown, index: number): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new BadRequest(`params[${index}] is not text, a number, a boolean or null`);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The results, or the database's error; null when the client left before its turn came. */
async function execute(backend: Backend, sql: SqlRequest, request: IncomingMessage, response: ServerResponse) {
  const release = await backend.lock.acquire();
  try {
    if (response.destroyed) return null;
    const statements = sql.batch ? [begin(request.headers), ...sql.statements, COMMIT] : sql.statements;
    const { bytes, status } = await backend.run(pipeline(statements));
    // A failed batch, or a lone BEGIN: nothing may stay open for the next session.
    if (status !== 'I') await backend.rollback();
    return shape(sql, readResults(bytes), request.headers['neon-array-mode'] === 'true');
  } finally {
    release();
  }
}

const COMMIT: Statement = { query: 'COMMIT', params: [] };

function begin(headers: IncomingHttpHeaders): Statement {
  const words = ['BEGIN'];
  const level = headers['neon-batch-isolation-level'];
  if (level !== undefined) {
    const isolation = ISOLATION_LEVELS[String(level)];
    if (!isolation) throw new BadRequest(`Neon-Batch-Isolation-Level: unknown level ${level}`);
    words.push('ISOLATION LEVEL', isolation);
  }
  if (headers['neon-batch-read-only'] === 'true') words.push('READ ONLY');
  if (headers['neon-batch-deferrable'] === 'true') words.push('DEFERRABLE');
  return { query: words.join(' '), params: [] };
}

function shape(
  sql: SqlRequest,
  { results, error }: ReturnType<typeof readResults>,
  arrayMode: boolean,
): { error: DatabaseError } | { answer: unknown } {
  if (error) return { error };
  const shaped = arrayMode ? results : results.map(withObjectRows);
  return { answer: sql.batch ? { results: shaped.slice(1, -1) } : shaped[0] };
}

function withObjectRows(result: StatementResult) {
  const names = result.fields.map((field) => field.name);
  return {
    ...result,
    rows: result.rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
    rowAsArray: false,
  };
}
