/** One training job, from the log of behaviour to the files of a version in the store. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODELS } from '../../models/index.ts';
import type { ArtifactStore } from '../../platform/artifacts/artifact-store.ts';
import { MANIFEST } from '../../platform/artifacts/dataset/manifest.ts';
import type { Database } from '../../platform/database/client.ts';
import type { NewModelVersion } from '../../platform/database/model-registry.ts';
import type { TrainingJob, TrainingProgress, TrainingResult } from '../../platform/database/training-jobs.ts';
import type { Dataset } from '../../training/data/dataset.ts';
import { readDataset } from '../../training/data/read-dataset.ts';
import type { SplitName } from '../../training/split-names.ts';
import { trainModel } from '../../training/train-model.ts';
import { keptData } from './job-data.ts';
import { registryRow } from './registry-row.ts';

/** Written last: a version without it is not whole. */
const LAST = 'training.json';

export interface JobSurroundings {
  database: Database;
  /** Only `development` trains on more than what warm travellers did. */
  environment: string;
  /** The folder of the data set. */
  data: string;
  artifacts: ArtifactStore;
  threads: number;
  codeRevision: string;
}

/**
 * @param folder the job's own, for its data, its checkpoints and the model until it is stored
 * @param onProgress throws to stop it
 * @throws what `trainModel` and `readDataset` throw
 */
export async function trainJob(
  job: TrainingJob,
  folder: string,
  { database, environment, data, artifacts, threads, codeRevision }: JobSurroundings,
  onProgress: (progress: TrainingProgress) => void,
): Promise<{ result: TrainingResult; version: NewModelVersion }> {
  const definition = MODELS.get(job.modelName);
  if (!definition) throw new RangeError(`there is no model "${job.modelName}": ${[...MODELS.keys()].join(', ')}`);
  const config = definition.config.parse(job.config);

  const kept = join(folder, 'data');
  const checkpoints = join(folder, 'checkpoints');
  await mkdir(checkpoints, { recursive: true });
  onProgress({ phase: 'data' });
  await keptData(database, { from: data, into: kept, onStep: () => onProgress({ phase: 'data' }) });
  // In production the log holds what cold travellers did, too: that is left out, and the card says how much it was.
  const read = await readDataset([kept], { environment, leaveOutRefused: environment !== 'development' });
  onProgress({ phase: 'training' });
  const { artifact, folder: written } = await trainModel({
    definition,
    dataset: calledBy(read, join(data, MANIFEST)),
    config,
    seed: job.seed,
    threads,
    split: job.split as SplitName,
    search: 1,
    out: join(folder, 'model'),
    checkpoints,
    codeRevision,
    onProgress: ({ epoch, epochs, loss, validation }) =>
      onProgress({ phase: 'training', epoch, epochs, loss, validation }),
  });
  onProgress({ phase: 'storing' });
  const version = registryRow(artifact, new Date());
  await store(artifacts, written, version.artifactPath);
  const { artifactPath: artifact_path, metrics, lineage } = version;
  return { version, result: { version: version.version, artifact_path, metrics, lineage } };
}

/** Cards name the data set, not the copy that the job keeps of it. */
function calledBy(dataset: Dataset, path: string): Dataset {
  const sources = dataset.lineage.sources.map((source) => ({ ...source, path }));
  return { ...dataset, lineage: { ...dataset.lineage, sources } };
}

async function store(artifacts: ArtifactStore, folder: string, path: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== LAST);
  for (const name of [...names, LAST]) await artifacts.write(`${path}/${name}`, await readFile(join(folder, name)));
}
