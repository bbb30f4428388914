/** The gate and the registry over HTTP, on a real Postgres. */
import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { runningExperiments } from '../../../platform/database/experiments.ts';
import { registerFirstVersions, servingVersions } from '../../../platform/database/model-registry.ts';
import { changeStatus } from '../../../platform/database/model-status.ts';
import { modelRegistry, modelTransitions, shadowRankings } from '../../../platform/database/schema/index.ts';
import { call, database, type Overrides } from '../api/client.ts';
import { adminToken } from '../signals/scene.ts';
import { baseline, daysAgo, decisionsOf, registered, set, someName, statuses } from './scene.ts';

const DEVELOPMENT: Overrides = { ENVIRONMENT: 'development' };
const ALL_DATA = [
  'shadow_days',
  'held_out_sessions',
  'hr5_above_baseline',
  'hr5_above_production',
  'paired_difference_above_zero',
  'canary_held',
];
let token: string;
let llm: string;
beforeAll(async () => {
  token = await adminToken();
  llm = await baseline();
});

const post = (path: string, json?: unknown, env: Overrides = {}) =>
  call('POST', `/admin/models/${path}`, { token, env, ...(json === undefined ? {} : { json }) });
const gateOf = async (name: string, version: string, target = 'production') =>
  (await call('GET', `/admin/models/${name}/versions/${version}/gate?target=${target}`, { token })).body;
const failedOf = (body: { conditions: { name: string; passed: boolean }[] }) =>
  body.conditions.filter(({ passed }) => !passed).map(({ name }) => name);
const first = (status: 'production' | 'shadow') => (name: string, version: string) => registered(name, version, status);
const inProduction = first('production');
const inShadow = first('shadow');
/** Puts it into production as nobody may from outside. */
const forced = (name: string, version: string, at = new Date()) =>
  changeStatus(database, { name, version, verb: 'promote', actor: 'test', reason: null, now: at, newId: uuidv7 });

describe('a version that is better', () => {
  it('goes from registered to shadow, canary and production, and all of it is kept', async () => {
    const name = someName();
    await inProduction(name, 'old');
    await registered(name, 'new', 'registered');
    expect(await post(`${name}/versions/new/shadow`, { reason: 'trained last night' })).toMatchObject({
      status: 200,
      body: { status: 'shadow', shadow_since: expect.any(String) },
    });
    await set(name, 'new', { shadowSince: daysAgo(15) });
    await decisionsOf({ [`${name}@new`]: 0.8, [`${name}@old`]: 0.5, [llm]: 0.55 });

    const before = await gateOf(name, 'new', 'canary');
    expect(before).toMatchObject({ passed: true, beside: 'old', target: 'canary' });
    expect(before.conditions.find((one: { name: string }) => one.name === 'hr5_above_baseline')).toMatchObject({
      found: { value: expect.closeTo(0.8, 1), lower: expect.any(Number), upper: expect.any(Number) },
      required: { value: expect.closeTo(0.55, 1), lower_above: expect.any(Number) },
    });
    const canary = await post(`${name}/versions/new/canary`);
    expect(canary).toMatchObject({ status: 200, body: { status: 'canary', canary_since: expect.any(String) } });
    const experiment = (await runningExperiments(database)).find(({ place }) => place === name)!;
    expect(experiment.variants).toEqual([
      { name: 'control', model: `${name}@old`, share: 0.9 },
      { name: 'canary', model: `${name}@new`, share: 0.1 },
    ]);

    const early = await post(`${name}/versions/new/promote`);
    expect(early).toMatchObject({ status: 422, body: { code: 'gate_failed' } });
    expect(failedOf(early.body)).toEqual(['canary_held']);
    expect(await statuses(name)).toEqual({ old: 'production', new: 'canary' });

    const waived = await post(`${name}/versions/new/promote`, { waive: ['canary_held'] }, DEVELOPMENT);
    expect(waived).toMatchObject({ status: 200, body: { status: 'production', promoted_at: expect.any(String) } });
    expect(await statuses(name)).toEqual({ old: 'retired', new: 'production' });
    expect((await runningExperiments(database)).filter(({ place }) => place === name)).toEqual([]);
    const { body } = await call('GET', `/admin/models/${name}/versions/new/transitions`, { token });
    expect(body.transitions.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
      ['canary', 'production'],
      ['shadow', 'canary'],
      ['registered', 'shadow'],
    ]);
    expect(body.transitions[0].gate).toMatchObject({ replaced: 'old', waived: ['canary_held'] });
    expect(body.transitions[2]).toMatchObject({
      reason: 'trained last night',
      actor: expect.stringMatching(/^admin:/),
    });
  });

  it('flips when the numbers flip', async () => {
    const name = someName();
    await inProduction(name, 'old');
    await inShadow(name, 'new');
    await decisionsOf({ [`${name}@new`]: 0.8, [`${name}@old`]: 0.5, [llm]: 0.55 });
    expect(failedOf(await gateOf(name, 'new', 'canary'))).toEqual([]);
    const swap = (from: string, to: string) =>
      database
        .update(shadowRankings)
        .set({ version: to })
        .where(and(eq(shadowRankings.modelName, name), eq(shadowRankings.version, from)));
    for (const [from, to] of [
      ['new', 'x'],
      ['old', 'new'],
      ['x', 'old'],
    ] as const)
      await swap(from, to);
    const flipped = await gateOf(name, 'new', 'canary');
    expect(flipped.passed).toBe(false);
    expect(failedOf(flipped)).toEqual(['hr5_above_baseline', 'hr5_above_production', 'paired_difference_above_zero']);
    const refused = await post(`${name}/versions/new/canary`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'gate_failed', conditions: expect.any(Array) } });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await statuses(name)).toEqual({ old: 'production', new: 'shadow' });
  });

  it('is held out from what it was trained on: decisions before do not count', async () => {
    const name = someName();
    await inShadow(name, 'new');
    await decisionsOf({ [`${name}@new`]: 0.8, [llm]: 0.5 }, 250, daysAgo(40));
    const { conditions } = await gateOf(name, 'new');
    const found = (of: string) => conditions.find((one: { name: string }) => one.name === of).found;
    expect(found('held_out_sessions')).toBe(0);
    expect(found('hr5_above_baseline')).toBe('no_support');
  });
});

