import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLlmClient } from '../../platform/llm/client.ts';
import type { LlmCall } from '../../platform/llm/llm-session.ts';
import { HAIKU } from '../../platform/llm/models.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Behaviour, type MessagesApi, startMessagesApi } from '../stand-ins/messages-api.ts';
import { failureCode, memoryGate, session } from './llm-fixtures.ts';

let api: MessagesApi;
beforeAll(async () => {
  api = await startMessagesApi();
});
afterAll(() => api.close());
beforeEach(() => api.play([]));

const call: LlmCall = {
  path: 'rank',
  system: 'Answer.',
  content: [{ text: 'Anything.' }],
  schema: { type: 'object', additionalProperties: false, properties: {} },
  maxTokens: 100,
};
const asIs = (text: string) => text;
const now = { 'retry-after': '0' };
const times = (count: number, behaviour: Behaviour) => Array.from({ length: count }, () => behaviour);

describe('a call', () => {
  it('goes out as Haiku, with the key, the schema and the prompt as given', async () => {
    const { session: llm } = session(api.url);
    expect(await llm.ask(call, asIs)).toBe('{}');
    const { headers, body } = api.recording.requests[0]!;
    expect(headers.authorization).toBe('Bearer sk-test');
    expect(body).toEqual({
      model: 'claude-haiku-4-5-20251001',
      max_tokens: 100,
      system: [{ type: 'text', text: 'Answer.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Anything.' }] }],
      output_config: { format: { type: 'json_schema', schema: call.schema } },
    });
  });

  it('is metered: path, tokens, cost, outcome, latency', async () => {
    let clock = 1_000;
    const { session: llm, gate } = session(api.url, { now: () => (clock += 50) });
    await llm.ask(call, asIs);
    expect(llm.usage).toEqual([
      {
        id: 'usage-0',
        model: HAIKU.id,
        path: 'rank',
        inputTokens: 5,
        outputTokens: 1,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costMicroUsd: 10,
        outcome: 'ok',
        latencyMs: 50,
        requestId: 'request-1',
        tripId: 'trip-1',
        createdAt: new Date(1_100),
      },
    ]);
    expect(gate.spent).toBe(10);
  });

  it.each<[string, Behaviour, string, number]>([
    ['429', { kind: 'status', status: 429, headers: now }, 'rate_limited', 3],
    ['529', { kind: 'status', status: 529, headers: now }, 'overloaded', 3],
    ['500', { kind: 'status', status: 500, headers: now }, 'unavailable', 3],
    [
      '500, not to be tried again',
      { kind: 'status', status: 500, headers: { 'x-should-retry': 'false' } },
      'unavailable',
      1,
    ],
    ['400', { kind: 'status', status: 400 }, 'unavailable', 1],
    ['401', { kind: 'status', status: 401 }, 'unavailable', 1],
    ['a broken connection', { kind: 'reset' }, 'unavailable', 3],
    ['a refusal', { kind: 'refusal' }, 'refused', 1],
    ['an answer cut short', { kind: 'max_tokens' }, 'malformed', 1],
    ['a body that is no message', { kind: 'not_json' }, 'malformed', 1],
  ])('that gets %s fails by name, and is tried as often as that helps', async (_, behaviour, code, attempts) => {
    api.play([], behaviour);
    const { session: llm } = session(api.url);
    expect(await failureCode(llm.ask(call, asIs))).toBe(code);
    expect(api.recording.requests).toHaveLength(attempts);
    expect(llm.usage.map((record) => record.outcome)).toEqual(Array(attempts).fill(code));
  });

  it('that nobody listens to is unavailable', async () => {
    const { session: llm } = session(`http://127.0.0.1:${await freePort()}`);
    expect(await failureCode(llm.ask(call, asIs))).toBe('unavailable');
    expect(llm.usage).toHaveLength(3);
  });

  it('succeeds after passing failures, each of which is metered', async () => {
    api.play([{ kind: 'status', status: 429, headers: now }, { kind: 'reset' }]);
    const { session: llm } = session(api.url);
    expect(await llm.ask(call, asIs)).toBe('{}');
    expect(llm.usage.map((record) => [record.outcome, record.costMicroUsd])).toEqual([
      ['rate_limited', 0],
      ['unavailable', 0],
      ['ok', 10],
    ]);
  });

  it('is not tried again when the API asks for a longer wait than the deadline leaves', async () => {
    api.play([{ kind: 'status', status: 429, headers: { 'retry-after': '60' } }]);
    const { session: llm } = session(api.url);
    expect(await failureCode(llm.ask(call, asIs))).toBe('rate_limited');
    expect(api.recording.requests).toHaveLength(1);
  });

  it('pays for a refused or truncated answer what its tokens cost', async () => {
    api.play([{ kind: 'max_tokens' }]);
    const { session: llm, gate } = session(api.url);
    await failureCode(llm.ask(call, asIs));
    expect(llm.usage[0]).toMatchObject({ outcome: 'malformed', inputTokens: 5 });
    expect(gate.spent).toBe(llm.usage[0]!.costMicroUsd);
    expect(gate.spent).toBeGreaterThan(0);
  });
});

