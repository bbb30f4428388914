/** What these tests share: scheduled jobs run here and now, and versions of models that are in the registry for a while. */
import { env } from 'cloudflare:workers';
import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import type { JobOf, ScheduledJob } from '../../../platform/queue/jobs.ts';
import { call, database, type Overrides } from '../api/client.ts';
import { adminToken, deliver } from '../signals/scene.ts';

/** The bundled models learned from simulated travellers: they serve in development alone. */
export const DEVELOPMENT: Overrides = { ENVIRONMENT: 'development' as typeof env.ENVIRONMENT };

/** Runs a job to its end; answers its run, as operators see it. */
export async function runJob(name: ScheduledJob, overrides: Overrides = {}) {
  const runId = uuidv7();
  const queued: JobOf<'scheduled'>[] = [
    { v: 1, id: `${runId}:test`, kind: 'scheduled', name, runId, trigger: 'admin', after: null },
  ];
  const sendBatch = async (batch: MessageSendRequest<JobOf<'scheduled'>>[]) =>
    void queued.push(...batch.map((m) => m.body));
  let stretches = 0;
  for (let job = queued.shift(); job; job = queued.shift(), stretches++) {
    const JOBS = { sendBatch } as unknown as Queue;
    const { acked } = await deliver('jobs', [{ id: 'j', body: job }], { ...overrides, JOBS });
    expect(acked).toEqual(['j']);
  }
  const { body } = await call('GET', `/admin/jobs/${runId}`, { token: await adminToken() });
  return { ...body, stretches };
}

type Row = Partial<typeof modelRegistry.$inferInsert> & { modelName: string; version: string; status: string };

/** A version in the registry; `take` takes it out again. */
export async function registered(row: Row): Promise<{ take(): Promise<void> }> {
  const { modelName, version } = row;
  await database
    .insert(modelRegistry)
    .values({ id: uuidv7(), lineage: ['synthetic_choice_model_v1'], ...row })
    .onConflictDoNothing();
  return {
    async take() {
      await database
        .delete(modelRegistry)
        .where(and(eq(modelRegistry.modelName, modelName), eq(modelRegistry.version, version)));
    },
  };
}

export const bundledVersion = (name: string): string => BUNDLED_MODELS[name]!.version;

/** A version of its own with the bundled files, in the bucket. */
export async function storedCopy(name: string, files: readonly string[]): Promise<string> {
  const version = uuidv7().replaceAll('-', '').slice(-12);
  for (const file of files) {
    await env.ARTIFACTS.put(
      `models/${name}/${version}/${file}`,
      (await bundledFile(name, bundledVersion(name), file))!,
    );
  }
  return version;
}
