/** Invariant 3: the larger model is asked where the arbiter found both sides unsure, once, after the response, and nowhere else. */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { HAIKU, SONNET } from '../../../platform/llm/models.ts';
import type { Job, JobOf } from '../../../platform/queue/jobs.ts';
import worker from '../../../worker/index.ts';
import { copyOfCity, type TestCity } from '../api/cities.ts';
import type { Overrides } from '../api/client.ts';
import { startMessagesApi } from '../api/stand-ins.ts';
import { usageOf } from '../api/stored.ts';
import { decisionsOn, experienced, LIVE, plan, type Traveller } from './warm.ts';

const messages = await startMessagesApi();
const UNSURE = { kind: 'good', confidence: 0.05 } as const;

let traveller: Traveller;
let city: TestCity;
beforeAll(async () => {
  traveller = await experienced({ trips: 3, signals: 25 });
  city = await copyOfCity('seattle');
});

/** A plan by both sides, and the jobs that it asks for. */
async function planned(more: Overrides = {}) {
  const jobs: Job[] = [];
  const sendBatch = async (batch: MessageSendRequest<Job>[]) => void jobs.push(...batch.map(({ body }) => body));
  const asked = { ...LIVE, ...messages.env, JOBS: { sendBatch } as unknown as Queue, ...more };
  const { trip, versions } = await plan(traveller.guest, { city: city.slug, days: 3 }, { env: asked });
  const decisions = await decisionsOn(trip.id);
  const unsure = decisions.filter(
    ({ contextSnapshot }) => (contextSnapshot as { would_escalate: boolean }).would_escalate,
  );
  return { trip, versions, decisions, unsure, escalation: jobs.find((job) => job.kind === 'escalate') };
}

async function done(job: Job, overrides: Overrides = {}) {
  const context = createExecutionContext();
  const batch = createMessageBatch<unknown>('jobs', [{ id: 'a', body: job, attempts: 1, timestamp: Date.now() }]);
  await worker.queue(batch, { ...env, ...messages.env, ...overrides });
  expect((await getQueueResult(batch, context)).explicitAcks).toEqual(['a']);
}

const modelsAsked = async () => (await messages.recording()).requests.map(({ body }) => body.model);

describe('where both sides are unsure', () => {
  let escalation: JobOf<'escalate'>;

  it('the plan is served without the larger model, which is asked for later', async () => {
    await messages.play([], UNSURE);
    const first = await planned();
    expect(first.unsure.length).toBeGreaterThan(0);
    expect(new Set(await modelsAsked())).toEqual(new Set([HAIKU.id]));
    expect(first.escalation).toMatchObject({ city: city.slug, partyKind: 'solo' });
    escalation = first.escalation as JobOf<'escalate'>;
    expect(escalation.archetypeIds).toHaveLength(1);
  });

  it('stops at the daily cap, and the unsure lists stand', async () => {
    await messages.play([]);
    await done(escalation, { LLM_DAILY_CAP_USD: '0' });
    expect(await modelsAsked()).toEqual([]);
  });

  it('it ranks their moments and no others, is metered, and is not asked again', async () => {
    for (const calls of [escalation.moments.length, 0]) {
      await messages.play([], { kind: 'good', confidence: 0.9 });
      const job = { ...escalation, id: `${escalation.id}/${calls}` };
      await done(job);
      expect(await modelsAsked()).toEqual(Array.from({ length: calls }, () => SONNET.id));
      const usage = await usageOf(job.id);
      expect(usage).toHaveLength(calls);
      for (const one of usage) expect(one).toMatchObject({ path: 'escalate', model: SONNET.id, outcome: 'ok' });
    }
  });

  it('the next plan has its lists, is sure of them, and asks for nothing', async () => {
    await messages.play([], UNSURE);
    const next = await planned();
    expect(await modelsAsked()).not.toContain(SONNET.id);
    const sides = next.decisions.map(({ contextSnapshot }) => {
      const { llm } = (contextSnapshot as { inputs: { input: { llm: { version: string } } } }).inputs.input;
      return llm.version;
    });
    expect(sides).toContain(`llm-ranker@${SONNET.label}.p1`);
    expect(next.escalation).toBeUndefined();
  });
});

describe('where one side is sure', () => {
  it('nothing is asked for', async () => {
    city = await copyOfCity('seattle');
    await messages.play([], { kind: 'good', confidence: 0.9 });
    const { decisions, unsure, escalation } = await planned();
    expect(decisions.length).toBeGreaterThan(0);
    expect(unsure).toEqual([]);
    expect(escalation).toBeUndefined();
  });
});
