/** The Anthropic SDK where it serves: in workerd, against the stand-in of the run, with the real budget object. */
import { env } from 'cloudflare:workers';
import { expect, inject, it } from 'vitest';
import { createLlmClient } from '../../platform/llm/client.ts';
import { LlmSession } from '../../platform/llm/llm-session.ts';
import { budgetGate } from '../../platform/llm/spend-gate.ts';

const DAY = '2026-11-21';

const url = inject('messagesApiUrl');
const play = (script: unknown[]) => fetch(`${url}/control`, { method: 'POST', body: JSON.stringify({ script }) });

function session(deadlineMs: number) {
  const budget = env.LLM_BUDGET.get(env.LLM_BUDGET.newUniqueId());
  let serial = 0;
  const llm = new LlmSession({
    client: createLlmClient({ apiKey: 'sk-test', baseUrl: url, fetch }),
    gate: budgetGate(budget, { capMicroUsd: 10_000, now: Date.UTC(2026, 10, 21) }),
    deadlineMs,
    now: Date.now,
    random: Math.random,
    newId: () => `usage-${serial++}`,
    requestId: null,
    tripId: null,
    log: () => {},
  });
  return { llm, budget };
}

const call = {
  path: 'rank',
  system: 'Answer.',
  content: [{ text: 'Anything.' }],
  schema: { type: 'object', additionalProperties: false, properties: {} },
  maxTokens: 100,
} as const;

it('a call is answered, retried where that helps, and settled with the budget object', async () => {
  await play([{ kind: 'status', status: 529, headers: { 'retry-after': '0' } }]);
  const { llm, budget } = session(10_000);
  expect(await llm.ask(call, (text) => text)).toBe('{}');
  expect(llm.usage.map((record) => record.outcome)).toEqual(['overloaded', 'ok']);
  expect(await budget.today(DAY)).toMatchObject({ spentMicroUsd: llm.usage[1]!.costMicroUsd });
});

it.each(['hang', 'stall'])('a deadline ends a call that makes the API %s', async (kind) => {
  await play([{ kind }]);
  const { llm } = session(300);
  await expect(llm.ask(call, (text) => text)).rejects.toMatchObject({ code: 'timeout' });
  expect(llm.usage).toMatchObject([{ outcome: 'timeout' }]);
});
