/** A version that was trained elsewhere comes into the registry and the bucket, by the API alone. */
import { env } from 'cloudflare:workers';
import { and, eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import features from '../../../models/artifacts/pivot-acceptance/bd1e2e01d927/features.json' with { type: 'json' };
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import { type Call, call, database, newGuest } from '../api/client.ts';
import { adminToken } from '../signals/scene.ts';
import { registered, set, someName } from './scene.ts';

const METRICS = {
  'ndcg@10': { value: 0.31, interval: { lower: 0.3, upper: 0.32 } },
  trials: { value: 9, interval: null },
};
const hex = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12);
const trained = (version: string, more: object = {}) => ({
  version,
  trained_at: '2026-10-01T12:00:00Z',
  metrics: METRICS,
  lineage: ['user_behavioral'],
  ...more,
});

let token: string;
beforeAll(async () => {
  token = await adminToken();
});

const register = (name: string, json: unknown) => call('POST', `/admin/models/${name}/versions`, { token, json });
const pathOf = (name: string, version: string, file: string) =>
  `/admin/models/${name}/versions/${version}/files/${file}`;

function put(path: string, bytes: Uint8Array<ArrayBuffer>, more: Call = {}) {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': `${bytes.length}` };
  return call('PUT', path, { token, body: bytes, headers, ...more });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const bytesOf = (size: number, seed = 1) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) % 251);
const stored = async (name: string, version: string, file: string) => {
  const found = await env.ARTIFACTS.get(`models/${name}/${version}/${file}`);
  return found && new Uint8Array(await found.arrayBuffer());
};
const fieldsOf = (body: { errors: { field: string }[] }) => body.errors.map(({ field }) => field);

describe('a version', () => {
  it('is registered once, serves nobody, and a second time is only found again', async () => {
    const [name, version] = [someName(), hex()];
    const first = await register(name, trained(version));
    expect(first).toMatchObject({
      status: 201,
      body: {
        ...{ name, version, status: 'registered', metrics: METRICS, lineage: ['user_behavioral'] },
        ...{ artifact_path: `${name}/${version}`, trained_at: '2026-10-01T12:00:00.000Z', promoted_at: null },
      },
    });
    const again = await register(name, trained(version, { trained_at: '2026-10-02T12:00:00Z' }));
    expect(again).toMatchObject({ status: 200, body: first.body });
  });

  it('that is registered with another lineage or other metrics is not this one', async () => {
    const [name, version] = [someName(), hex()];
    await register(name, trained(version, { lineage: ['synthetic_choice_model_v1'] }));
    const other = await register(name, trained(version, { metrics: {} }));
    expect(other).toMatchObject({ status: 409, body: { code: 'version_differs' } });
    expect(fieldsOf(other.body)).toEqual(['lineage', 'metrics']);
    const rows = await database.select().from(modelRegistry).where(eq(modelRegistry.modelName, name));
    expect(rows.map(({ lineage }) => lineage)).toEqual([['synthetic_choice_model_v1']]);
  });

  it.each<[string, string, object, number, string]>([
    ['a version that is no hash', someName(), { version: 'latest' }, 400, 'version'],
    ['no lineage', someName(), { lineage: [] }, 400, 'lineage'],
    [
      'a metric that is no number',
      someName(),
      { metrics: { auc: { value: null, interval: null } } },
      400,
      'metrics.auc.value',
    ],
    ['a day that is none', someName(), { trained_at: 'yesterday' }, 400, 'trained_at'],
    ['a training that is still to come', someName(), { trained_at: '2099-01-01T00:00:00Z' }, 422, 'trained_at'],
    ['a status of its own', someName(), { status: 'production' }, 400, 'status'],
    ['a name that is a path', '..%2Fother', {}, 400, 'name'],
  ])('with %s is refused', async (_, name, more, status, field) => {
    const refused = await register(name, trained(hex(), more));
    expect([refused.status, fieldsOf(refused.body)]).toEqual([status, [field]]);
  });
});