describe('the gate refuses', () => {
  it('without randomised decisions, and says so', async () => {
    const name = someName();
    await inShadow(name, 'new');
    const refused = await post(`${name}/versions/new/promote`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'gate_failed' } });
    expect(refused.body.conditions.find((one: { name: string }) => one.name === 'hr5_above_baseline')).toMatchObject({
      ...{ found: 'no_support', passed: false, detail: expect.stringContaining('no randomised decision') },
    });
    expect(await statuses(name)).toEqual({ new: 'shadow' });
  });

  it('what learned from anything but warm behaviour, outside development; there it may be let go', async () => {
    const name = someName();
    await registered(name, 'new', 'shadow', { lineage: ['user_behavioral', 'synthetic_choice_model_v1'] });
    expect(failedOf(await gateOf(name, 'new'))).toContain('warm_lineage');
    const refused = await post(`${name}/versions/new/promote`, { waive: ['warm_lineage'] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'waiver_not_allowed', errors: [{ field: 'waive' }] } });
    const promoted = await post(`${name}/versions/new/promote`, { waive: ALL_DATA.slice(1, 3) }, DEVELOPMENT);
    expect(promoted).toMatchObject({ status: 200, body: { status: 'production' } });
    // What development promoted does not serve elsewhere, whatever the row says.
    const served = async (environment: 'development' | 'test') =>
      (await servingVersions(database, environment)).filter((one) => one.name === name).length;
    expect([await served('development'), await served('test')]).toEqual([1, 0]);
  });

  it.each([
    [{ waive: ['patience'] }, 422, 'unknown_condition'],
    [{ waive: ['artifact_loads'] }, 422, 'unknown_condition'],
    [{ waive: 'all' }, 400, 'invalid_request'],
    [{ wave: [] }, 400, 'invalid_request'],
    [{ reason: '' }, 400, 'invalid_request'],
  ])('a promotion with %j', async (json, status, code) => {
    const name = someName();
    await inShadow(name, 'new');
    expect(await post(`${name}/versions/new/promote`, json, DEVELOPMENT)).toMatchObject({ status, body: { code } });
    expect(await statuses(name)).toEqual({ new: 'shadow' });
  });

  it('a version whose files are not there', async () => {
    const version = uuidv7().slice(-12);
    await registered('dlrm', version, 'registered', { artifactPath: `dlrm/${version}` });
    const refused = await post(`dlrm/versions/${version}/shadow`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'model_refused', refused: 'missing' } });
    expect((await statuses('dlrm'))[version]).toBe('registered');
    await database.delete(modelRegistry).where(eq(modelRegistry.version, version));
  });
});

