/** Trained rankers of a simulation, from folders of artifacts, over Node's own runtime. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import { ModelRefused } from '../../platform/inference/check-model.ts';
import { servedBpr } from '../../platform/inference/ml-rankers/bpr.ts';
import { servedDlrm } from '../../platform/inference/ml-rankers/dlrm.ts';
import { servedSasrec } from '../../platform/inference/ml-rankers/sasrec.ts';
import { servedTwoTower } from '../../platform/inference/ml-rankers/two-tower.ts';
import { servedUSasrec } from '../../platform/inference/ml-rankers/u-sasrec.ts';
import { onnxSession } from '../../platform/inference/onnx-session.ts';
import { openModel, type ServedModel } from '../../platform/inference/served-model.ts';
import { BadSettings, type TrainedVariant } from '../../simulation/agents/settings.ts';

const MODELS: Readonly<Record<TrainedVariant, ServedModel<MlRanker>>> = {
  two_tower: servedTwoTower,
  bpr: servedBpr,
  sasrec: servedSasrec,
  u_sasrec: servedUSasrec,
  dlrm: servedDlrm,
};

/**
 * The ranker of a variant. @throws BadSettings where its files are missing, or are not what the variant reads
 * @param folder of model folders, `<name>/<version>/`; of several versions the one that was trained last serves
 */
export async function openTrained(variant: TrainedVariant, folder: string): Promise<MlRanker> {
  const model = MODELS[variant];
  const version = await latestVersion(join(folder, model.name), variant);
  const path = join(folder, model.name, version);
  try {
    const { serves } = await openModel(model, {
      version,
      read: (file) => fileOf(path, file, variant),
      createSession: async (bytes) =>
        onnxSession(ort, await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 })),
    });
    return serves;
  } catch (error) {
    if (!(error instanceof ModelRefused)) throw error;
    throw new BadSettings(`the variant "${variant}" cannot use ${path}: ${error.message}`, { cause: error });
  }
}

async function latestVersion(path: string, variant: TrainedVariant): Promise<string> {
  const names = await readdir(path).catch(() => []);
  const dated = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(path, name, 'training.json'), 'utf8').catch(() => null);
      return text === null ? [] : [{ name, trainedAt: trainedAt(text) }];
    }),
  );
  const versions = dated
    .flat()
    .sort((a, b) => (a.trainedAt > b.trainedAt ? -1 : a.trainedAt < b.trainedAt ? 1 : a.name < b.name ? -1 : 1));
  if (!versions[0]) throw new BadSettings(`the variant "${variant}" needs a trained model: there is none in ${path}`);
  return versions[0].name;
}

function trainedAt(text: string): string {
  try {
    const read = JSON.parse(text) as { created_at?: unknown };
    return typeof read.created_at === 'string' ? read.created_at : '';
  } catch {
    return '';
  }
}

async function fileOf(path: string, file: string, variant: TrainedVariant): Promise<Uint8Array> {
  try {
    // A copy of its own: what reads it counts from the start of a buffer.
    return new Uint8Array(await readFile(join(path, file)));
  } catch (cause) {
    throw new BadSettings(`the variant "${variant}" needs ${join(path, file)}, which cannot be read`, { cause });
  }
}
