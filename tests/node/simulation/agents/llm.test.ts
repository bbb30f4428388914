import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLlmClient } from '../../../../platform/llm/client.ts';
import { HAIKU } from '../../../../platform/llm/models.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';
import { divergenceOf } from '../../../../simulation/agents/divergence.ts';
import { claudeBatches } from '../../../../simulation/agents/llm/claude-batches.ts';
import { estimateCost, slotsOf, USUAL_TOKENS } from '../../../../simulation/agents/llm/estimate.ts';
import { llmPersonaAgent, personaLabel } from '../../../../simulation/agents/llm/llm-persona-agent.ts';
import { llmRecommender } from '../../../../simulation/agents/llm/llm-recommender.ts';
import { costOf } from '../../../../simulation/agents/llm/models.ts';
import { openAiEndpoint } from '../../../../simulation/agents/llm/openai-endpoint.ts';
import { readDecision } from '../../../../simulation/agents/llm/persona-prompt.ts';
import { OverBudget, Rounds } from '../../../../simulation/agents/llm/rounds.ts';
import { RunFolder } from '../../../../simulation/agents/run-folder.ts';
import { armsOf, type Cast, runArm } from '../../../../simulation/agents/simulate.ts';
import { travellerAt } from '../../../../simulation/agents/traveller.ts';
import { type ChatCompletions, startChatCompletions } from '../../../stand-ins/chat-completions.ts';
import { type BatchAnswer, type MessageBatches, startMessageBatches } from '../../../stand-ins/message-batches.ts';
import type { WireRequest } from '../../../stand-ins/messages-api-answers.ts';
import { run, simulation, temporaryFolder } from './scene.ts';

let api: MessageBatches;
let chat: ChatCompletions;
beforeAll(async () => {
  api = await startMessageBatches();
  chat = await startChatCompletions();
});
afterAll(() => Promise.all([api.close(), chat.close()]));

const isRanking = (params: WireRequest) => JSON.stringify(params.output_config).includes('"ranked"');
const good: MessageBatches['answer'] = (params) =>
  isRanking(params)
    ? { kind: 'json', value: { ranked: [9, 8, 7, 6, 5].map((i) => ({ i, c: 0.8 })), confidence: 0.7 } }
    : { kind: 'json', value: { decision: 'accept', choice: 1, pivot_reason: 'none', confidence: 0.75 } };
beforeEach(() => {
  (api.batches as unknown[]).length = 0;
  (chat.requests as unknown[]).length = 0;
  Object.assign(api, { answer: good, looksUntilEnded: 2, breakAfterMaking: 0, breakResultsOf: -1 });
});

const wait = async () => {};
const asker = () =>
  claudeBatches({
    client: createLlmClient({ apiKey: 'sk-test', baseUrl: api.url, fetch }),
    model: HAIKU,
    pollMs: 1,
    wait,
  });
const endpoint = () =>
  openAiEndpoint({
    baseUrl: chat.url,
    model: 'other-1',
    apiKey: 'sk-other',
    price: { input: 1, output: 2 },
    fetch,
    wait,
    timeoutMs: 5000,
  });
const openRounds = (folder: string, maxUsd = 20) =>
  Rounds.open({ folder: join(folder, 'rounds'), maxUsd, now: () => new Date(Date.now() - 1000) });

async function simulate(path: string, { maxUsd = 20, second = false, llm = false } = {}) {
  const rounds = await openRounds(path, maxUsd);
  const fallback = new ChoiceModelAgent(7, 0.3);
  const cast: Partial<Cast> = {
    agent: ({ name }) => llmPersonaAgent({ asker: asker(), rounds, name: `${name}/persona`, fallback }),
    second: second
      ? ({ name }) => llmPersonaAgent({ asker: endpoint(), rounds, name: `${name}/second`, fallback })
      : null,
    llm: llm ? ({ name }) => llmRecommender({ asker: asker(), rounds, name: `${name}/ranker` }) : null,
    together: true,
  };
  const variants = llm ? (['llm'] as const) : (['offline'] as const);
  const one = simulation({ travellers: 6, variants, latentShares: [], agent: 'haiku-4.5+persona-p2' }, cast);
  const { folder } = await RunFolder.begin(path, run(one.settings));
  const arm = await runArm(one, armsOf(one.settings)[0]!, folder);
  return { one, folder, arm, rounds };
}

