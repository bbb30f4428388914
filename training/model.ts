/** What a folder under `models/` tells the commands: how it is configured, what it needs, and how it is trained. */
import type { z } from 'zod';
import type { EpochRecord } from './engine/epoch-record.ts';
import type { Progress, TrainOptions } from './engine/train.ts';
import type { FitInput, Recommender } from './evaluation/recommender.ts';

/** What a model learns from and stops by. */
export type TrainingData = Omit<FitInput, 'seed'>;

export interface TrainContext {
  seed: number;
  /** The same number gives the same bits. */
  threads: number;
  /** A folder for what a killed run goes on from. */
  checkpoints?: { folder: string; fingerprint: string } | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ArtifactFile {
  name: string;
  bytes: Uint8Array;
}

export interface TrainedModel {
  recommender: Recommender;
  /** ONNX files and what has to be known to feed them; empty where there is nothing to serve. */
  files: readonly ArtifactFile[];
  history: readonly EpochRecord[];
  bestEpoch: number;
  parameters: number;
}

/** The least data that a model is trained on. */
export interface Minimum {
  unit: 'interactions' | 'sequences of 5 or more' | 'events with outcomes';
  count: number;
}

export interface ModelDefinition<Config = unknown> {
  name: string;
  /** A line for cards and reports. */
  role: string;
  config: z.ZodType<Config>;
  minimum: Minimum | null;
  /** What it reads besides interactions: `own` logs, or nothing. */
  needs: 'interactions' | 'own';
  /** Of the literature that it follows. */
  source: string;
  /** What a search tries: values of config fields. */
  search: Readonly<Record<string, readonly unknown[]>>;
  train(data: TrainingData, config: Config, context: TrainContext): Promise<TrainedModel>;
}

interface DescentConfig {
  learning_rate: number;
  weight_decay?: number;
  epochs: number;
  patience: number;
  validate_every: number;
}

/** What `train` is told by a config and by where it runs. `part` names the run, where a model has several. */
export function descent(part: string, config: DescentConfig, context: TrainContext): TrainOptions {
  const { seed, threads, checkpoints, onProgress } = context;
  return {
    learningRate: config.learning_rate,
    weightDecay: config.weight_decay ?? 0,
    epochs: config.epochs,
    patience: config.patience,
    validateEvery: config.validate_every,
    seed,
    threads,
    ...(checkpoints && {
      checkpoint: { path: `${checkpoints.folder}/${part}.checkpoint`, fingerprint: checkpoints.fingerprint },
    }),
    ...(onProgress && { onProgress }),
  };
}
