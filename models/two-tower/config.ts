/** What a two-tower run can be told. */
import { z } from 'zod';

export const twoTowerConfig = z
  .object({
    /** Of the hidden layers; the towers end in 64 numbers. */
    hidden: z.array(z.int().min(4).max(1024)).max(4).default([128]),
    /** A version of `models/artifacts/text-encoder`: the item tower reads the venue's text with it. */
    text_encoder: z
      .string()
      .regex(/^[0-9a-f]{12}$/)
      .default('fbb64d47adc9'),
    /** Scores are cosines divided by it. */
    temperature: z.number().positive().max(10).default(0.1),
    dropout: z.number().min(0).max(0.9).default(0.1),
    batch: z.int().min(2).max(8192).default(512),
    learning_rate: z.number().positive().max(1).default(0.001),
    weight_decay: z.number().min(0).max(1).default(0.01),
    epochs: z.int().min(1).max(10_000).default(40),
    patience: z.int().min(1).default(6),
    validate_every: z.int().min(1).default(1),
  })
  .strict();

export type TwoTowerConfig = z.infer<typeof twoTowerConfig>;