describe('a population that a language model decides for', () => {
  it('moves in lock step: a batch a round, with prompt, schema and model as stated', async () => {
    const path = await temporaryFolder();
    const { arm, rounds, folder } = await simulate(path);
    expect(api.batches.length).toBeLessThanOrEqual(21);
    expect(api.batches[0]!.requests).toHaveLength(6);
    const asked = api.batches.reduce((sum, { requests }) => sum + requests.length, 0);
    expect(asked).toBe(arm.slots);
    const { params } = api.batches[0]!.requests[0]!;
    expect(params.model).toBe(HAIKU.id);
    expect(params.system![0]!.text).toContain('as that person would');
    expect(params.messages[0]!.content[0]!.text).toContain('<offers>\n0|');
    expect(arm).toMatchObject({ agent: 'haiku-4.5+persona-p2', agent_fallbacks: 0, latent_share: null });
    const row = JSON.parse((await folder.armFile(arm.name, 'signals.jsonl')).split('\n')[0]!);
    expect(row).toMatchObject({ source: 'synthetic_agent_v1', synthetic: true, signal_type: 'slot_accept' });
    expect(row.context.rank).toBe(2);
    expect(rounds.spentUsd).toBeGreaterThan(0);
  });

  it('is told who travels along, by their dimensions and by nothing else', async () => {
    const { one } = await simulate(await temporaryFolder());
    const request = { seed: 7, archetypes: one.settings.archetypes, cities: one.cities.map(({ slug }) => slug) };
    const questions = api.batches[0]!.requests.map(({ params }) => params.messages[0]!.content[0]!.text);
    for (const [i, text] of questions.entries()) {
      const { companions } = travellerAt(request, i);
      const told = text.split('\n').filter((line) => line.startsWith('companion '));
      expect(told).toHaveLength(companions.length);
      for (const [c, { id, dimensions }] of companions.entries()) {
        expect(told[c]).toMatch(new RegExp(`^companion ${c + 1}: (\\w+=[01]\\.\\d\\d ?){12}$`));
        expect(told[c]).toContain(`culture=${dimensions.culture.toFixed(2)}`);
        expect(text).not.toContain(id);
      }
    }
    expect(questions.join()).toContain('companion 2: ');
  });

  it('is not gone on with by another version of the prompt, which is named', async () => {
    const path = await temporaryFolder();
    const { one } = await simulate(path);
    const older = { ...one.settings, agent: 'haiku-4.5+persona-p1' };
    await expect(RunFolder.begin(path, run(older))).rejects.toThrow(
      'agent was "haiku-4.5+persona-p2", now "haiku-4.5+persona-p1"',
    );
    expect(personaLabel(asker())).toBe(one.settings.agent);
  });

  it('lets the built-in model decide where the answer is none, and says so on the row', async () => {
    const bad: BatchAnswer[] = [
      { kind: 'text', text: 'I would love to!' },
      { kind: 'json', value: { decision: 'accept', choice: 99, pivot_reason: 'none', confidence: 0.5 } },
      { kind: 'json', value: { decision: 'pivot', choice: -1, pivot_reason: 'none', confidence: 0.5 } },
      { kind: 'text', text: '{"decision":"ac', stopReason: 'max_tokens' },
      { kind: 'expired' },
      { kind: 'lost' },
    ];
    api.answer = (_, i) => bad[i]!;
    const { arm, folder } = await simulate(await temporaryFolder());
    expect(arm.agent_fallbacks).toBe(arm.slots);
    const rows = (await folder.armFile(arm.name, 'signals.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['synthetic_choice_model_v1']));
    expect(new Set(rows.map(({ context }) => context.agent_fallback))).toEqual(
      new Set(['malformed', 'cut_short', 'expired', 'missing']),
    );
  });

  it('is ranked for by a language model that sees the trip so far, and by the offline list where it answers none', async () => {
    api.answer = (params, i) => (i === 0 && isRanking(params) ? { kind: 'errored' } : good(params, i));
    const { arm } = await simulate(await temporaryFolder(), { llm: true });
    const rankings = api.batches.filter(({ requests }) => isRanking(requests[0]!.params));
    const later = rankings[1]!.requests[0]!.params.messages[0]!.content[0]!.text;
    expect(later).toMatch(/<trip>\n[+-] /);
    expect(arm.ranker_fallbacks).toBe(rankings.length);
    expect(arm.ranker_fallbacks).toBeLessThan(arm.slots);
  });
});

describe('a run that breaks off', () => {
  it('pays for no round twice, and comes to the same rows', async () => {
    const whole = await simulate(await temporaryFolder());
    const made = api.batches.length;
    (api.batches as unknown[]).length = 0;

    const path = await temporaryFolder();
    api.breakResultsOf = 4;
    await expect(simulate(path)).rejects.toThrow();
    expect(api.batches).toHaveLength(5);
    const { arm, rounds } = await simulate(path);
    expect(api.batches).toHaveLength(made);
    expect(arm.sha256).toEqual(whole.arm.sha256);
    expect(rounds.spentUsd).toBeCloseTo(whole.rounds.spentUsd, 12);
    expect(
      (await readdir(join(path, 'rounds'), { recursive: true })).filter((name) => /pending|part/.test(name)),
    ).toEqual([]);
  });

  it('finds the batch whose id was lost in the crash', async () => {
    const path = await temporaryFolder();
    api.breakAfterMaking = 1;
    await expect(simulate(path)).rejects.toThrow();
    expect(api.batches).toHaveLength(1);
    const { arm } = await simulate(path);
    const asked = api.batches.reduce((sum, { requests }) => sum + requests.length, 0);
    expect(asked).toBe(arm.slots);
  });

  it('asks an endpoint only for what it had not answered', async () => {
    const rounds = await openRounds(await temporaryFolder());
    const questions = Array.from({ length: 12 }, (_, i) => ({
      key: `k${i}`,
      system: 's',
      user: `u${i}`,
      schema: {},
      maxTokens: 10,
    }));
    const one = endpoint();
    const kept = { ...one, collect: stopAfter(5, one.collect) };
    await expect(rounds.ask('r', kept, questions)).rejects.toThrow('stopped');
    const before = chat.requests.length;
    const answers = await rounds.ask('r', one, questions);
    expect(answers.map(({ key }) => key)).toEqual(questions.map(({ key }) => key));
    expect(chat.requests.length - before).toBe(7);
  });

  type Collect = ReturnType<typeof endpoint>['collect'];
  const stopAfter =
    (count: number, collect: Collect): Collect =>
    async (handle, questions, onAnswer) => {
      await collect(handle, questions.slice(0, count), onAnswer);
      throw new Error('stopped');
    };

  it('is refused where what is asked has changed', async () => {
    const rounds = await openRounds(await temporaryFolder());
    const question = { key: 'k', system: 's', user: 'u', schema: {}, maxTokens: 10 };
    await rounds.ask('r', endpoint(), [question]);
    await expect(rounds.ask('r', endpoint(), [{ ...question, user: 'other' }])).rejects.toThrow(/other questions/);
  });
});

describe('the budget', () => {
  it('of 0 buys nothing', async () => {
    await expect(openRounds(await temporaryFolder(), 0)).rejects.toThrow(/0 dollars/);
  });

  it('stops the run before a question goes out that it does not cover, and a higher one goes on', async () => {
    const path = await temporaryFolder();
    const whole = await simulate(await temporaryFolder());
    (api.batches as unknown[]).length = 0;
    await expect(simulate(path, { maxUsd: whole.rounds.spentUsd / 2 })).rejects.toThrow(OverBudget);
    const before = api.batches.length;
    expect((await openRounds(path)).spentUsd).toBeLessThanOrEqual(whole.rounds.spentUsd / 2);
    expect((await simulate(path)).arm.sha256).toEqual(whole.arm.sha256);
    expect(api.batches.length).toBeGreaterThan(before);
  });

  it('is estimated before: 600 travellers on Haiku cost some ten dollars', async () => {
    const { settings, cities } = simulation({ travellers: 600 });
    const slots = slotsOf(
      settings,
      cities.map(({ slug }) => slug),
    );
    expect(slots / 600).toBeGreaterThan(9);
    const { usd, calls } = estimateCost(slots, [{ kind: 'persona', price: { input: 0.5, output: 2.5 }, perSlot: 1 }]);
    expect(calls).toBe(slots);
    expect(usd).toBeCloseTo(costOf({ input: 0.5, output: 2.5 }, { input: slots * 1500, output: slots * 45 }), 10);
  });

  it('reckons with calls as long as they are', async () => {
    await simulate(await temporaryFolder(), { llm: true });
    for (const { requests } of api.batches) {
      const { params } = requests[0]!;
      const kind = isRanking(params) ? 'ranker' : 'persona';
      const text =
        params.system![0]!.text + params.messages[0]!.content[0]!.text + JSON.stringify(params.output_config);
      const tokens = Buffer.byteLength(text) / 3.5;
      expect(tokens / USUAL_TOKENS[kind].input).toBeGreaterThan(0.6);
      expect(tokens / USUAL_TOKENS[kind].input).toBeLessThan(1.1);
    }
  });
});

describe('two agents on the same decisions', () => {
  it('are compared, and the worst are listed', async () => {
    chat.answer = (_, i) =>
      JSON.stringify(
        i % 3 === 0
          ? { decision: 'accept', choice: 1, pivot_reason: 'none', confidence: 0.5 }
          : i % 3 === 1
            ? { decision: 'accept', choice: 0, pivot_reason: 'none', confidence: 0.5 }
            : { decision: 'skip', choice: -1, pivot_reason: 'none', confidence: 0.95 },
      );
    const { arm } = await simulate(await temporaryFolder(), { second: true });
    const { divergence } = arm;
    expect(divergence).toMatchObject({
      first: 'haiku-4.5+persona-p2',
      second: 'other-1+persona-p2',
      decisions: arm.slots,
    });
    expect(divergence!.other_kind + divergence!.other_venue).toBeGreaterThan(arm.slots / 2);
    expect(divergence!.worst[0]!.divergence).toBeCloseTo((0.75 + 0.95) / 2, 12);
    expect(divergence!.worst[0]!.second.decision).toBe('skip');
    expect(chat.requests[0]!.authorization).toBe('Bearer sk-other');
    expect(chat.requests[0]!.body.response_format.json_schema.strict).toBe(true);
  });

  it('diverge by what they do, and by how sure they are', () => {
    const take = (venueId: string, decision: 'accept' | 'linger' = 'accept') =>
      ({ decision, venueId, pivotReason: null, confidence: 0.8 }) as const;
    const skip = { decision: 'skip', venueId: null, pivotReason: null, confidence: 0.4 } as const;
    const pivot = { decision: 'pivot', venueId: null, pivotReason: 'tired', confidence: 0.4 } as const;
    expect(divergenceOf(take('a'), take('a', 'linger'))).toBe(0);
    expect(divergenceOf(take('a'), take('b'))).toBeCloseTo(0.4, 12);
    expect(divergenceOf(take('a'), skip)).toBeCloseTo(0.6, 12);
    expect(divergenceOf(skip, pivot)).toBeCloseTo(0.4, 12);
  });
});

describe('an endpoint', () => {
  it('is asked again after 429 and 500, not after 400; refusals and cut answers are none', async () => {
    const rounds = await openRounds(await temporaryFolder());
    const ask = async (answer: ChatCompletions['answer'], name: string) => {
      chat.answer = answer;
      const before = chat.requests.length;
      const question = { key: 'k', system: 's', user: 'u', schema: {}, maxTokens: 10 };
      const [found] = await rounds.ask(name, endpoint(), [question]);
      return { ...found, calls: chat.requests.length - before };
    };
    let n = 0;
    expect(await ask(() => (n++ === 0 ? 429 : n === 2 ? 503 : 'ok'), 'a')).toMatchObject({ text: 'ok', calls: 3 });
    expect(await ask(() => 400, 'b')).toMatchObject({ text: null, failure: 'errored', calls: 1 });
    expect(await ask(() => 500, 'c')).toMatchObject({ text: null, failure: 'errored', calls: 4 });
    expect(await ask(() => ({ refusal: 'no' }), 'd')).toMatchObject({ text: null, failure: 'refused' });
    expect(await ask(() => ({ finish: 'length' }), 'e')).toMatchObject({ text: null, failure: 'cut_short' });
  });
});

describe('an answer', () => {
  it('is read only where it is one to the case', () => {
    const candidates = simulation().cities[0]!.venues.slice(0, 3);
    const read = (value: unknown) => readDecision(JSON.stringify(value), { candidates });
    const answer = { decision: 'linger', choice: 2, pivot_reason: 'none', confidence: 1 };
    expect(read(answer)).toEqual({ decision: 'linger', venueId: candidates[2]!.id, pivotReason: null, confidence: 1 });
    expect(read({ ...answer, choice: 3 })).toBeNull();
    expect(read({ ...answer, choice: -1 })).toBeNull();
    expect(read({ ...answer, confidence: 1.1 })).toBeNull();
    expect(read({ ...answer, decision: 'buy' })).toBeNull();
    expect(read({ ...answer, decision: 'pivot' })).toBeNull();
    expect(read({ ...answer, decision: 'pivot', pivot_reason: 'weather' })).toMatchObject({ pivotReason: 'weather' });
  });
});
