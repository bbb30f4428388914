/** Serving models on the real stack: registry in Postgres, files in R2, sessions in workerd. */
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Venue } from '../../../core/venue/venue.ts';
import items from '../../../models/artifacts/dlrm/fcd359f3f207/items.json' with { type: 'json' };
import { alerts } from '../../../platform/database/schema/index.ts';
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import { ModelRefused } from '../../../platform/inference/check-model.ts';
import { readModelFile } from '../../../platform/inference/model-files.ts';
import { createSession, isRuntimeLoaded } from '../../../platform/inference/ort-runtime.ts';
import { checkVersion } from '../../../platform/inference/served-models.ts';
import worker from '../../../worker/index.ts';
import writtenDown from '../../inference/dlrm-logits.json' with { type: 'json' };
import { madeUpVenues } from '../../inference/made-up-venues.ts';
import { rankingCase, WRITTEN_DOWN } from '../../inference/ranking-cases.ts';
import { database } from '../api/client.ts';
import { isolateWith, newName, register, replace, store, surroundings } from './registered.ts';

const RANKING = 'dlrm-ranking.onnx';
const BUNDLED = BUNDLED_MODELS.dlrm!.version;

let venues: Venue[];
beforeAll(() => {
  venues = madeUpVenues((items as string[]).slice(0, 300), 1);
});

const request = (seed: number, candidates = 20) => rankingCase(venues, { history: 25, candidates, moments: 2 }, seed);
const bytesOf = async (file: string) => (await bundledFile('dlrm', BUNDLED, file))!;
const alertsOf = (model: string) => database.select().from(alerts).where(eq(alerts.subject, model));

describe('the runtime', () => {
  it('is not loaded by the Worker itself, nor by a request that ranks without it', async () => {
    expect(worker.fetch).toBeTypeOf('function');
    const { context } = surroundings();
    const models = await isolateWith(newName()).take(context);
    expect(await models.ranker()).toBeNull();
    expect(isRuntimeLoaded()).toBe(false);
  });

  it('makes sessions at the same time, and leaves WebAssembly as it was', async () => {
    const { instantiate } = WebAssembly;
    const bytes = (await bundledFile('two-tower', BUNDLED_MODELS['two-tower']!.version, 'user-tower.onnx'))!;
    const sessions = await Promise.all([createSession(bytes), createSession(bytes), createSession(bytes)]);
    for (const session of sessions) expect(session.outputNames).toEqual(['vector']);
    expect(isRuntimeLoaded()).toBe(true);
    expect(WebAssembly.instantiate).toBe(instantiate);
    for (const session of sessions) await session.release();
  });

  it('says so where the bytes are no model', async () => {
    await expect(createSession(new Uint8Array(100))).rejects.toThrow();
  });
});

describe('the files of a version', () => {
  it('come from the bucket, and of what comes with the Worker from there where the bucket has none', async () => {
    const name = newName();
    await env.ARTIFACTS.put(`models/${name}/1/a.onnx`, new Uint8Array([1, 2, 3]));
    const read = (file: string) => readModelFile(env, { name, version: '1', artifactPath: null }, file);
    expect(await read('a.onnx')).toEqual(new Uint8Array([1, 2, 3]));
    await expect(read('b.onnx')).rejects.toMatchObject({ code: 'missing', model: `${name}@1`, file: 'b.onnx' });
    const bundled = { name: 'dlrm', version: BUNDLED, artifactPath: null };
    expect(await readModelFile(env, bundled, RANKING)).toEqual(await bytesOf(RANKING));
  });

  it('are not read where they are too large', async () => {
    const name = newName();
    await env.ARTIFACTS.put(`models/${name}/1/a.onnx`, new Uint8Array(33 * 1024 * 1024));
    const reading = readModelFile(env, { name, version: '1', artifactPath: null }, 'a.onnx');
    await expect(reading).rejects.toMatchObject({ code: 'too_large' });
  });

  it('that come with the Worker pass the check', async () => {
    for (const [name, { version }] of Object.entries(BUNDLED_MODELS))
      await checkVersion(env, { name, version, artifactPath: null });
  });
});