describe('statuses', () => {
  const answers = async (name: string, version: string, verb: string) => {
    const { status, body } = await post(`${name}/versions/${version}/${verb}`);
    return [status, body.code];
  };

  it('a version that there is not is 404 everywhere', async () => {
    const name = someName();
    await inShadow(name, 'new');
    for (const path of [`${name}/versions/other`, `${someName()}/versions/new`]) {
      for (const verb of ['shadow', 'canary', 'promote', 'retire']) {
        expect((await post(`${path}/${verb}`)).body).toMatchObject({ status: 404, code: 'model_version_not_found' });
      }
      for (const read of ['gate', 'transitions']) {
        expect((await call('GET', `/admin/models/${path}/${read}`, { token })).status).toBe(404);
      }
    }
    expect((await post(`${someName()}/rollback`)).status).toBe(404);
  });

  it('promoted twice is 409, as is every step that its status does not allow; the state stays', async () => {
    const name = someName();
    await inProduction(name, 'old');
    await registered(name, 'new', 'registered');
    await registered(name, 'gone', 'retired');
    const wrong = [409, 'wrong_status'];
    for (const verb of ['promote', 'shadow', 'canary', 'retire'])
      expect(await answers(name, 'old', verb)).toEqual(wrong);
    for (const verb of ['promote', 'canary']) expect(await answers(name, 'new', verb)).toEqual(wrong);
    for (const verb of ['promote', 'canary', 'retire']) expect(await answers(name, 'gone', verb)).toEqual(wrong);
    expect(await statuses(name)).toEqual({ old: 'production', new: 'registered', gone: 'retired' });
  });

  it('a canary needs something in production, and its share is at most a half', async () => {
    const name = someName();
    await inShadow(name, 'new');
    const waive = ALL_DATA.slice(1, 3);
    expect(await post(`${name}/versions/new/canary`, { waive }, DEVELOPMENT)).toMatchObject({
      ...{ status: 409, body: { code: 'no_production_version' } },
    });
    for (const share of [0, 0.6, '0.1']) {
      expect((await post(`${name}/versions/new/canary`, { waive, share }, DEVELOPMENT)).status).toBe(400);
    }
    expect(await statuses(name)).toEqual({ new: 'shadow' });
  });

  it('back to shadow from canary keeps the days in shadow, and ends what gave it travellers', async () => {
    const name = someName();
    await inProduction(name, 'old');
    await inShadow(name, 'new');
    const waive = ALL_DATA.slice(1, 5);
    expect((await post(`${name}/versions/new/canary`, { waive, share: 0.3 }, DEVELOPMENT)).status).toBe(200);
    const back = await post(`${name}/versions/new/shadow`);
    expect(back.body).toMatchObject({ status: 'shadow', canary_since: null });
    expect(Date.parse(back.body.shadow_since)).toBeLessThan(Date.now() - 19 * 86_400_000);
    expect((await runningExperiments(database)).filter(({ place }) => place === name)).toEqual([]);
    expect((await post(`${name}/versions/new/retire`)).body).toMatchObject({ status: 'retired' });
    // Out of shadow its days are broken off.
    const again = await post(`${name}/versions/new/shadow`);
    expect(Date.parse(again.body.shadow_since)).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe('at the same time', () => {
  it('of 20 promotions of different versions exactly one wins, and no reader ever sees two in production, or none', async () => {
    const name = someName();
    await inProduction(name, 'v00');
    const versions = Array.from({ length: 20 }, (_, i) => `v${String(i + 1).padStart(2, '0')}`);
    for (const version of versions) await inShadow(name, version);
    const seen = new Set<number>();
    let reading = true;
    const reader = (async () => {
      while (reading) {
        const rows = await servingVersions(database, 'test');
        seen.add(rows.filter((one) => one.name === name && one.status === 'production').length);
      }
    })();
    const promotions = await Promise.all(
      versions.map((version) => post(`${name}/versions/${version}/promote`, { waive: ALL_DATA }, DEVELOPMENT)),
    );
    reading = false;
    await reader;
    const won = promotions.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const { status, body } of promotions) {
      if (status !== 200) expect(body).toMatchObject({ status: 409, code: 'promotion_overtaken' });
    }
    expect([...seen]).toEqual([1]);
    const after = Object.values(await statuses(name));
    expect(after.filter((status) => status === 'production')).toHaveLength(1);
    expect(after.filter((status) => status === 'retired')).toHaveLength(1);
    expect(after.filter((status) => status === 'shadow')).toHaveLength(19);
  });

  it('of 10 promotions of one version one wins, and its history has it once', async () => {
    const name = someName();
    await inShadow(name, 'new');
    const waive = ALL_DATA.slice(0, 3);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(`${name}/versions/new/promote`, { waive }, DEVELOPMENT)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    expect(await database.$count(modelTransitions, eq(modelTransitions.modelName, name))).toBe(1);
  });
});

describe('a rollback', () => {
  it('brings back what was replaced, then what that had replaced, and then there is nothing', async () => {
    const name = someName();
    for (const [i, version] of ['a', 'b', 'c'].entries()) {
      await inShadow(name, version);
      await forced(name, version, new Date(Date.now() - (3 - i) * 1000));
    }
    expect(await post(`${name}/rollback`, { reason: 'it was worse' })).toMatchObject({
      status: 200,
      body: { version: 'b' },
    });
    expect(await statuses(name)).toEqual({ a: 'retired', b: 'production', c: 'retired' });
    expect((await post(`${name}/rollback`)).body).toMatchObject({ version: 'a', status: 'production' });
    const none = await post(`${name}/rollback`);
    expect(none).toMatchObject({ status: 409, body: { code: 'nothing_to_roll_back_to' } });
    expect(await statuses(name)).toEqual({ a: 'production', b: 'retired', c: 'retired' });
  });

  it('with nothing in production, and twice at once', async () => {
    const name = someName();
    await inShadow(name, 'a');
    expect((await post(`${name}/rollback`)).body).toMatchObject({ status: 409, code: 'no_production_version' });
    await forced(name, 'a', daysAgo(1));
    await inShadow(name, 'b');
    await forced(name, 'b');
    const both = await Promise.all([post(`${name}/rollback`), post(`${name}/rollback`)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await statuses(name)).toEqual({ a: 'production', b: 'retired' });
  });
});

describe('the first versions', () => {
  const row = (modelName: string, version: string, lineage: string[]) => ({
    ...{ id: uuidv7(), modelName, version, artifactPath: null, trainingDate: new Date(), metrics: {}, lineage },
  });
  const start = (name: string, version: string, environment: 'development' | 'production', lineage: string[]) =>
    registerFirstVersions(database, [{ version: row(name, version, lineage), serves: true }], {
      ...{ environment, now: new Date(), newId: uuidv7 },
    });

  it('serve in development at once, once; a later one is registered, and a start changes nothing', async () => {
    const name = someName();
    expect(await start(name, 'a', 'development', ['synthetic_choice_model_v1'])).toEqual([`${name}@a`]);
    expect(await start(name, 'a', 'development', ['synthetic_choice_model_v1'])).toEqual([]);
    expect(await start(name, 'b', 'development', ['synthetic_choice_model_v1'])).toEqual([]);
    expect(await statuses(name)).toEqual({ a: 'production', b: 'registered' });
    expect((await post(`${name}/rollback`)).status).toBe(409);
  });

  it('that learned from a simulation are only registered elsewhere; what learned from nothing serves', async () => {
    const name = someName();
    expect(await start(name, 'a', 'production', ['synthetic_choice_model_v1'])).toEqual([]);
    expect(await statuses(name)).toEqual({ a: 'registered' });
    expect(await start(name, 'rules', 'production', [])).toEqual([`${name}@rules`]);
  });

  it('of ten starts at once one promotes', async () => {
    const name = someName();
    const started = await Promise.all(Array.from({ length: 10 }, () => start(name, 'a', 'development', [])));
    expect(started.flat()).toEqual([`${name}@a`]);
  });
});

it('keeps a shadow ranking once, however often it comes', async () => {
  const name = someName();
  await decisionsOf({ [`${name}@new`]: 0.5 }, 3);
  expect(await database.$count(shadowRankings, eq(shadowRankings.modelName, name))).toBe(3);
  const rows = await database.select().from(shadowRankings).where(eq(shadowRankings.modelName, name));
  const { shadowInserts } = await import('../../../platform/database/shadow-rankings.ts');
  for (const insert of shadowInserts(database, rows)) await insert;
  expect(await database.$count(shadowRankings, eq(shadowRankings.modelName, name))).toBe(3);
});
