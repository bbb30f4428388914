/** What a run of the DLRM head can be told. */
import { z } from 'zod';
import { uSasrecConfig } from '../u-sasrec/config.ts';

export const dlrmConfig = z
  .object({
    /** Of each feature group's vector. */
    width: z.int().min(2).max(256).default(32),
    /** Hidden layers of the dense features' MLP. */
    bottom: z.array(z.int().min(1).max(1024)).max(4).default([64]),
    /** Hidden layers over the interactions. */
    top: z.array(z.int().min(1).max(1024)).min(1).max(4).default([64, 32]),
    dropout: z.number().min(0).max(0.9).default(0.1),
    batch: z.int().min(1).max(65_536).default(1024),
    learning_rate: z.number().positive().max(1).default(0.001),
    weight_decay: z.number().min(0).max(1).default(0.001),
    epochs: z.int().min(1).max(10_000).default(40),
    patience: z.int().min(1).default(6),
    validate_every: z.int().min(1).default(1),
    /** Of the sequence model that it stands on, which is trained first. */
    sequence: uSasrecConfig.partial().default({}),
  })
  .strict();

export type DlrmConfig = z.infer<typeof dlrmConfig>;
