/** What a run of boosted trees can be told. */
import { z } from 'zod';
import type { BoostOptions } from './boost.ts';

export const treesConfig = z
  .object({
    rounds: z.int().min(1).max(5000).default(500),
    /** Rounds without a better validation after which training ends. */
    patience: z.int().min(1).default(25),
    /** Splits from the root to a leaf, at most. */
    depth: z.int().min(1).max(12).default(4),
    learning_rate: z.number().positive().max(1).default(0.05),
    l2: z.number().min(0).max(1000).default(1),
    min_gain: z.number().min(0).max(1000).default(0),
    min_child_weight: z.number().min(0).default(5),
    /** Of the rows, and of the features, that each tree is grown from. */
    row_share: z.number().positive().max(1).default(0.8),
    column_share: z.number().positive().max(1).default(0.8),
    bins: z.int().min(2).max(4096).default(256),
  })
  .strict();

export type TreesConfig = z.infer<typeof treesConfig>;

export function boostOptions(config: TreesConfig, seed: number): BoostOptions {
  return {
    rounds: config.rounds,
    patience: config.patience,
    depth: config.depth,
    learningRate: config.learning_rate,
    l2: config.l2,
    minGain: config.min_gain,
    minChildWeight: config.min_child_weight,
    rowShare: config.row_share,
    columnShare: config.column_share,
    bins: config.bins,
    seed,
  };
}
