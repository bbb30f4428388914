/** What a run of the vibe tagger can be told. */
import { z } from 'zod';

export const vibeTaggerConfig = z
  .object({
    /** Of a row of the table of hashed features. */
    row: z.int().min(4).max(256).default(32),
    hidden: z.array(z.int().min(4).max(1024)).min(1).max(3).default([256]),
    dropout: z.number().min(0).max(0.9).default(0.1),
    /** Weight of the vibe embedding against the tags. */
    vibe_weight: z.number().min(0).max(100).default(1),
    batch: z.int().min(1).max(1024).default(96),
    /** Texts that are written about each venue in an epoch. */
    texts: z.int().min(1).max(100).default(4),
    learning_rate: z.number().positive().max(1).default(0.003),
    weight_decay: z.number().min(0).max(1).default(0.01),
    epochs: z.int().min(1).max(10_000).default(40),
    patience: z.int().min(1).default(8),
    validate_every: z.int().min(1).default(2),
  })
  .strict();

export type VibeTaggerConfig = z.infer<typeof vibeTaggerConfig>;