describe('a request', () => {
  it('is served by the version in production, from the bucket', async () => {
    const name = newName();
    await store(name, 'v1');
    await register(name, 'v1', 'production');
    const { context } = surroundings();
    const models = await isolateWith(name).take(context);
    expect(models.production[name]).toBe('v1');
    const ranker = await models.ranker(name);
    expect(ranker?.modelVersion).toBe(`${name}@v1`);
    const { logits, modelVersion } = await ranker!.rank(request(1));
    expect(modelVersion).toBe(`${name}@v1`);
    expect(logits.map((row) => row.length)).toEqual([20, 20]);
  });

  it('keeps its version while another is promoted; the next request after the refresh has the other', async () => {
    const name = newName();
    for (const version of ['v1', 'v2']) await store(name, version);
    await register(name, 'v1', 'production');
    await register(name, 'v2', 'shadow');
    const isolate = isolateWith(name);
    const { context, settled, pass } = surroundings();
    const first = await isolate.take(context);
    expect((await first.ranker(name))?.modelVersion).toBe(`${name}@v1`);
    expect((await first.challenger({ name, version: 'v2' }))?.modelVersion).toBe(`${name}@v2`);
    expect(await first.challenger({ name, version: 'v1' })).toBeNull();
    await replace(name, 'v1', 'v2');
    // Within the few seconds, and for the request that finds it old, it is as it was.
    expect((await isolate.take(context)).production[name]).toBe('v1');
    pass(6_000);
    const finds = await isolate.take(context);
    expect(finds.production[name]).toBe('v1');
    await settled();
    const next = await isolate.take(context);
    expect((await next.ranker(name))?.modelVersion).toBe(`${name}@v2`);
    expect((await first.ranker(name))?.modelVersion).toBe(`${name}@v1`);
    expect(await (await first.ranker(name))!.rank(request(2))).toMatchObject({ modelVersion: `${name}@v1` });
    for (const models of [first, finds, next]) models.release();
    await settled();
    expect(isolate.cache.loaded).toEqual([`${name}@v2`]);
  });

  it('twenty promotions under fifty requests at once fail nobody, mix nothing and keep no session', async () => {
    const name = newName();
    const versions = ['a', 'b'];
    for (const version of versions) {
      await store(name, version);
      await register(name, version, version === 'a' ? 'production' : 'retired');
    }
    const isolate = isolateWith(name);
    const surrounding = surroundings();
    let most = 0;
    const serve = async (seed: number) => {
      const models = await isolate.take(surrounding.context);
      const version = `${name}@${models.production[name]}`;
      for (const part of [0, 1]) {
        const ranked = await (await models.ranker(name))!.rank(request(seed + part, 10));
        expect(ranked.modelVersion).toBe(version);
      }
      most = Math.max(most, isolate.cache.loaded.length);
      models.release();
    };
    for (let swap = 0; swap < 20; swap++) {
      const serving = Array.from({ length: 50 }, (_, i) => serve(i % 5));
      await replace(name, versions[swap % 2]!, versions[(swap + 1) % 2]!);
      await isolate.take(surrounding.context, { refresh: true });
      await Promise.all([...serving, serve(swap)]);
      await surrounding.settled();
      expect(isolate.cache.loaded).toEqual([`${name}@${versions[(swap + 1) % 2]}`]);
    }
    expect(most).toBeLessThanOrEqual(2);
  });

  it('that was cancelled holds its versions for half a minute, no longer', async () => {
    const name = newName();
    for (const version of ['v1', 'v2']) await store(name, version);
    await register(name, 'v1', 'production');
    await register(name, 'v2', 'retired');
    const isolate = isolateWith(name);
    const { context, settled, pass } = surroundings();
    await (await isolate.take(context)).ranker(name);
    await replace(name, 'v1', 'v2');
    await isolate.take(context, { refresh: true });
    expect(isolate.cache.loaded.sort()).toEqual([`${name}@v1`, `${name}@v2`]);
    pass(31_000);
    await isolate.take(context, { refresh: true });
    await settled();
    expect(isolate.cache.loaded).toEqual([`${name}@v2`]);
  });

  it('loads a model that another request began to load and never finished', async () => {
    const name = newName();
    await store(name, 'v1');
    await register(name, 'v1', 'production');
    const isolate = isolateWith(name);
    const stuck = { ARTIFACTS: { get: () => new Promise(() => {}) } } as unknown as Pick<Cloudflare.Env, 'ARTIFACTS'>;
    const cancelled = surroundings({ env: stuck });
    void (await isolate.take(cancelled.context)).ranker(name);
    const { context, pass } = surroundings();
    const waiting = (await isolate.take(context)).ranker(name);
    pass(4_000);
    expect((await waiting)?.modelVersion).toBe(`${name}@v1`);
  });
});

it('the ranker gives in workerd the logits that it gives in Node', async () => {
  const { context } = surroundings({ environment: 'development' });
  const name = newName();
  await store(name, BUNDLED);
  const models = await isolateWith(name, { bundled: true }).take(context);
  const { logits } = await (await models.ranker(name))!.rank(rankingCase(venues, WRITTEN_DOWN, 11));
  expect(logits.map((row) => row.length)).toEqual(writtenDown.map((row) => row.length));
  for (const [i, row] of logits.entries())
    for (const [at, logit] of row.entries()) expect(Math.abs(logit - writtenDown[i]![at]!)).toBeLessThan(1e-4);
});

