/** What a run of the arbiter can be told. */
import { z } from 'zod';
import { treesConfig } from '../../training/trees/config.ts';

export const arbiterConfig = treesConfig
  .extend({
    depth: treesConfig.shape.depth.unwrap().default(3),
    min_child_weight: treesConfig.shape.min_child_weight.unwrap().default(10),
    /** Shares of the travellers, of each of whom models that never saw them say what they would have served. */
    folds: z.int().min(2).max(20).default(5),
  })
  .strict();

export type ArbiterConfig = z.infer<typeof arbiterConfig>;
