/** The API as a client sees it: requests to the Worker, each waited for with all that it leaves for after its response. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { openDatabase } from '../../../platform/database/client.ts';
import worker from '../../../worker/index.ts';

export const database = openDatabase(env.DATABASE_URL ?? '');

/** Another environment than the one that the tests are configured with, in these variables and bindings. */
export type Overrides = Partial<Cloudflare.Env>;

export interface Call {
  token?: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: BodyInit;
  headers?: Record<string, string>;
  env?: Overrides;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  body: any;
}

/** `call('POST', '/trips', ...)`; paths are those after `/api/v1`, or whole where they begin with `//`. */
export async function call(method: string, path: string, options: Call = {}): Promise<Answer> {
  const { token, json, body, headers = {}, env: overrides = {} } = options;
  const url = path.startsWith('//') ? `https://api.test${path.slice(1)}` : `https://api.test/api/v1${path}`;
  const request = new Request<unknown, IncomingRequestCfProperties>(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined ? { body } : {}),
  });
  const context = createExecutionContext();
  const response = await worker.fetch(request, { ...env, ...overrides }, context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

export interface Guest {
  id: string;
  token: string;
}

/** A new traveller. */
export async function newGuest(onboarding_tags: Record<string, string | string[]> = {}): Promise<Guest> {
  const made = await call('POST', '/users', { json: { onboarding_tags } });
  if (made.status !== 201) throw new Error(made.text);
  return made.body;
}

/** The date so many days from today (UTC), far enough ahead to be no today anywhere. */
export function inDays(days = 14): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
