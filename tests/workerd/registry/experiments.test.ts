/** Experiments and the guard over them, on a real Postgres. */
import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { assignedVersion } from '../../../core/experiment/assignment.ts';
import { canaryExperiment, storedExperiment } from '../../../core/experiment/experiment.ts';
import {
  type Exposure,
  exposureInserts,
  findExperiment,
  insertExperiment,
  runningExperiments,
} from '../../../platform/database/experiments.ts';
import { servingVersions } from '../../../platform/database/model-registry.ts';
import { changeStatus } from '../../../platform/database/model-status.ts';
import {
  alerts,
  experimentAssignments,
  experimentExposures,
  modelTransitions,
} from '../../../platform/database/schema/index.ts';
import type { Job } from '../../../platform/queue/jobs.ts';
import { startScheduled } from '../../../queues/scheduled-jobs.ts';
import { call, database, newGuest, type Overrides } from '../api/client.ts';
import { adminToken, deliver } from '../signals/scene.ts';
import { DAY, daysAgo, registered, someName, statuses } from './scene.ts';

const NO_CANDIDATES = { full_candidate_set: { v: 1, venue_ids: [], rankings: [], scores: [] } };

let token: string;
beforeAll(async () => {
  token = await adminToken();
});

const asked = (json: unknown, overrides: Overrides = {}) =>
  call('POST', '/admin/experiments', { token, json, env: overrides });
const report = async (id: string) => (await call('GET', `/admin/experiments/${id}`, { token })).body;

/** Production `a`, shadow `b`. */
async function pair(name = someName()) {
  await registered(name, 'a', 'production');
  await registered(name, 'b', 'shadow');
  const variants = [
    { name: 'control', model: `${name}@a`, share: 0.5 },
    { name: 'new', model: `${name}@b`, share: 0.5 },
  ];
  return { name, request: { name: `test ${name}`, variants } };
}

/** The guard, as the queue runs it, until it is through. */
async function guard(): Promise<void> {
  const sent: Job[] = [];
  const JOBS = { sendBatch: async (all: MessageSendRequest<Job>[]) => void sent.push(...all.map(({ body }) => body)) };
  let job: Job | undefined = {
    ...{ v: 1, id: uuidv7(), kind: 'scheduled', name: 'canary-guard', runId: uuidv7(), trigger: 'admin', after: null },
  };
  while (job) {
    const { acked } = await deliver('jobs', [{ body: job }], { JOBS: JOBS as unknown as Queue });
    expect(acked).toHaveLength(1);
    job = sent.shift();
  }
}

async function exposed(
  experimentId: string,
  variant: string,
  count: number,
  of: (i: number) => Partial<Exposure> = () => ({}),
) {
  const rows = Array.from(
    { length: count },
    (_, i): Exposure => ({
      ...{ id: uuidv7(), experimentId, actorKey: uuidv7(), variant, latencyMs: 40, failed: false },
      ...{ occurredAt: new Date(Date.now() - 3 * DAY + i * 1000), ...of(i) },
    }),
  );
  for (const insert of exposureInserts(database, rows)) await insert;
  return rows;
}

const alertsOf = (subject: string) => database.select().from(alerts).where(eq(alerts.subject, subject));