describe('a file', () => {
  it('of a registered version is stored as it comes, told back by its sum, and may be replaced', async () => {
    const [name, version] = [someName(), hex()];
    await register(name, trained(version));
    for (const bytes of [bytesOf(3_000_000), bytesOf(3_000_000), bytesOf(10, 2)]) {
      const { status, body } = await put(pathOf(name, version, 'a-b.onnx'), bytes);
      expect({ status, body }).toEqual({ status: 200, body: { bytes: bytes.length, sha256: await sha256(bytes) } });
      expect(await stored(name, version, 'a-b.onnx')).toEqual(bytes);
    }
  });

  it.each(['shadow', 'canary', 'production', 'retired'] as const)(
    'of a version in %s stays as it is: the same again is well, another one refused, one that was missing taken',
    async (status) => {
      const [name, version] = [someName(), hex()];
      await register(name, trained(version));
      const bytes = bytesOf(1000);
      await put(pathOf(name, version, 'a.onnx'), bytes);
      await set(name, version, { status });
      expect((await put(pathOf(name, version, 'a.onnx'), bytes)).status).toBe(200);
      const refused = await put(pathOf(name, version, 'a.onnx'), bytesOf(1000, 2));
      expect(refused).toMatchObject({ status: 409, body: { code: 'version_in_use' } });
      expect(await stored(name, version, 'a.onnx')).toEqual(bytes);
      expect((await put(pathOf(name, version, 'card.md'), bytesOf(20))).status).toBe(200);
      expect(await stored(name, version, 'card.md')).toEqual(bytesOf(20));
    },
  );

  it('that comes with the Worker is not replaced by another one, either', async () => {
    const name = 'pivot-acceptance';
    const { version } = BUNDLED_MODELS[name]!;
    await registered(name, version, 'retired', { artifactPath: `${name}/${version}` });
    try {
      for (const file of ['pivot-acceptance.onnx', 'features.json']) {
        expect((await put(pathOf(name, version, file), bytesOf(100))).status).toBe(409);
        const bundled = new Uint8Array((await bundledFile(name, version, file))!);
        expect((await put(pathOf(name, version, file), bundled)).status).toBe(200);
      }
      // As the trainer wrote it: the same, in other bytes.
      const spaced = Uint8Array.from(new TextEncoder().encode(JSON.stringify(features, null, 2)));
      expect((await put(pathOf(name, version, 'features.json'), spaced)).status).toBe(200);
      expect(await stored(name, version, 'features.json')).toBeNull();
    } finally {
      const own = and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, version));
      await database.delete(modelRegistry).where(own);
    }
  });

  it('that does not come whole is none: neither shorter nor longer than was said', async () => {
    const [name, version] = [someName(), hex()];
    await register(name, trained(version));
    for (const said of ['2000', '500']) {
      const headers = { 'content-length': said };
      // A stream, so that nobody but the route knows how long it is.
      const body = new Response(bytesOf(1000)).body!.pipeThrough(new TransformStream());
      const refused = await call('PUT', pathOf(name, version, 'a.onnx'), { token, body, headers });
      expect(refused).toMatchObject({ status: 400, body: { code: 'body_cut_short' } });
      expect(await stored(name, version, 'a.onnx')).toBeNull();
    }
  });

  it('of more than 32 MB, of none, or of a length that is not told is not taken', async () => {
    const [name, version] = [someName(), hex()];
    await register(name, trained(version));
    const path = pathOf(name, version, 'a.onnx');
    const saying = (headers: Record<string, string>, body = bytesOf(10)) => call('PUT', path, { token, body, headers });
    const most = 32 * 1024 * 1024;
    expect(await saying({ 'content-length': `${most + 1}` })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    expect(await saying({})).toMatchObject({ status: 411, body: { code: 'length_required' } });
    expect(await saying({ 'content-length': '0' })).toMatchObject({ status: 400, body: { code: 'empty_file' } });
    expect(await stored(name, version, 'a.onnx')).toBeNull();
    expect((await put(path, new Uint8Array(most))).status).toBe(200);
  });

  it('of no version, or of one without files, has no place', async () => {
    const name = someName();
    expect(await put(pathOf(name, hex(), 'a.onnx'), bytesOf(5))).toMatchObject({
      ...{ status: 404, body: { code: 'model_version_not_found' } },
    });
    const version = hex();
    await registered(name, version, 'registered');
    expect(await put(pathOf(name, version, 'a.onnx'), bytesOf(5))).toMatchObject({
      status: 409,
      body: { code: 'no_files' },
    });
  });

  it.each([
    ['m', 'v1', 'a.onnx', 'version'],
    ['M', '0123456789ab', 'a.onnx', 'name'],
    ['m', '0123456789ab', '..%2Fa.onnx', 'file'],
    ['m', '0123456789ab', 'a.exe', 'file'],
    ['m', '0123456789ab', '.onnx', 'file'],
  ])('%s/%s/%s is no path', async (name, version, file, field) => {
    const refused = await put(pathOf(name, version, file), bytesOf(5));
    expect([refused.status, fieldsOf(refused.body)]).toEqual([400, [field]]);
  });

  it('of a guest is not taken', async () => {
    const { token: own } = await newGuest();
    expect((await put(pathOf('m', hex(), 'a.onnx'), bytesOf(5), { token: own })).status).toBe(403);
    const refused = await call('POST', '/admin/models/m/versions', { token: own, json: trained(hex()) });
    expect(refused.status).toBe(403);
  });
});

describe('what was published', () => {
  const NAME = 'persona-encoder';
  const made: string[] = [];
  afterAll(() => {
    const own = and(eq(modelRegistry.modelName, NAME), inArray(modelRegistry.version, made));
    return database.delete(modelRegistry).where(own);
  });

  it('goes into shadow once its files are there, and not before', async () => {
    const version = hex();
    made.push(version);
    await register(NAME, trained(version));
    const shadow = () => call('POST', `/admin/models/${NAME}/versions/${version}/shadow`, { token });
    expect(await shadow()).toMatchObject({ status: 422, body: { code: 'model_refused', refused: 'missing' } });
    const file = 'persona-from-signals.onnx';
    const whole = new Uint8Array((await bundledFile(NAME, BUNDLED_MODELS[NAME]!.version, file))!);
    await put(pathOf(NAME, version, file), whole.slice(0, 1000));
    expect(await shadow()).toMatchObject({ status: 422, body: { refused: 'truncated' } });
    await put(pathOf(NAME, version, file), whole);
    expect(await shadow()).toMatchObject({ status: 200, body: { status: 'shadow' } });
    const retired = await call('POST', `/admin/models/${NAME}/versions/${version}/retire`, { token });
    expect(retired.status).toBe(200);
  });
});
