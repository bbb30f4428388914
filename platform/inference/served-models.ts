/** The models that serve, by name: as rankers, and all that a version of the name is checked by. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import { personaEncoderModel } from '../vectors/persona-encoder.ts';
import { itemTowerModel } from './item-tower.ts';
import { servedArbiter } from './learned-arbiter.ts';
import { servedBpr } from './ml-rankers/bpr.ts';
import { servedDlrm } from './ml-rankers/dlrm.ts';
import { servedSasrec } from './ml-rankers/sasrec.ts';
import { servedTwoTower, servedUserTower } from './ml-rankers/two-tower.ts';
import { servedUSasrec } from './ml-rankers/u-sasrec.ts';
import { readModelFile, type VersionFiles } from './model-files.ts';
import { createSession } from './ort-runtime.ts';
import { openModel, type ServedModel } from './served-model.ts';

export const DEFAULT_RANKER = 'dlrm';

export const SERVED_RANKERS: Readonly<Record<string, ServedModel<MlRanker>>> = {
  dlrm: servedDlrm,
  'u-sasrec': servedUSasrec,
  sasrec: servedSasrec,
  bpr: servedBpr,
  'two-tower': servedTwoTower,
};

const OTHERS: Readonly<Record<string, readonly ServedModel<unknown>[]>> = {
  'two-tower': [servedUserTower as ServedModel<unknown>, itemTowerModel as ServedModel<unknown>],
  'persona-encoder': [personaEncoderModel as ServedModel<unknown>],
  arbiter: [servedArbiter as ServedModel<unknown>],
};

function checkedAs(name: string): readonly ServedModel<unknown>[] {
  const ranker = SERVED_RANKERS[name] as ServedModel<unknown> | undefined;
  return OTHERS[name] ?? (ranker ? [ranker] : []);
}

/**
 * Opens and probes a version as if it served, and lets it go. A name that nothing here serves passes.
 * @throws ModelRefused; Error where the bucket fails
 */
export async function checkVersion(env: Pick<Cloudflare.Env, 'ARTIFACTS'>, version: VersionFiles): Promise<void> {
  for (const model of checkedAs(version.name)) {
    const opened = await openModel(model, {
      version: version.version,
      read: (file) => readModelFile(env, version, file),
      createSession,
    });
    await opened.close();
  }
}
