/** What a LightGCN run can be told. */
import { z } from 'zod';
import { bprConfig } from '../bpr/config.ts';

export const lightgcnConfig = bprConfig
  .omit({ weight_decay: true })
  .extend({
    layers: z.int().min(1).max(6).default(3),
    /** Of the L2 penalty on the embeddings that a batch looked up. */
    regularisation: z.number().min(0).max(1).default(1e-4),
    batch: z.int().min(1).max(65_536).default(2048),
  })
  .strict();

export type LightgcnConfig = z.infer<typeof lightgcnConfig>;
