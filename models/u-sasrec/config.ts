/** What a U-SASRec run can be told. */
import { z } from 'zod';
import { sasrecConfig } from '../sasrec/config.ts';

export const uSasrecConfig = sasrecConfig
  .omit({ loss: true, negatives: true })
  .extend({
    heads: z.int().min(1).max(16).default(2),
    /** Share of the items of a history, and of the candidates, that training shows by their content alone. */
    id_dropout: z.number().min(0).max(1).default(0.2),
    batch: z.int().min(1).max(4096).default(64),
    epochs: z.int().min(1).max(10_000).default(60),
    patience: z.int().min(1).default(8),
  })
  .strict();

export type USasrecConfig = z.infer<typeof uSasrecConfig>;
