/** What a run of the pivot model can be told. */
import { z } from 'zod';
import { treesConfig } from '../../training/trees/config.ts';

export const pivotAcceptanceConfig = z
  .object({
    /** `best`: both are trained, and the one with the higher AUC on validation is kept. */
    model: z.enum(['best', 'trees', 'mlp']).default('best'),
    trees: treesConfig.prefault({
      depth: 3,
      min_child_weight: 3,
      learning_rate: 0.03,
      rounds: 800,
      patience: 60,
      row_share: 0.7,
      column_share: 0.5,
      l2: 5,
    }),
    mlp: z
      .object({
        hidden: z.array(z.int().min(1).max(512)).min(1).max(4).default([16]),
        dropout: z.number().min(0).max(0.9).default(0),
        batch: z.int().min(1).max(65_536).default(256),
        learning_rate: z.number().positive().max(1).default(0.003),
        weight_decay: z.number().min(0).max(10).default(1),
        epochs: z.int().min(1).max(10_000).default(200),
        patience: z.int().min(1).default(20),
        validate_every: z.int().min(1).default(1),
      })
      .strict()
      .prefault({}),
  })
  .strict();

export type PivotAcceptanceConfig = z.infer<typeof pivotAcceptanceConfig>;
