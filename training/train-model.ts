/** From a data set to a model's folder: split, search, train, measure once on the test, write. */
import { type Artifact, versionOf, writeArtifact } from './artifact/artifact.ts';
import type { Dataset } from './data/dataset.ts';
import type { Progress } from './engine/train.ts';
import { outcomeCases } from './evaluation/cases.ts';
import { evaluate } from './evaluation/evaluate.ts';
import type { ModelDefinition } from './model.ts';
import { readiness } from './readiness.ts';
import { searched, type Trial } from './search.ts';
import { splitDataset } from './split-dataset.ts';
import type { SplitName } from './split-names.ts';

export interface TrainRequest<Config = unknown> {
  definition: ModelDefinition<Config>;
  dataset: Dataset;
  /** As the operator wrote it; what is left out has its default. */
  config: unknown;
  seed: number;
  threads: number;
  split: SplitName;
  archetype?: string | undefined;
  /** Configs that are tried; 1: only the given one. */
  search: number;
  out: string;
  /** For what a killed run goes on from; null: it does not. */
  checkpoints: string | null;
  codeRevision: string;
  onProgress?: (progress: Progress) => void;
  onTrial?: (trial: Trial<Config>, number: number) => void;
}

/** There is too little data. */
export class NotReady extends Error {
  override name = 'NotReady';
}

const METRICS = ['hr@1', 'hr@5', 'hr@10', 'ndcg@10', 'mrr'];

/** @throws NotReady, ZodError for a config, RangeError for data that cannot be learned from; nothing is written then */
export async function trainModel<Config>(
  request: TrainRequest<Config>,
): Promise<{ folder: string; artifact: Artifact }> {
  const { definition, dataset, seed, threads, split, codeRevision } = request;
  const config = definition.config.parse(request.config);
  if (definition.minimum) {
    const { ready, needed, found, unit } = readiness(definition.minimum, dataset);
    if (!ready)
      throw new NotReady(
        `${definition.name} needs ${needed} ${unit}, there are ${found}: ${needed - found} are missing`,
      );
  }
  const { train, validation, test } = splitDataset(dataset, split, seed, request.archetype);
  if (!train.accepted.includes(1)) throw new RangeError('nothing was taken in what is left to learn from');
  if (test.length === 0) throw new RangeError(`the split ${split} leaves nothing to test on`);

  const data = { dataset, train, validation };
  const identity = { model: definition.name, config, seed, threads, codeRevision, lineage: dataset.lineage, split };
  const context = {
    seed,
    threads,
    checkpoints: request.checkpoints ? { folder: request.checkpoints, fingerprint: versionOf(identity) } : undefined,
    onProgress: request.onProgress,
  };
  const chosen =
    request.search > 1
      ? (await searched(definition, data, config, request.search, context, request.onTrial)).config
      : config;
  const trained = await definition.train(data, chosen, context);
  const { models, cases } = await evaluate([trained.recommender], test, train, outcomeCases(dataset, test), { seed });
  const { metrics } = models[0]!.overall;
  const artifact: Artifact = {
    ...identity,
    config: chosen,
    version: versionOf({ ...identity, config: chosen }),
    role: definition.role,
    source: definition.source,
    metrics: Object.fromEntries(METRICS.map((name) => [name, metrics[name]!])),
    cases,
    history: trained.history,
    bestEpoch: trained.bestEpoch,
    parameters: trained.parameters,
    limits: limitsOf(dataset, split),
    files: trained.files,
  };
  return { folder: await writeArtifact(request.out, artifact), artifact };
}

function limitsOf({ lineage, own, interactions }: Dataset, split: SplitName): string[] {
  const limits = [
    `Measured by the split ${split} on ${interactions.users.length} users and ${interactions.items.length} items; elsewhere it may do worse.`,
    own
      ? 'Ranked among the candidates that were logged: what no policy ever showed could not be taken.'
      : 'Ranked among all items but those of the history.',
  ];
  if (lineage.synthetic)
    limits.push(
      'Learned from simulated travellers: it says how well the simulation can be learned, nothing of real ones.',
    );
  if (split === 'leave-one-out')
    limits.push('Leave-one-out lets training see what other users did later than a test case.');
  return limits;
}