describe('POST /admin/experiments', () => {
  it('starts one: travellers are assigned by lot, from the next request on', async () => {
    const { name, request } = await pair();
    const made = await asked(request);
    expect(made).toMatchObject({ status: 201, body: { status: 'running', kind: 'ab', place: name, ended: null } });
    expect(made.headers.get('location')).toBe(`/api/v1/admin/experiments/${made.body.id}`);
    const [serving, running] = await Promise.all([servingVersions(database, 'test'), runningExperiments(database)]);
    const versions = Array.from({ length: 400 }, () => assignedVersion(uuidv7(), name, serving, running)!);
    const b = versions.filter(({ version }) => version === 'b');
    expect(b.length).toBeGreaterThan(140);
    expect(b.length).toBeLessThan(260);
    expect(b[0]!.exposure).toEqual({ experimentId: made.body.id, variant: 'new' });
    const { body } = await call('GET', '/admin/experiments?limit=100', { token });
    expect(body.experiments.map(({ id }: { id: string }) => id)).toContain(made.body.id);
  });

  it('refuses a variant that learned from a simulation, outside development (invariant 9)', async () => {
    const { name, request } = await pair();
    await registered(name, 'c', 'shadow', { lineage: ['user_behavioral', 'synthetic_agent_v1'] });
    const variants = [request.variants[0]!, { name: 'new', model: `${name}@c`, share: 0.5 }];
    expect(await asked({ ...request, variants })).toMatchObject({
      status: 422,
      body: { code: 'forbidden_lineage', errors: [{ field: 'variants.1.model' }] },
    });
    expect((await runningExperiments(database)).filter(({ place }) => place === name)).toEqual([]);
    expect((await asked({ ...request, variants }, { ENVIRONMENT: 'development' })).status).toBe(201);
  });

  it('refuses what cannot be: versions, control, shares, names, a second one in the place', async () => {
    const { name, request } = await pair();
    await registered(name, 'r', 'registered');
    const [control, other] = request.variants as [(typeof request.variants)[0], (typeof request.variants)[0]];
    const wrong: [unknown, number, string][] = [
      [{ ...request, variants: [control, { ...other, model: `${name}@none` }] }, 422, 'unknown_version'],
      [{ ...request, variants: [control, { ...other, model: `${name}@r` }] }, 422, 'wrong_status'],
      [{ ...request, variants: [other, control] }, 422, 'control_not_production'],
      [{ ...request, variants: [control, { ...other, share: 0.6 }] }, 422, 'invalid_variants'],
      [{ ...request, variants: [control, { ...other, name: 'control' }] }, 422, 'invalid_variants'],
      [{ ...request, variants: [control] }, 400, 'invalid_request'],
      [{ ...request, variants: [control, { ...other, model: name }] }, 400, 'invalid_request'],
      [{ ...request, metric: 'clicks' }, 400, 'invalid_request'],
      [{ ...request, alpha: 0 }, 400, 'invalid_request'],
      [{ ...request, guardrails: { latency: 3 } }, 400, 'invalid_request'],
      [{ ...request, name: 'canary/x' }, 400, 'invalid_request'],
      [{}, 400, 'invalid_request'],
    ];
    for (const [json, status, code] of wrong) {
      expect(await asked(json), JSON.stringify(json)).toMatchObject({
        status,
        body: { code, errors: expect.any(Array) },
      });
    }
    expect((await asked(request)).status).toBe(201);
    expect(await asked({ ...request, name: 'another' })).toMatchObject({
      status: 409,
      body: { code: 'experiment_running' },
    });
    const elsewhere = await pair();
    expect(await asked({ ...elsewhere.request, name: request.name })).toMatchObject({
      ...{ status: 409, body: { code: 'experiment_exists' } },
    });
  });

  it('of ten at once in one place starts one', async () => {
    const { request } = await pair();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => asked({ ...request, name: `${request.name} ${i}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  });
});

describe('an experiment', () => {
  it('stops on an operator word, once', async () => {
    const { name, request } = await pair();
    const { id } = (await asked(request)).body;
    const stopped = await call('POST', `/admin/experiments/${id}/stop`, { token, json: { reason: 'enough' } });
    expect(stopped).toMatchObject({
      status: 200,
      body: { status: 'stopped', ended: { reason: 'enough' }, ended_at: expect.any(String) },
    });
    expect((await runningExperiments(database)).filter(({ place }) => place === name)).toEqual([]);
    expect((await call('POST', `/admin/experiments/${id}/stop`, { token })).body).toMatchObject({
      status: 409,
      code: 'experiment_ended',
    });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/stop'],
    ] as const) {
      expect((await call(method, `/admin/experiments/${uuidv7()}${path}`, { token })).body.code).toBe(
        'experiment_not_found',
      );
    }
  });

  it('ends where what serves in its place changes', async () => {
    const { name, request } = await pair();
    const { id } = (await asked(request)).body;
    const change = { name, version: 'b', verb: 'promote' as const, actor: 'test', reason: null };
    await changeStatus(database, { ...change, now: new Date(), newId: uuidv7 });
    expect(await findExperiment(database, id)).toMatchObject({ status: 'stopped', config: { ended: { by: 'test' } } });
  });

  it('logs an exposure once, and a traveller by their first', async () => {
    const { request } = await pair();
    const { id } = (await asked(request)).body;
    const actorKey = uuidv7();
    const [late] = await exposed(id, 'new', 1, () => ({ actorKey, occurredAt: daysAgo(1) }));
    const [early] = await exposed(id, 'new', 1, () => ({ actorKey, occurredAt: daysAgo(2) }));
    for (const insert of exposureInserts(database, [late!, early!])) await insert;
    expect(exposureInserts(database, [])).toEqual([]);
    expect(await database.$count(experimentExposures, eq(experimentExposures.experimentId, id))).toBe(2);
    const rows = await database.select().from(experimentAssignments).where(eq(experimentAssignments.experimentId, id));
    expect(rows).toMatchObject([{ actorKey, variant: 'new', firstExposedAt: early!.occurredAt }]);
  });

  it('tells how it stands, with the data of its plot', async () => {
    const { request } = await pair();
    const { id } = (await asked({ ...request, outcome_days: 1 })).body;
    await exposed(id, 'control', 30);
    await exposed(id, 'new', 30, (i) => ({ failed: i === 0, latencyMs: i }));
    const told = await report(id);
    expect(told.variants).toMatchObject([
      { name: 'control', travellers: 30, outcomes: 30, acceptance: 0, requests: 30, failed: 0, latency_p95_ms: 40 },
      { name: 'new', travellers: 30, outcomes: 30, acceptance: 0, requests: 30, failed: 1, latency_p95_ms: 28 },
    ]);
    expect(told.series.new.at(-1)).toMatchObject({
      travellers: 60,
      lower: expect.any(Number),
      upper: expect.any(Number),
    });
    expect(told.exposures.reduce((sum: number, one: { exposures: number }) => sum + one.exposures, 0)).toBe(60);
    expect(
      told.guardrail_states.map(({ guardrail, broken }: { guardrail: string; broken: boolean }) => [guardrail, broken]),
    ).toEqual([
      ['pivot_rate', false],
      ['latency_p95_ms', false],
      ['error_rate', false],
    ]);
    expect(told.decision).toEqual({ kind: 'undecided', variant: null });
  });
});

describe('the guard', () => {
  it('runs hourly with the other hourly job', async () => {
    const sent: Job[] = [];
    const JOBS = {
      sendBatch: async (all: MessageSendRequest<Job>[]) => void sent.push(...all.map(({ body }) => body)),
    };
    await startScheduled(createScheduledController({ cron: '7 * * * *', scheduledTime: new Date(0) }), {
      ...env,
      JOBS: JOBS as unknown as Queue,
    });
    expect(sent.map((job) => job.kind === 'scheduled' && job.name).sort()).toEqual(['canary-guard', 'weather-poll']);
  });

  it('puts a canary that fails back into shadow, tells it once, and leaves the others', async () => {
    const [bad, good] = [someName(), someName()];
    const ids: string[] = [];
    for (const name of [bad, good]) {
      await registered(name, 'a', 'production');
      await registered(name, 'b', 'shadow');
      const id = uuidv7();
      ids.push(id);
      await changeStatus(database, {
        ...{ name, version: 'b', verb: 'canary', actor: 'test', reason: null, now: daysAgo(4), newId: uuidv7 },
        canary: { id, experiment: canaryExperiment(name, 'a', 'b', 0.1) },
      });
    }
    await exposed(ids[0]!, 'canary', 80, (i) => ({ failed: i % 2 === 0 }));
    await exposed(ids[1]!, 'canary', 80);
    await guard();
    await guard();
    expect([await statuses(bad), await statuses(good)]).toEqual([
      { a: 'production', b: 'shadow' },
      { a: 'production', b: 'canary' },
    ]);
    expect(await alertsOf(`${bad}@b`)).toMatchObject([
      { kind: 'canary_rolled_back', detail: { broken: [{ guardrail: 'error_rate' }] } },
    ]);
    expect(await alertsOf(`${good}@b`)).toEqual([]);
    expect((await runningExperiments(database)).map(({ place }) => place)).not.toContain(bad);
    const transitions = await database
      .select()
      .from(modelTransitions)
      .where(and(eq(modelTransitions.modelName, bad), eq(modelTransitions.toStatus, 'shadow')));
    expect(transitions).toMatchObject([{ actor: 'canary-guard', reason: expect.stringContaining('error_rate') }]);
    const stop = await call('POST', `/admin/experiments/${ids[1]}/stop`, { token });
    expect(stop.body).toMatchObject({ status: 409, code: 'is_a_canary' });
  });

  it('stops an experiment whose variant is slow', async () => {
    const { request } = await pair();
    const { id } = (await asked({ ...request, guardrails: { latency_p95_ms: 100 } })).body;
    await exposed(id, 'new', 100, () => ({ latencyMs: 500 }));
    await guard();
    expect(await findExperiment(database, id)).toMatchObject({
      status: 'stopped',
      config: { ended: { by: 'canary-guard' } },
    });
    expect(await alertsOf(request.name)).toMatchObject([{ kind: 'experiment_stopped' }]);
  });

  it('concludes an experiment whose difference is shown, and promotes nothing', async () => {
    const { name, request } = await pair();
    const id = uuidv7();
    const experiment = storedExperiment.parse({
      ...request,
      kind: 'ab',
      salt: id,
      place: name,
      outcome_days: 1,
    });
    await insertExperiment(database, { id, name: request.name, experiment, now: daysAgo(5) });
    const control = await exposed(id, 'control', 250);
    await accepted(control);
    await exposed(id, 'new', 250);
    await guard();
    const told = await report(id);
    expect(told).toMatchObject({
      status: 'concluded',
      decision: { kind: 'worse', variant: 'new' },
      ended: { by: 'canary-guard' },
    });
    expect(told.variants).toMatchObject([{ acceptance: 1 }, { acceptance: 0 }]);
    expect(await statuses(name)).toEqual({ a: 'production', b: 'shadow' });
    expect(await alertsOf(request.name)).toMatchObject([{ kind: 'experiment_concluded' }]);
  });
});

/** Each exposure's ranking has a slot, which its traveller accepted. */
async function accepted(exposures: readonly Exposure[]): Promise<void> {
  const { activityNodes, behavioralSignals, cities, itinerarySlots, rankingEvents, trips } = await import(
    '../../../platform/database/schema/index.ts'
  );
  const [city] = await database.select().from(cities).limit(1);
  const [venue] = await database.select().from(activityNodes).limit(1);
  const { id: userId } = await newGuest();
  const tripId = uuidv7();
  await database.insert(trips).values({
    ...{
      id: tripId,
      userId,
      cityId: city!.id,
      startDate: '2027-05-01',
      endDate: '2027-05-01',
      status: 'planned' as never,
    },
    ...{ partySize: 1, partyKind: 'solo', budgetBand: 'mid' as never, dimensions: {} as never, ranking: {} as never },
  });
  const rows = exposures.map((one) => ({ ...one, slotId: uuidv7(), setId: uuidv7() }));
  const signal = { weight: 1, modelVersion: 'x@1', tripId };
  await database.insert(behavioralSignals).values(
    rows.flatMap(({ actorKey, setId, slotId, occurredAt }) => [
      {
        ...signal,
        id: setId,
        actorKey,
        signalType: 'candidate_set_logged',
        source: 'system',
        occurredAt,
        context: NO_CANDIDATES,
      },
      { ...signal, id: uuidv7(), actorKey, slotId, signalType: 'slot_accept', source: 'user_behavioral', occurredAt },
    ]),
  );
  await database.insert(rankingEvents).values(
    rows.map(({ id, actorKey, setId, occurredAt }) => ({
      ...{
        id,
        actorKey,
        tripId,
        cityId: city!.id,
        kind: 'trip',
        candidateSetSignalId: setId,
        source: 'ml',
        createdAt: occurredAt,
      },
      ...{ modelVersion: 'x@1', cache: 'miss', featureSnapshot: {}, latencyMs: 1 },
    })),
  );
  await database.insert(itinerarySlots).values(
    rows.map(({ id, slotId }, i) => ({
      ...{ id: slotId, tripId, dayNumber: 1, slotOrder: i, dayPart: 'morning' as const, role: 'activity' as const },
      ...{
        timeWindow: [0, 60, 60] as [number, number, number],
        score: 0.5,
        activityNodeId: venue!.id,
        generatedNarrative: '',
      },
      ...{
        startsAt: new Date(),
        endsAt: new Date(),
        narratorVersion: 'x',
        modelVersion: 'x',
        status: 'planned' as never,
        rankingEventId: id,
      },
    })),
  );
}
