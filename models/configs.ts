/**
 * The models that a training can be asked for, without what trains them: so much the Worker knows. `models/index.ts` has
 * their definitions.
 */
import type { z } from 'zod';
import type { Minimum } from '../training/model.ts';
import type { SplitName } from '../training/split-names.ts';
import { bprConfig } from './bpr/config.ts';
import { dlrmConfig } from './dlrm/config.ts';
import { lightgcnConfig } from './lightgcn/config.ts';
import { sasrecConfig } from './sasrec/config.ts';
import { twoTowerConfig } from './two-tower/config.ts';
import { uSasrecConfig } from './u-sasrec/config.ts';

export interface TrainableModel {
  config: z.ZodType<Record<string, unknown>>;
  /** The least data that it is trained on. */
  minimum: Minimum;
}

const interactions = (count: number): Minimum => ({ unit: 'interactions', count });
const sequences: Minimum = { unit: 'sequences of 5 or more', count: 500 };

export const TRAINABLE: ReadonlyMap<string, TrainableModel> = new Map<string, TrainableModel>([
  ['bpr', { config: bprConfig, minimum: interactions(500) }],
  ['dlrm', { config: dlrmConfig, minimum: interactions(1000) }],
  ['lightgcn', { config: lightgcnConfig, minimum: interactions(500) }],
  ['sasrec', { config: sasrecConfig, minimum: sequences }],
  ['two-tower', { config: twoTowerConfig, minimum: interactions(500) }],
  ['u-sasrec', { config: uSasrecConfig, minimum: sequences }],
]);

/** What a training can be asked to keep for its test. */
export const TRAINING_SPLITS = ['leave-one-out', 'time', 'user'] as const satisfies readonly SplitName[];

type Counts = Readonly<Record<Minimum['unit'], number>>;

export interface ModelReadiness {
  model: string;
  unit: Minimum['unit'];
  needed: number;
  found: number;
  /** Of them, what warm travellers did in the app: all that counts outside development. */
  foundWarmUsers: number;
  missing: number;
  ready: boolean;
}

export interface Readiness {
  /** `all_rows`: those of cold and of simulated travellers count, too. */
  counted: 'warm_users' | 'all_rows';
  models: ModelReadiness[];
}

/** What may be trained on is what warm travellers did; in development, everything (invariant 5). */
export function modelsReady(data: { warmUsers: Counts; allRows: Counts }, environment: string): Readiness {
  const counted = environment === 'development' ? 'all_rows' : 'warm_users';
  const counts = counted === 'all_rows' ? data.allRows : data.warmUsers;
  const models = [...TRAINABLE].map(([model, { minimum }]) => {
    const { unit, count: needed } = minimum;
    const found = counts[unit];
    const missing = Math.max(0, needed - found);
    return { model, unit, needed, found, foundWarmUsers: data.warmUsers[unit], missing, ready: missing === 0 };
  });
  return { counted, models };
}
