/** For operators: a version that was trained elsewhere is registered, and its files are taken in. */
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { canonicalJson } from '../../core/arbitration/canonical-json.ts';
import { findModelVersion, type ModelVersion, registerModel } from '../../platform/database/model-registry.ts';
import { MOST_MODEL_BYTES } from '../../platform/inference/check-model.ts';
import { BodyLength, FileDiffers, storeModelFile } from '../../platform/inference/store-model-file.ts';
import { LONGEST_NAME, MODEL_FILE, MODEL_NAME, TRAINED_VERSION } from '../../platform/inference/version-names.ts';
import type { AppContext } from '../app-env.ts';
import { access } from '../middleware/access.ts';
import { type FieldProblem, invalidField, Problem, problemResponses } from '../problem.ts';
import { body, json, newRouter } from '../router.ts';
import { metrics } from '../schemas/metrics.ts';
import { modelVersion, versionBody } from './model-registry.ts';

/** A clock that goes a little before ours. */
const MOST_AHEAD_MS = 5 * 60_000;

const name = z.string().max(LONGEST_NAME).regex(MODEL_NAME);
const version = z.string().regex(TRAINED_VERSION).openapi({ description: 'Of model, data, config, seed and code' });
const named = z.strictObject({ name });
const filed = z.strictObject({ name, version, file: z.string().max(LONGEST_NAME).regex(MODEL_FILE) });

const trained = z
  .strictObject({
    version,
    trained_at: z.iso.datetime({ offset: true }).openapi({ description: 'The gate counts what happened since then' }),
    metrics,
    lineage: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(50)
      .openapi({ description: 'Where the rows came from that it learned from, each source once' }),
  })
  .openapi('TrainedVersion');

const storedFile = z
  .object({ bytes: z.int(), sha256: z.string().openapi({ description: 'Hexadecimal' }) })
  .openapi('StoredModelFile');

export const modelVersionRoutes = newRouter();

modelVersionRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/versions',
    summary: 'Register a version that was trained; it serves nobody',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: named, body: body(trained) },
    responses: {
      200: json(modelVersion, 'It was registered before, with the same lineage and metrics'),
      201: json(modelVersion, 'Registered'),
      ...problemResponses(400, 401, 403, 409, 422),
    },
  }),
  async (c) => {
    const { name } = c.req.valid('param');
    const told = c.req.valid('json');
    const { database, now, log } = c.var;
    const trainingDate = new Date(told.trained_at);
    if (trainingDate.getTime() > now + MOST_AHEAD_MS)
      throw invalidField('trained_at', 'trained_in_the_future', 'no model was trained in the future');
    const lineage = [...new Set(told.lineage)].sort();
    const added = await registerModel(database, {
      id: uuidv7(),
      modelName: name,
      version: told.version,
      metrics: told.metrics,
      lineage,
      artifactPath: `${name}/${told.version}`,
      trainingDate,
    });
    const row = await versionOf(c, name, told.version);
    if (!added) assertSame(row, { lineage, metrics: told.metrics });
    else log('model_version_registered', { model_version: `${name}@${told.version}`, by: c.get('userId') });
    return c.json(versionBody(row), added ? 201 : 200);
  },
);

/** The version names what it was made of: what differs is another version, or was changed by hand. */
function assertSame(row: ModelVersion, told: Pick<ModelVersion, 'lineage' | 'metrics'>): void {
  const errors: FieldProblem[] = [];
  if (canonicalJson([...row.lineage].sort()) !== canonicalJson(told.lineage))
    errors.push({ field: 'lineage', message: `registered with ${row.lineage.join(', ')}` });
  if (canonicalJson(row.metrics) !== canonicalJson(told.metrics))
    errors.push({ field: 'metrics', message: 'registered with others' });
  if (errors.length === 0) return;
  const model = `${row.modelName}@${row.version}`;
  throw new Problem(409, 'version_differs', `${model} is registered, and not like this`, { errors });
}

async function versionOf(c: AppContext, name: string, version: string): Promise<ModelVersion> {
  const row = await findModelVersion(c.var.database, name, version);
  if (!row) throw new Problem(404, 'model_version_not_found', `there is no ${name}@${version}`);
  return row;
}

modelVersionRoutes.openapi(
  createRoute({
    method: 'put',
    path: '/admin/models/{name}/versions/{version}/files/{file}',
    summary: 'Store a file of a version',
    description:
      'The same file again changes nothing. Another one replaces it only while the version is registered: later, others have ranked, or been compared, with the one that is there.',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: filed,
      body: {
        required: true,
        content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
      },
    },
    responses: {
      200: json(storedFile, 'It is in the store'),
      ...problemResponses(400, 401, 403, 404, 409, 411, 413, 503),
    },
  }),
  async (c) => {
    const { name, version, file } = c.req.valid('param');
    const upload = uploadOf(c);
    const row = await versionOf(c, name, version);
    const { artifactPath } = row;
    if (artifactPath === null) throw new Problem(409, 'no_files', `${name}@${version} has no files`);
    try {
      const replace = row.status === 'registered';
      const stored = await storeModelFile(c.env, { name, version, artifactPath }, file, upload, { replace });
      c.var.log('model_file_stored', { model_version: `${name}@${version}`, file, ...stored, by: c.get('userId') });
      return c.json(stored, 200);
    } catch (error) {
      throw asProblem(c, error, file, row);
    }
  },
);

/** @throws Problem where there is none, or its length is not told, or too large */
function uploadOf(c: AppContext): { body: ReadableStream<Uint8Array>; bytes: number } {
  const length = c.req.header('content-length');
  const about = (field: string, message: string) => ({ errors: [{ field, message }] });
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw new Problem(
      411,
      'length_required',
      'say how long the file is: Content-Length',
      about('content-length', 'missing'),
    );
  const bytes = Number(length);
  if (bytes > MOST_MODEL_BYTES)
    throw new Problem(
      413,
      'body_too_large',
      `a file has at most ${MOST_MODEL_BYTES} bytes`,
      about('body', 'too large'),
    );
  const { body } = c.req.raw;
  if (!body || bytes === 0) throw new Problem(400, 'empty_file', 'the body is the file', about('body', 'empty'));
  return { body, bytes };
}

function asProblem(c: AppContext, error: unknown, file: string, { modelName, version, status }: ModelVersion): Problem {
  const model = `${modelName}@${version}`;
  if (error instanceof FileDiffers) {
    const message = `${model} is ${status}: its ${file} stays as it is`;
    return new Problem(409, 'version_in_use', message, { errors: [{ field: 'body', message: 'differs' }] });
  }
  if (error instanceof BodyLength) {
    const errors = [{ field: 'body', message: error.message }];
    return new Problem(400, 'body_cut_short', `the file did not come whole: ${error.message}`, { errors });
  }
  c.var.log('model_file_not_stored', { model_version: model, file, error: String(error) });
  return new Problem(503, 'store_unavailable', 'the file could not be stored: send it again');
}
