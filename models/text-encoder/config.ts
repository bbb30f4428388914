/** What a run of the text encoder can be told. */
import { z } from 'zod';

export const textEncoderConfig = z
  .object({
    /** Of the vector. */
    dimensions: z.union([z.literal(64), z.literal(96)]).default(96),
    /** Of a row of the table of hashed features. */
    row: z.int().min(4).max(256).default(16),
    hidden: z.array(z.int().min(4).max(1024)).max(3).default([192]),
    dropout: z.number().min(0).max(0.9).default(0.1),
    /** Cosines are divided by it. */
    temperature: z.number().positive().max(10).default(0.07),
    /** Weight of nearness to the teacher against telling venues apart. */
    teacher_weight: z.number().min(0).max(100).default(1),
    /** Pairs of texts. */
    batch: z.int().min(2).max(1024).default(96),
    /** Pairs that are written about each venue in an epoch. */
    pairs: z.int().min(1).max(100).default(3),
    learning_rate: z.number().positive().max(1).default(0.002),
    weight_decay: z.number().min(0).max(1).default(0.01),
    epochs: z.int().min(1).max(10_000).default(40),
    patience: z.int().min(1).default(8),
    validate_every: z.int().min(1).default(2),
  })
  .strict();

export type TextEncoderConfig = z.infer<typeof textEncoderConfig>;