describe('a version whose files are refused', () => {
  const truncated = async () => (await bytesOf(RANKING)).subarray(0, 100_000);
  const withNaN = async () => {
    const bytes = (await bytesOf(RANKING)).slice();
    // Within the weights, which are most of the file.
    bytes.fill(0xff, 200_000, 200_064);
    return bytes;
  };
  const cases: [string, string, Record<string, () => Promise<Uint8Array | null>>][] = [
    ['truncated', 'truncated', { [RANKING]: truncated }],
    ['with NaN among its weights', 'not_finite', { [RANKING]: withNaN }],
    ['of another signature', 'wrong_signature', { [RANKING]: () => bytesOf('dlrm-venues.onnx') }],
    ['with a list of other items', 'wrong_signature', { 'items.json': async () => new TextEncoder().encode('["a"]') }],
    ['without one of them', 'missing', { [RANKING]: async () => null }],
  ];
  it.each(cases)('%s: the version before it serves on, and one alert is written', async (_, code, others) => {
    const name = newName();
    await store(name, 'good');
    const files = await Promise.all(Object.entries(others).map(async ([file, make]) => [file, await make()] as const));
    await store(name, 'bad', Object.fromEntries(files));
    await register(name, 'good', 'production');
    await register(name, 'bad', 'retired');
    const isolate = isolateWith(name);
    const { context, settled, logged } = surroundings();
    await (await isolate.take(context)).ranker(name);
    await replace(name, 'good', 'bad');
    for (let i = 0; i < 3; i++) {
      const models = await isolate.take(context, { refresh: true });
      expect((await models.ranker(name))?.modelVersion).toBe(`${name}@good`);
      models.release();
      await settled();
    }
    // Another isolate has nothing in memory: the registry says what was in production before.
    const other = await isolateWith(name).take(context);
    expect((await other.ranker(name))?.modelVersion).toBe(`${name}@good`);
    await settled();
    const raised = await alertsOf(`${name}@bad`);
    expect(raised).toMatchObject([{ kind: 'model_refused', detail: { code } }]);
    expect(logged.filter(({ event }) => event === 'model_refused')).toMatchObject([{ fields: { code } }, {}]);
  });

  it('and nothing before it: nobody ranks, in development what comes with the Worker does', async () => {
    const name = newName();
    await register(name, 'gone', 'production');
    const { context } = surroundings();
    expect(await (await isolateWith(name).take(context)).ranker(name)).toBeNull();
    await store(name, BUNDLED);
    const development = surroundings({ environment: 'development' });
    const models = await isolateWith(name, { bundled: true }).take(development.context);
    expect((await models.ranker(name))?.modelVersion).toBe(`${name}@${BUNDLED}`);
  });
});

describe('a bucket that does not answer', () => {
  const down = {
    ARTIFACTS: { get: () => Promise.reject(new Error('unreachable')) },
  } as unknown as Pick<Cloudflare.Env, 'ARTIFACTS'>;

  it('leaves the bundled models to serve in development', async () => {
    const { context } = surroundings({ env: down, environment: 'development' });
    const { takeServingModels } = await import('../../../platform/inference/take-serving-models.ts');
    const models = await takeServingModels(context);
    expect(models.production).toMatchObject({ dlrm: expect.any(String), 'two-tower': expect.any(String) });
    const ranked = await (await models.ranker())!.rank(request(3));
    expect(ranked.modelVersion).toBe(`dlrm@${BUNDLED}`);
    const retrieval = await models.retrieval();
    const vector = await retrieval!.userVector(request(3));
    expect(vector.length).toBe(64);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });

  it('elsewhere leaves nobody to rank, refuses no version, and is asked again', async () => {
    const name = newName();
    await store(name, 'v1');
    await register(name, 'v1', 'production');
    const isolate = isolateWith(name);
    const outage = surroundings({ env: down });
    expect(await (await isolate.take(outage.context)).ranker(name)).toBeNull();
    expect(outage.logged).toMatchObject([{ event: 'model_unreadable' }]);
    const { context } = surroundings();
    expect((await (await isolate.take(context)).ranker(name))?.modelVersion).toBe(`${name}@v1`);
    expect(await alertsOf(`${name}@v1`)).toEqual([]);
  });
});

describe('a version of synthetic lineage', () => {
  it('serves in development only, whatever the registry says', async () => {
    const name = newName();
    await store(name, 'v1');
    await register(name, 'v1', 'production', { lineage: ['synthetic_choice_model_v1'] });
    for (const environment of ['test', 'production'] as const) {
      const models = await isolateWith(name).take(surroundings({ environment }).context);
      expect(models.production[name]).toBeUndefined();
      expect(await models.ranker(name)).toBeNull();
    }
    const models = await isolateWith(name).take(surroundings({ environment: 'development' }).context);
    expect((await models.ranker(name))?.modelVersion).toBe(`${name}@v1`);
  });
});

it('refusals say which file of which model', () => {
  const refused = new ModelRefused('missing', 'dlrm@1', 'a.onnx', 'nothing there');
  expect(refused.message).toBe('dlrm@1, a.onnx: nothing there');
});
