/** The models that serve, by name: as rankers, and all that a version of the name is checked by. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import { itemTowerModel } from '../vectors/item-tower.ts';
import { personaEncoderModel } from '../vectors/persona-encoder.ts';
import { servedDlrm } from './ml-rankers/dlrm.ts';
import { servedTwoTower, servedUserTower } from './ml-rankers/two-tower.ts';
import { readModelFile, type VersionFiles } from './model-files.ts';
import { createSession } from './ort-runtime.ts';
import { openModel, type ServedModel } from './served-model.ts';

export const DEFAULT_RANKER = 'dlrm';

export const SERVED_RANKERS: Readonly<Record<string, ServedModel<MlRanker>>> = {
  dlrm: servedDlrm,
  'two-tower': servedTwoTower,
};

const CHECKED: Readonly<Record<string, readonly ServedModel<unknown>[]>> = {
  dlrm: [servedDlrm as ServedModel<unknown>],
  'two-tower': [servedUserTower as ServedModel<unknown>, itemTowerModel as ServedModel<unknown>],
  'persona-encoder': [personaEncoderModel as ServedModel<unknown>],
};

/**
 * Opens and probes a version as if it served, and lets it go. A name that nothing here serves passes.
 * @throws ModelRefused; Error where the bucket fails
 */
export async function checkVersion(env: Pick<Cloudflare.Env, 'ARTIFACTS'>, version: VersionFiles): Promise<void> {
  for (const model of CHECKED[version.name] ?? []) {
    const opened = await openModel(model, {
      version: version.version,
      read: (file) => readModelFile(env, version, file),
      createSession,
    });
    await opened.close();
  }
}