describe('the deadline', () => {
  it.each(['hang', 'stall'] as const)('ends a call that makes the API %s', async (kind) => {
    api.play([{ kind }]);
    const { session: llm, gate } = session(api.url, { deadlineMs: 300 });
    expect(await failureCode(llm.ask(call, asIs))).toBe('timeout');
    expect(api.recording.requests).toHaveLength(1);
    // What was given up may still be billed: the whole reservation counts as spent.
    expect(llm.usage[0]).toMatchObject({ outcome: 'timeout', costMicroUsd: gate.reserved[0] });
    expect(gate.spent).toBe(gate.reserved[0]);
  });

  it('runs from the start of the session, not of a call', async () => {
    const timer = (ms: number) => {
      const signal = AbortSignal.timeout(ms);
      return { signal, fired: new Promise((resolve) => signal.addEventListener('abort', resolve)) };
    };
    const late = timer(800);
    const { session: llm } = session(api.url, { deadlineMs: 500 });
    await timer(400).fired;
    api.play([{ kind: 'hang' }]);
    expect(await failureCode(llm.ask(call, asIs))).toBe('timeout');
    expect(api.recording.requests).toHaveLength(1);
    expect(late.signal.aborted).toBe(false);
  });

  it('is one for all calls: those that wait for their turn never go out', async () => {
    api.play([], { kind: 'hang' });
    const { session: llm } = session(api.url, { deadlineMs: 300 });
    const codes = await Promise.all(Array.from({ length: 9 }, () => failureCode(llm.ask(call, asIs))));
    expect(codes).toEqual(Array(9).fill('timeout'));
    expect(api.recording.requests).toHaveLength(4);
    expect(llm.usage).toHaveLength(4);
  });
});

describe('calls at the same time', () => {
  it('are at most four', async () => {
    api.play([], { kind: 'hold' });
    const { session: llm } = session(api.url);
    const calls = Promise.all(Array.from({ length: 10 }, () => llm.ask(call, asIs)));
    await api.whenInFlight(4);
    api.release();
    await calls;
    expect(api.recording.requests).toHaveLength(10);
    expect(api.recording.mostInFlight).toBe(4);
  });

  it('end together when the API is down: the rest is not sent after the first that gave up', async () => {
    api.play(times(100, { kind: 'status', status: 529, headers: now }));
    const { session: llm } = session(api.url);
    const codes = await Promise.all(Array.from({ length: 10 }, () => failureCode(llm.ask(call, asIs))));
    expect(codes).toEqual(Array(10).fill('overloaded'));
    expect(api.recording.requests.length).toBeLessThanOrEqual(4 * 3);
  });
});

describe('the budget', () => {
  it('lets no call out once the cap leaves no room for what it may cost', async () => {
    const gate = memoryGate(1_000);
    const { session: llm } = session(api.url, { gate });
    await llm.ask(call, asIs);
    const [largest] = gate.reserved;
    const tight = memoryGate(largest! - 1);
    const { session: next } = session(api.url, { gate: tight });
    expect(await failureCode(next.ask(call, asIs))).toBe('over_budget');
    expect(api.recording.requests).toHaveLength(1);
    expect(next.usage).toEqual([]);
    expect(tight.spent).toBe(0);
  });

  it('holds for calls at the same time, because each reserves before it goes out', async () => {
    api.play([], { kind: 'hold' });
    const probe = memoryGate();
    const { session: once } = session(api.url, { gate: probe });
    const first = once.ask(call, asIs);
    await api.whenInFlight(1);
    api.release();
    await first;

    api.play([], { kind: 'hold' });
    const gate = memoryGate(probe.reserved[0]! * 2);
    const { session: llm } = session(api.url, { gate });
    const results = Promise.allSettled(Array.from({ length: 4 }, () => llm.ask(call, asIs)));
    await api.whenInFlight(2);
    api.release();
    expect((await results).map((result) => result.status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(api.recording.requests).toHaveLength(2);
  });

  it('reserves at least what the call then costs', async () => {
    const { session: llm, gate } = session(api.url);
    await llm.ask({ ...call, content: [{ text: '東京の居酒屋 '.repeat(2_000), cached: true }] }, asIs);
    expect(gate.reserved[0]).toBeGreaterThanOrEqual(llm.usage[0]!.costMicroUsd);
  });

  it('that cannot be asked is as good as unavailable, and one that cannot be told keeps the answer', async () => {
    const broken = { reserve: () => Promise.reject(new Error('gone')), settle: () => Promise.resolve() };
    expect(await failureCode(session(api.url, { gate: broken }).session.ask(call, asIs))).toBe('unavailable');
    expect(api.recording.requests).toHaveLength(0);

    const deaf = { reserve: () => Promise.resolve(true), settle: () => Promise.reject(new Error('gone')) };
    const { session: llm, events } = session(api.url, { gate: deaf });
    expect(await llm.ask(call, asIs)).toBe('{}');
    expect(events.map(({ event }) => event)).toEqual(['llm_settle_failed']);
  });
});

it('a client talks to the address that it is given, with the fetch that it is given', async () => {
  const seen: string[] = [];
  const client = createLlmClient({
    apiKey: 'sk-test',
    baseUrl: api.url,
    fetch: (input, init) => {
      seen.push(String(input));
      return fetch(input, init);
    },
  });
  await session(api.url, { client }).session.ask(call, asIs);
  expect(seen).toEqual([`${api.url}/v1/messages`]);
});
