/** What a SASRec run can be told. */
import { z } from 'zod';

export const sasrecConfig = z
  .object({
    /** Of item embeddings and states. */
    width: z.int().min(4).max(512).default(64),
    /** Interactions that the model sees, the latest. */
    length: z.int().min(2).max(500).default(50),
    blocks: z.int().min(1).max(8).default(2),
    heads: z.int().min(1).max(16).default(1),
    dropout: z.number().min(0).max(0.9).default(0.2),
    /**
     * `ce`: softmax over all items; `sampled_ce`: over `negatives` drawn per batch, corrected for how often they are
     * drawn; `bce`: one against one, as in the paper.
     */
    loss: z.enum(['ce', 'sampled_ce', 'bce']).default('ce'),
    negatives: z.int().min(1).max(8192).default(1024),
    batch: z.int().min(1).max(4096).default(128),
    learning_rate: z.number().positive().max(1).default(0.001),
    epochs: z.int().min(1).max(10_000).default(200),
    patience: z.int().min(1).default(20),
    validate_every: z.int().min(1).default(1),
  })
  .strict();

export type SasrecConfig = z.infer<typeof sasrecConfig>;
