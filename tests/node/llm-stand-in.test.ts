/** The stand-in is a server like the API it stands for, and can be steered over HTTP by tests that run elsewhere. */
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MessagesApi, type Recording, startMessagesApi } from '../stand-ins/messages-api.ts';

let api: MessagesApi;
let client: Anthropic;
beforeAll(async () => {
  api = await startMessagesApi();
  client = new Anthropic({ apiKey: 'sk-test', baseURL: api.url, maxRetries: 0 });
});
afterAll(() => api.close());

const post = (path: string, body: unknown) =>
  fetch(`${api.url}${path}`, { method: 'POST', body: JSON.stringify(body) }).then((response) => response.status);
const recording = () => fetch(`${api.url}/control/requests`).then((response) => response.json() as Promise<Recording>);
const request = {
  model: 'claude-haiku-4-5-20251001',
  max_tokens: 10,
  messages: [{ role: 'user' as const, content: [] }],
};

it('plays a script that it gets over HTTP, then answers well, and tells what came in', async () => {
  expect(await post('/control', { script: [{ kind: 'status', status: 529 }] })).toBe(200);
  await expect(client.messages.create(request)).rejects.toBeInstanceOf(Anthropic.OverloadedError);
  expect(await client.messages.create(request)).toMatchObject({ type: 'message', stop_reason: 'end_turn' });
  const { requests, mostInFlight } = await recording();
  expect(requests.map(({ body }) => body.model)).toEqual([request.model, request.model]);
  expect(mostInFlight).toBe(1);
});

it('holds requests until it is told over HTTP to go on', async () => {
  await post('/control', { otherwise: { kind: 'hold' } });
  const held = client.messages.create(request);
  await api.whenInFlight(1);
  expect((await recording()).inFlight).toBe(1);
  await post('/control/release', {});
  expect(await held).toMatchObject({ role: 'assistant' });
});

it('refuses a schema that structured output does not take, and a request without a key', async () => {
  const schema = { type: 'object', additionalProperties: false, properties: { c: { type: 'number', minimum: 0 } } };
  await post('/control', {});
  const call = client.messages.create({ ...request, output_config: { format: { type: 'json_schema', schema } } });
  await expect(call).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  expect(await post('/v1/messages', request)).toBe(401);
});
