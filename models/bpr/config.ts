/** What a BPR run can be told. */
import { z } from 'zod';

export const bprConfig = z
  .object({
    width: z.int().min(1).max(512).default(64),
    batch: z.int().min(1).max(65_536).default(1024),
    learning_rate: z.number().positive().max(1).default(0.003),
    weight_decay: z.number().min(0).max(1).default(0.01),
    epochs: z.int().min(1).max(10_000).default(100),
    patience: z.int().min(1).default(10),
    validate_every: z.int().min(1).default(1),
  })
  .strict();

export type BprConfig = z.infer<typeof bprConfig>;
