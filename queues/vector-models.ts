/** The models whose vectors are made by night, opened for one stretch of a job and given back after it. */
import { forbiddenSources } from '../core/registry/lineage.ts';
import { raiseAlert } from '../platform/database/alerts.ts';
import { productionVersion } from '../platform/database/model-registry.ts';
import { ModelRefused } from '../platform/inference/check-model.ts';

import { readModelFile, type VersionFiles } from '../platform/inference/model-files.ts';
import { createSession } from '../platform/inference/ort-runtime.ts';
import { openModel, type ServedModel } from '../platform/inference/served-model.ts';
import type { JobContext } from './job-context.ts';

/** The version in production that may serve here (invariant 9); null where there is none. */
export async function servingVersion(
  name: string,
  { database, settings }: Pick<JobContext, 'database' | 'settings'>,
): Promise<Omit<VersionFiles, 'name'> | null> {
  const row = await productionVersion(database, name);
  return row && forbiddenSources(row.lineage, settings.environment).length === 0 ? row : null;
}

/**
 * Runs `use` with the model. Null, an alert and a line in the log where its files are refused; rejects where they cannot be
 * read, for they may be there the next time.
 */
export async function withModel<Serves, T>(
  model: ServedModel<Serves>,
  { version, artifactPath }: Omit<VersionFiles, 'name'>,
  { env, database, log, now }: JobContext,
  use: (serves: Serves) => Promise<T>,
): Promise<T | null> {
  try {
    const opened = await openModel(model, {
      version,
      read: (file) => readModelFile(env, { name: model.name, version, artifactPath }, file),
      createSession,
    });
    try {
      return await use(opened.serves);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof ModelRefused)) throw error;
    const { code, model: subject, file, message } = error;
    log('model_refused', { model: subject, file, code });
    const occasion = `${file}/${code}`;
    await raiseAlert(
      database,
      { kind: 'model_refused', subject, occasion, detail: { file, code, message } },
      new Date(now),
    );
    return null;
  }
}
