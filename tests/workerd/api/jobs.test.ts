/** The consumer of the queue `jobs`. */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { rankingCacheKey } from '../../../core/ranking/cache-key.ts';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';
import { type Job, type JobOf, MAX_RETRIES } from '../../../platform/queue/jobs.ts';
import worker from '../../../worker/index.ts';
// @ts-expect-error: vite reads it as text.
import wranglerToml from '../../../wrangler.toml?raw';
import { copyOfCity, type TestCity } from './cities.ts';
import { call, inDays, newGuest, type Overrides } from './client.ts';
import { startMessagesApi } from './stand-ins.ts';
import { usageOf } from './stored.ts';

const messages = await startMessagesApi();

interface Delivery {
  id: string;
  body: unknown;
  attempts?: number;
}

async function deliver(deliveries: Delivery[], overrides: Overrides = {}) {
  const context = createExecutionContext();
  const batch = createMessageBatch<unknown>(
    'jobs',
    deliveries.map(({ attempts = 1, ...message }) => ({ ...message, attempts, timestamp: Date.now() })),
  );
  await worker.queue(batch, { ...env, ...overrides });
  return getQueueResult(batch, context);
}

/** What planning a trip sends to the queue. */
async function planned(city: TestCity, overrides: Overrides = {}) {
  const sent: Job[] = [];
  const sendBatch = async (batch: MessageSendRequest<Job>[]) => void sent.push(...batch.map(({ body }) => body));
  const { token } = await newGuest({ food: 'ramen' });
  const plan = () =>
    call('POST', '/trips', {
      token,
      json: { city: city.slug, start_date: inDays(), days: 1 },
      env: { ...overrides, JOBS: { sendBatch } as unknown as Queue },
    });
  const { body } = await plan();
  return { trip: body, sent, prewarm: sent[0] as JobOf<'prewarm'>, plan };
}

const rankings = async (city: TestCity) => (await env.CACHE.list({ prefix: `ranking/${city.slug}/` })).keys;

describe('pre-warming', () => {
  it('is asked for once by travellers alike: 3 archetypes, and then 45 rankings are there', async () => {
    const city = await copyOfCity('mexico-city');
    const { prewarm, sent, plan, trip } = await planned(city);
    expect(sent).toHaveLength(1);
    expect(prewarm).toMatchObject({ v: 1, kind: 'prewarm', city: city.slug, partyKind: 'solo' });
    expect(prewarm.archetypeIds).toHaveLength(3);
    expect(await rankings(city)).toHaveLength(3);

    const result = await deliver([{ id: 'a', body: prewarm }]);
    expect(result.explicitAcks).toEqual(['a']);
    const keys = (await rankings(city)).map(({ name }) => name);
    const wanted = prewarm.archetypeIds.flatMap((archetypeId) =>
      [1, 2, 3, 4, 5].flatMap((tripDay) =>
        DAY_PARTS.map((dayPart) =>
          rankingCacheKey({
            citySlug: city.slug,
            archetypeId,
            dayPart,
            tripDay,
            partyKind: 'solo',
            budgetBand: trip.budget,
            rankerVersion: 'offline-ranker@1',
            catalogueVersion: city.id,
          }),
        ),
      ),
    );
    expect(wanted).toHaveLength(45);
    expect(keys.sort()).toEqual(wanted.sort());
    expect((await plan()).body.ranking.cache).toBe('hit');
    expect(sent).toHaveLength(1);
  });

  it('asks the language model for what is missing only: 42 calls, then none', async () => {
    const city = await copyOfCity('mexico-city');
    const { prewarm } = await planned(city, messages.env);
    for (const calls of [42, 0]) {
      await messages.play([]);
      const job = { ...prewarm, id: `${prewarm.id}/${calls}` };
      expect((await deliver([{ id: 'a', body: job }], messages.env)).explicitAcks).toEqual(['a']);
      const { requests, mostInFlight } = await messages.recording();
      expect(requests).toHaveLength(calls);
      expect(mostInFlight).toBeLessThanOrEqual(4);
      const usage = await usageOf(job.id);
      expect(usage).toHaveLength(calls);
      expect(usage.every(({ path, costMicroUsd }) => path === 'prewarm' && costMicroUsd > 0)).toBe(true);
    }
    expect(await rankings(city)).toHaveLength(45);
  });

  it('stops at the daily cap: no call is made, nothing of it is kept, and the message is done', async () => {
    const city = await copyOfCity('mexico-city');
    const { prewarm } = await planned(city);
    await messages.play([]);
    const result = await deliver([{ id: 'a', body: prewarm }], { ...messages.env, LLM_DAILY_CAP_USD: '0' });
    expect(result.explicitAcks).toEqual(['a']);
    expect((await messages.recording()).requests).toHaveLength(0);
    // The three of the trip, which the offline ranker made under its own name.
    expect(await rankings(city)).toHaveLength(3);
  });

  it('of a city that is gone is done with', async () => {
    const { prewarm } = await planned(await copyOfCity('mexico-city'));
    const result = await deliver([{ id: 'a', body: { ...prewarm, city: 'atlantis' } }]);
    expect(result.explicitAcks).toEqual(['a']);
  });
});

describe('a batch', () => {
  const known: Job = { v: 1, id: 'x', kind: 'project_trip', tripId: crypto.randomUUID() };

  it('is taken message by message: a bad one does not hold up the others', async () => {
    const result = await deliver([
      { id: 'good-1', body: known },
      { id: 'no-job', body: { hello: 'world' } },
      { id: 'nothing', body: null },
      { id: 'newer', body: { ...known, v: 2 } },
      { id: 'wrong', body: { ...known, tripId: 'seattle' } },
      { id: 'good-2', body: known },
    ]);
    expect(result.explicitAcks).toEqual(['good-1', 'good-2']);
    expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(['no-job', 'nothing', 'newer', 'wrong']);
    expect(result.ackAll).toBe(false);
    expect(result.retryBatch.retry).toBe(false);
  });

  it('that cannot reach Postgres is given back, message by message', async () => {
    const unreachable = { DATABASE_URL: 'postgresql://postgres@127.0.0.1:9/postgres' };
    const prewarm = (await planned(await copyOfCity('mexico-city'))).prewarm;
    const result = await deliver(
      [
        { id: 'a', body: prewarm },
        { id: 'b', body: prewarm },
      ],
      unreachable,
    );
    expect(result.explicitAcks).toEqual([]);
    expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(['a', 'b']);
  });

  it('gives a message up to the dead-letter queue after as many retries as the configuration says', async () => {
    const [, consumer] = /\[\[queues\.consumers\]\]\nqueue = "jobs"\n((?:.+\n)*)/.exec(wranglerToml) ?? [];
    expect(consumer).toContain(`max_retries = ${MAX_RETRIES}\n`);
    expect(consumer).toContain('dead_letter_queue = "jobs-dead"\n');
    const result = await deliver([{ id: 'last', body: {}, attempts: MAX_RETRIES + 1 }]);
    expect(result.retryMessages).toHaveLength(1);
  });
});
