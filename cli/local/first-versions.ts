/** The versions that a fresh checkout starts with, into the registry: `models/artifacts/`, and what ranks without files. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { OFFLINE_RANKER_VERSION } from '../../core/ranking/offline-ranker.ts';
import type { Environment } from '../../core/registry/lineage.ts';
import type { Database } from '../../platform/database/client.ts';
import {
  type FirstVersion,
  type NewModelVersion,
  registerFirstVersions,
} from '../../platform/database/model-registry.ts';
import { LLM_RANKER_VERSION } from '../../platform/llm/llm-ranker.ts';
import type { Artifact } from '../../training/artifact/artifact.ts';
import { registryRow } from '../trainer/registry-row.ts';

const ARTIFACTS = fileURLToPath(new URL('../../models/artifacts', import.meta.url));

/** The models that something asks for by name; the others are there to be compared. */
const SERVING = new Set(['dlrm', 'two-tower', 'persona-encoder', 'pivot-acceptance']);

/** @returns the `name@version` of those that serve from now on */
export async function registerBundled(database: Database, environment: Environment): Promise<string[]> {
  const now = new Date();
  const versions = [
    ...(await bundledVersions(now)),
    ...[LLM_RANKER_VERSION, OFFLINE_RANKER_VERSION].map((v) => ruled(v, now)),
  ];
  return registerFirstVersions(database, versions, { environment, now, newId: uuidv7 });
}

/** Says what came into production, where anything did. */
export async function registerFirst(database: Database, environment: Environment): Promise<void> {
  const promoted = await registerBundled(database, environment);
  if (promoted.length > 0) console.log(`In production: ${promoted.join(', ')}.`);
}

async function bundledVersions(now: Date): Promise<FirstVersion[]> {
  const found: FirstVersion[] = [];
  for (const model of (await readdir(ARTIFACTS)).sort()) {
    for (const version of (await readdir(join(ARTIFACTS, model))).sort()) {
      const training = await readFile(join(ARTIFACTS, model, version, 'training.json'), 'utf8');
      found.push({ version: registryRow(JSON.parse(training) as Artifact, now), serves: SERVING.has(model) });
    }
  }
  return found;
}

/** What has no files and learned from nothing of ours: it serves everywhere. */
function ruled(modelVersion: string, now: Date): FirstVersion {
  const [modelName, version] = modelVersion.split('@') as [string, string];
  const row: NewModelVersion = {
    id: uuidv7(),
    modelName,
    version,
    artifactPath: null,
    trainingDate: now,
    metrics: {},
    lineage: [],
  };
  return { version: row, serves: true };
}
