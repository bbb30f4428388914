/** Shadow travellers on an operator's word: in stretches through the queue, outside production, and never signed in. */
import { exportJWK, generateKeyPair } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findShadowRun, sumShadowTables } from '../../../platform/database/shadow-population.ts';
import type { JobOf } from '../../../platform/queue/jobs.ts';
import { shadowSubject } from '../../../simulation/shadow/population.ts';
import { removeStretch, TRAVELLERS_A_STRETCH } from '../../../simulation/shadow/seed.ts';
import { shadowId } from '../../../simulation/shadow/settings.ts';
import { call, database, newGuest, type Overrides } from '../api/client.ts';
import { startKeySet } from '../api/stand-ins.ts';
import { tokenOf } from '../api/tokens.ts';
import { adminToken, deliver } from './scene.ts';

type SeedJob = JobOf<'seed_training_data'>;

let token: string;
beforeAll(async () => {
  token = await adminToken();
});
afterEach(async () => {
  while ((await removeStretch(database)) > 0);
});

const catching = (sent: SeedJob[]) =>
  ({
    sendBatch: async (batch: MessageSendRequest<SeedJob>[]) => void sent.push(...batch.map(({ body }) => body)),
  }) as unknown as Queue;

async function asked(json: unknown) {
  const sent: SeedJob[] = [];
  const answer = await call('POST', '/admin/seed-training-data', { token, json, env: { JOBS: catching(sent) } });
  return { answer, sent };
}

/** Runs what is in the queue to its end; answers the run. `stretches`: messages that it took. */
async function run({ id, sent }: { id: string; sent: SeedJob[] }, overrides: Overrides = {}) {
  let stretches = 0;
  for (let job = sent.shift(); job; job = sent.shift()) {
    stretches++;
    const { acked } = await deliver('jobs', [{ id: 'j', body: job }], { JOBS: catching(sent), ...overrides });
    expect(acked).toEqual(['j']);
  }
  return { run: (await call('GET', `/admin/jobs/${id}`, { token })).body, stretches };
}

describe('POST /admin/seed-training-data', () => {
  it('queues the population, which comes in stretches, each of some travellers', async () => {
    const users = TRAVELLERS_A_STRETCH + 2;
    const { answer, sent } = await asked({ users, seed: 5 });
    expect(answer).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    const { id } = answer.body;
    expect(answer.headers.get('location')).toBe(`/api/v1/admin/jobs/${id}`);
    expect(sent).toMatchObject([{ kind: 'seed_training_data', runId: id, seed: 5, users, replace: false, from: 0 }]);
    expect((await call('GET', `/admin/jobs/${id}`, { token })).body).toMatchObject({ status: 'queued' });

    const first = sent[0]!;
    const { run: done, stretches } = await run({ id, sent });
    expect(stretches).toBe(2);
    expect(done).toMatchObject({ status: 'done', name: 'seed-training-data', error: null });
    expect(done.progress).toMatchObject({ travellers: users, cities_left_out: 0 });
    const sums = await sumShadowTables(database);
    expect(sums.users.rows).toBe(users);
    expect(sums.behavioral_signals.rows).toBe(done.progress.signals);
    expect((await findShadowRun(database))?.status).toBe('done');

    // A redelivery changes nothing (invariant 10).
    await deliver('jobs', [{ id: 'again', body: first }], { JOBS: catching([]) });
    expect(await sumShadowTables(database)).toEqual(sums);
  });

  it('makes the default population where nothing is asked for', async () => {
    for (const json of [{}, undefined]) {
      const { answer, sent } = await asked(json);
      expect(answer.status).toBe(202);
      expect(sent).toMatchObject([{ seed: 1, users: 765, replace: false }]);
    }
  });

  it.each([[{ users: 0 }], [{ users: 766 }], [{ seed: 0.5 }], [{ seed: 2 ** 31 }], [{ lineage: 'mine' }]])(
    'refuses %j',
    async (json) => {
      const { answer, sent } = await asked(json);
      expect(answer.status).toBe(400);
      expect(sent).toEqual([]);
    },
  );

  it('fails where another population is, and replaces it where that was asked for', async () => {
    const before = await asked({ users: 1 });
    await run({ id: before.answer.body.id, sent: before.sent });
    const sums = await sumShadowTables(database);

    const other = await asked({ users: 1, seed: 6 });
    const failed = await run({ id: other.answer.body.id, sent: other.sent });
    expect(failed.run).toMatchObject({ status: 'failed', error: expect.stringContaining('another shadow population') });
    expect(await sumShadowTables(database)).toEqual(sums);

    const instead = await asked({ users: 1, seed: 6, replace: true });
    expect((await run({ id: instead.answer.body.id, sent: instead.sent })).run.status).toBe('done');
    expect((await findShadowRun(database))?.settings).toMatchObject({ seed: 6, users: 1 });
    expect((await sumShadowTables(database)).users.rows).toBe(1);
  });

  it('is for operators', async () => {
    const guest = await newGuest();
    const refused = await call('POST', '/admin/seed-training-data', { token: guest.token, json: {} });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('in production', () => {
  it('the edge refuses, and so does the queue', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const keySet = await startKeySet([{ ...(await exportJWK(publicKey)), kid: 'ES256', use: 'sig' }]);
    const production: Overrides = { ENVIRONMENT: 'production', GUEST_ACCESS: 'off', AUTH_JWKS_URL: keySet.url };
    const admin = await tokenOf(`idp|${uuidv7()}`, {
      claims: { role: 'admin' },
      alg: 'ES256',
      kid: 'ES256',
      key: privateKey,
    });
    const sent: SeedJob[] = [];
    const refused = await call('POST', '/admin/seed-training-data', {
      token: admin,
      json: {},
      env: { ...production, JOBS: catching(sent) },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: 'synthetic_data_refused' } });
    expect(sent).toEqual([]);

    const queued = await asked({ users: 1 });
    const { run: failed } = await run({ id: queued.answer.body.id, sent: queued.sent }, production);
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('production') });
    expect((await sumShadowTables(database)).users.rows).toBe(0);
  });
});

describe('a shadow traveller', () => {
  it('never signs in, there or not: neither by subject nor by id', async () => {
    const { answer, sent } = await asked({ users: 1 });
    await run({ id: answer.body.id, sent });
    for (const subject of [shadowSubject(1, 0), 'shadow:1:999', 'shadow:', shadowId(1, 'user', 0)]) {
      const refused = await call('GET', '/users/me', { token: await tokenOf(subject) });
      expect(refused, subject).toMatchObject({ status: 401, body: { code: 'unauthorised' } });
    }
  });
});
