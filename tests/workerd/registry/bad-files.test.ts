/** What cannot serve gets no status that says it does: real files in the bucket, opened by the real runtime. */
import { env } from 'cloudflare:workers';
import { and, eq, inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import { MODELS_PREFIX } from '../../../platform/inference/model-files.ts';
import { call, database } from '../api/client.ts';
import { adminToken } from '../signals/scene.ts';
import { registered, statuses } from './scene.ts';

const NAME = 'persona-encoder';
const FILE = 'persona-from-signals.onnx';
let token: string;
let whole: Uint8Array;
beforeAll(async () => {
  token = await adminToken();
  whole = (await bundledFile(NAME, BUNDLED_MODELS[NAME]!.version, FILE))!;
});

const made: string[] = [];
// Others look for what runs in shadow under this name.
afterAll(() =>
  database.delete(modelRegistry).where(and(eq(modelRegistry.modelName, NAME), inArray(modelRegistry.version, made))),
);

async function uploaded(status: 'registered' | 'shadow', bytes: Uint8Array | null): Promise<string> {
  const version = uuidv7().slice(-12);
  made.push(version);
  await registered(NAME, version, status, { artifactPath: `${NAME}/${version}` });
  if (bytes) await env.ARTIFACTS.put(`${MODELS_PREFIX}${NAME}/${version}/${FILE}`, bytes);
  return version;
}

const post = (version: string, verb: string) =>
  call('POST', `/admin/models/${NAME}/versions/${version}/${verb}`, {
    ...{ token, json: verb === 'promote' ? { waive: ['shadow_days'] } : {} },
    env: { ENVIRONMENT: 'development' },
  });

/** Eight bytes of ones hold a float that is none, however it is aligned. */
function withNaN(bytes: Uint8Array): Uint8Array {
  const broken = bytes.slice();
  broken.fill(0xff, broken.length >> 1, (broken.length >> 1) + 8);
  return broken;
}
const otherModel = async () =>
  (await bundledFile('two-tower', BUNDLED_MODELS['two-tower']!.version, 'user-tower.onnx'))!;

it.each([
  ['nothing', async () => null, 'missing'],
  ['half of it', async () => whole.slice(0, whole.length >> 1), 'truncated'],
  ['no model at all', async () => new TextEncoder().encode('a text'), 'truncated'],
  ['the file of another model', otherModel, 'wrong_signature'],
  ['weights that are no numbers', async () => withNaN(whole), 'not_finite'],
  ['more than fits', async () => new Uint8Array(33 * 1024 * 1024), 'too_large'],
] as [string, () => Promise<Uint8Array | null>, string][])(
  '%s is refused, and everything is as before',
  async (_, bytes, code) => {
    const fresh = await uploaded('registered', await bytes());
    expect(await post(fresh, 'shadow')).toMatchObject({ status: 422, body: { code: 'model_refused', refused: code } });
    const scored = await uploaded('shadow', await bytes());
    const refused = await post(scored, 'promote');
    expect(refused).toMatchObject({ status: 422, body: { code: 'gate_failed' } });
    expect(refused.body.conditions[0]).toMatchObject({ name: 'artifact_loads', passed: false, found: code });
    expect(await statuses(NAME)).toMatchObject({ [fresh]: 'registered', [scored]: 'shadow' });
  },
);

it('the whole file may run in shadow', async () => {
  const version = await uploaded('registered', whole);
  expect((await post(version, 'shadow')).body).toMatchObject({ status: 'shadow' });
  expect((await post(version, 'retire')).body).toMatchObject({ status: 'retired' });
});
