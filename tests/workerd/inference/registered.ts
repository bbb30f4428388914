/** Versions of made-up models in the registry and in the bucket: the others' rows are no concern of these tests. */
import { env } from 'cloudflare:workers';
import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queries } from '../../../platform/database/client.ts';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import { IsolateModels } from '../../../platform/inference/isolate-models.ts';
import { servedArbiter } from '../../../platform/inference/learned-arbiter.ts';
import { servedDlrm } from '../../../platform/inference/ml-rankers/dlrm.ts';
import { servedUserTower } from '../../../platform/inference/ml-rankers/two-tower.ts';
import { MODELS_PREFIX } from '../../../platform/inference/model-files.ts';
import type { ServingContext } from '../../../platform/inference/serving-models.ts';
import { database } from '../api/client.ts';

const DLRM = BUNDLED_MODELS.dlrm!;

export const newName = () => `ranker-${uuidv7()}`;

/** An isolate in which the ranker `name` is read as `dlrm` is. */
export function isolateWith(name: string, options: { bundled?: boolean } = {}): IsolateModels {
  return new IsolateModels({
    rankers: { [name]: { ...servedDlrm, name } },
    userTower: servedUserTower,
    arbiter: servedArbiter,
    bundled: options.bundled ? { [name]: { version: DLRM.version } } : {},
  });
}

export interface Surroundings {
  context: ServingContext;
  /** All that goes on after the responses so far. */
  settled(): Promise<void>;
  logged: { event: string; fields: Record<string, unknown> }[];
  /** Moves the clock on, milliseconds. */
  pass(ms: number): void;
}

export function surroundings(overrides: Partial<ServingContext> = {}): Surroundings {
  const work: Promise<unknown>[] = [];
  const logged: Surroundings['logged'] = [];
  let passed = 0;
  return {
    logged,
    pass: (ms) => {
      passed += ms;
    },
    async settled() {
      while (work.length > 0) await work.shift();
    },
    context: {
      env,
      database: database as unknown as Queries,
      environment: 'test',
      now: () => Date.now() + passed,
      waitUntil: (promise) => work.push(promise),
      log: (event, fields) => logged.push({ event, fields }),
      ...overrides,
    },
  };
}

/** The bundled ranker's files, of which some are others. */
export async function store(
  name: string,
  version: string,
  others: Record<string, Uint8Array | null> = {},
): Promise<void> {
  for (const file of Object.keys(DLRM.files)) {
    const other = others[file];
    const bytes = other === undefined ? await bundledFile('dlrm', DLRM.version, file) : other;
    if (bytes) await env.ARTIFACTS.put(`${MODELS_PREFIX}${name}/${version}/${file}`, bytes);
  }
}

type Status = 'production' | 'canary' | 'shadow' | 'retired';

export async function register(
  name: string,
  version: string,
  status: Status,
  { lineage = ['user_behavioral'] }: { lineage?: string[] } = {},
): Promise<void> {
  const now = new Date();
  const promotedAt = status === 'production' || status === 'retired' ? now : null;
  const row = {
    id: uuidv7(),
    modelName: name,
    version,
    status,
    lineage,
    promotedAt,
    artifactPath: `${name}/${version}`,
  };
  await database.insert(modelRegistry).values({ ...row, metrics: {}, createdAt: now });
}

export async function become(name: string, version: string, status: Status): Promise<void> {
  const promotedAt = status === 'production' ? { promotedAt: new Date() } : {};
  await database
    .update(modelRegistry)
    .set({ status, ...promotedAt })
    .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, version)));
}

/** The version in production retires, the other takes its place, as no reader sees it in between. */
export async function replace(name: string, from: string, to: string): Promise<void> {
  await database.batch([
    database
      .update(modelRegistry)
      .set({ status: 'retired' })
      .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, from))),
    database
      .update(modelRegistry)
      .set({ status: 'production', promotedAt: new Date() })
      .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, to))),
  ]);
}
