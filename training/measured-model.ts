/** What training a model gives that ranks no venues: its files, and how well it did on what it had not seen. */
import type { z } from 'zod';
import type { Interval } from '../core/experiment/bootstrap.ts';
import { type Artifact, versionOf, writeArtifact } from './artifact/artifact.ts';
import type { DataLineage } from './data/dataset.ts';
import type { Progress } from './engine/train.ts';
import type { TrainedModel } from './model.ts';

/** `interval`: null where nothing can be said of it. */
export type Metrics = Record<string, { value: number; interval: Interval | null }>;

export interface TrainedFiles extends Omit<TrainedModel, 'recommender'> {
  metrics: Metrics;
}

export interface TrainingRun<Config> {
  config: Config;
  seed: number;
  /** The same number gives the same bits. */
  threads: number;
  onProgress?: ((progress: Progress) => void) | undefined;
}

export function jsonFile(name: string, content: unknown): { name: string; bytes: Uint8Array } {
  return { name, bytes: new TextEncoder().encode(`${JSON.stringify(content, null, 1)}\n`) };
}

export class NotEnoughData extends Error {
  override readonly name = 'NotEnoughData';
  readonly found: number;
  readonly needed: number;
  constructor(model: string, unit: string, found: number, needed: number, more = '') {
    super(`${model} is trained from ${needed} ${unit}: there are ${found}, ${needed - found} are missing${more}`);
    this.found = found;
    this.needed = needed;
  }
}

/** A model that ranks no venues: it says itself how good it is, on what it held out. */
export interface MeasuredModel {
  name: string;
  role: string;
  /** Of the literature. */
  source: string;
  config: z.ZodType;
  /** What is held out, in words. */
  split: string;
  limits: readonly string[];
  /** `own`: the folder of `overplanned extract`; `catalogues`: those of `data/`, nothing has to be named. */
  reads: 'own' | 'catalogues';
  /** @param folder of our own data set, for those that read it */
  train(
    folder: string | null,
    environment: string,
    run: TrainingRun<unknown>,
  ): Promise<{ trained: TrainedFiles; lineage: DataLineage; cases: number }>;
}

export interface MeasuredRequest {
  definition: MeasuredModel;
  folder: string | null;
  environment: string;
  config: unknown;
  seed: number;
  threads: number;
  out: string;
  codeRevision: string;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** @throws NotEnoughData, ZodError, DataError, RefusedData, RangeError; nothing is written then */
export async function trainMeasuredModel(request: MeasuredRequest): Promise<{ folder: string; artifact: Artifact }> {
  const { definition, seed, threads, codeRevision, onProgress } = request;
  const { name: model, role, source, split, limits } = definition;
  if (definition.reads === 'own' && request.folder === null) {
    throw new RangeError(`${model} learns from our own data: name the folder of \`overplanned extract\``);
  }
  const config = definition.config.parse(request.config);
  const run = { config, seed, threads, onProgress };
  const { trained, lineage, cases } = await definition.train(request.folder, request.environment, run);
  const identity = { model, config, seed, threads, codeRevision, lineage, split };
  const { files, metrics, history, bestEpoch, parameters } = trained;
  const artifact: Artifact = {
    ...identity,
    version: versionOf(identity),
    role,
    source,
    metrics,
    cases,
    history,
    bestEpoch,
    parameters,
    limits: lineage.synthetic ? [...limits, 'Learned from rows that are not of real travellers.'] : limits,
    files,
  };
  return { folder: await writeArtifact(request.out, artifact), artifact };
}
