/** What the text models have in common: they learn from the catalogues, and are measured, not evaluated as rankers are. */
import type { z } from 'zod';
import type { EpochRecord } from '../engine/epoch-record.ts';
import type { Progress } from '../engine/train.ts';
import type { ArtifactFile } from '../model.ts';
import type { Measured } from './measured.ts';
import type { Place } from './places.ts';

export interface TextTrainOptions<Config> {
  seed: number;
  threads: number;
  config: Config;
  onProgress?: ((progress: Progress) => void) | undefined;
  checkpoints?: { folder: string; fingerprint: string } | undefined;
  /** Default: all venues of the catalogues. */
  places?: readonly Place[] | undefined;
}

export interface TrainedTextModel {
  files: readonly ArtifactFile[];
  /** On venues that were not trained on. */
  metrics: Readonly<Record<string, Measured>>;
  history: readonly EpochRecord[];
  bestEpoch: number;
  parameters: number;
  lineage: TextLineage;
}

/** The catalogues are hand-written, the texts are made: no traveller's behaviour is in either. */
export interface TextLineage {
  teacher: 'catalogue tags';
  texts: 'templates';
  synthetic: true;
  /** `city@version` of each catalogue; empty where places were passed in. */
  sources: readonly string[];
  venues: { training: number; validation: number; test: number };
}

export interface TextModelDefinition<Config> {
  name: string;
  role: string;
  config: z.ZodType<Config>;
  minimum: { unit: 'venues with tags'; count: number };
  source: string;
  train(options: TextTrainOptions<Config>): Promise<TrainedTextModel>;
}

/** @throws RangeError that says how many are missing */
export function checkMinimum(name: string, minimum: number, places: readonly Place[]): void {
  const count = places.filter(({ venue }) => venue.vibeTags.length > 0).length;
  if (count < minimum)
    throw new RangeError(
      `${name} needs ${minimum} venues with tags, and there are ${count}: ${minimum - count} missing`,
    );
}
