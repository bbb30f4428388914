/** One of the two sides is late or gone: the plan is made all the same, and the event says what was missing. */
import { describe, expect, it, vi } from 'vitest';
import { copyOfCity } from '../api/cities.ts';
import { call } from '../api/client.ts';
import { startMessagesApi } from '../api/stand-ins.ts';
import { decidedFor, decisionsOn, experienced, LIVE, plan, rankingsOf } from './warm.ts';

const messages = await startMessagesApi();
const noJobs = { JOBS: { sendBatch: async () => {} } as unknown as Queue };
const rules = (events: Awaited<ReturnType<typeof decisionsOn>>) =>
  new Set(events.map(({ arbitrationRule }) => arbitrationRule));

describe('a language model that is slow', () => {
  it('is not waited for by a warm traveller: ML serves, the event says that the other was late, the lists come to the cache', async () => {
    const { guest, actorKey } = await experienced({ trips: 3, signals: 25 });
    const city = await copyOfCity('seattle');
    // The models are loaded by then: what is measured is the waiting.
    await plan(guest);
    const before = (await decidedFor(actorKey)).length;
    await messages.play([], { kind: 'hold' });
    const slow = { ...LIVE, ...messages.env, ...noJobs, WARM_LLM_WAIT_MS: '50', LLM_DEADLINE_MS: '60000' };
    const answering = plan(guest, { city: city.slug, days: 1 }, { env: slow });
    // The plan is stored while the language model still holds its answers back.
    await vi.waitFor(async () => expect((await decidedFor(actorKey)).length).toBeGreaterThan(before), {
      timeout: 15_000,
    });
    await messages.release();
    const first = await answering;
    expect(rules(await decisionsOn(first.trip.id))).toEqual(new Set(['llm_late']));
    expect(first.trip.ranking.source).toBe('ml');
    expect(first.versions).toMatch(/^dlrm@[0-9a-f]{12}$/);

    // After the response the lists arrived: the next plan finds them.
    await messages.play([], { kind: 'hang' });
    const patient = { ...slow, WARM_LLM_WAIT_MS: '5000', LLM_DEADLINE_MS: '6000' };
    const second = await plan(guest, { city: city.slug, days: 1 }, { env: patient });
    const decided = await decisionsOn(second.trip.id);
    expect(rules(decided)).not.toContain('llm_late');
    expect(decided.every(({ llmTop3 }) => llmTop3.length === 3)).toBe(true);
  });
});

describe('a store of models that is down', () => {
  it('leaves the bundled models to serve', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const broken = {
      get: async () => {
        throw new Error('R2 is down');
      },
      head: async () => {
        throw new Error('R2 is down');
      },
    } as unknown as R2Bucket;
    const { trip, versions } = await plan(guest, {}, { env: { ...LIVE, ARTIFACTS: broken } });
    expect(versions).toContain('dlrm@');
    expect((await rankingsOf(trip.id)).some(({ source }) => source === 'ml')).toBe(true);
  });
});

describe('a group with a conflict', () => {
  it('is decided for as a group, by the list of all of them', async () => {
    const walker = await experienced({
      trips: 3,
      signals: 25,
      tags: { adventure: ['bold'], food: ['not_important'], interests: ['hiking', 'nature', 'outdoors', 'water'] },
    });
    const foodie = await experienced({
      trips: 3,
      signals: 25,
      tags: { food: ['adventurous', 'foodie', 'street_food'], interests: ['markets'] },
    });
    const { trip } = await plan(walker.guest);
    const invite = await call('POST', `/trips/${trip.id}/invites`, { token: walker.guest.token });
    await call('POST', `/invites/${invite.body.token}/accept`, { token: foodie.guest.token });
    const before = new Set((await decisionsOn(trip.id)).map(({ id }) => id));
    const replanned = await call('POST', `/trips/${trip.id}/replan`, {
      token: walker.guest.token,
      json: {},
      env: LIVE,
    });
    expect(replanned.status, replanned.text).toBe(200);
    const slots = replanned.body.days.flatMap((day: { slots: unknown[] }) => day.slots).length;
    const decided = await vi.waitFor(
      async () => {
        const fresh = (await decisionsOn(trip.id)).filter(({ id }) => !before.has(id));
        expect(fresh).toHaveLength(slots);
        return fresh;
      },
      { timeout: 15_000 },
    );
    for (const { contextSnapshot } of decided) {
      const { context } = (contextSnapshot as { inputs: { input: { context: Record<string, unknown> } } }).inputs.input;
      expect(context).toMatchObject({ isGroup: true, partySize: 2 });
      expect(context.groupConflict).toBeGreaterThan(0);
    }
    expect(replanned.headers.get('X-Model-Version')).toContain('group-nash@1');
  });
});

describe('fifty plans while nothing is loaded yet', () => {
  it('all succeed, each by one version of each model', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const plans = await Promise.all(Array.from({ length: 50 }, () => plan(guest, { days: 1 })));
    for (const { versions } of plans) {
      const names = versions.split(',').map((version) => version.split('@')[0]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
