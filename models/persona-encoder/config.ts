/** What a run of the persona encoder can be told. */
import { z } from 'zod';

export const personaEncoderConfig = z
  .object({
    /** Decisions of a traveller that are read, the latest. */
    length: z.int().min(2).max(500).default(50),
    /** Of what a decision is read as. */
    width: z.int().min(4).max(512).default(64),
    heads: z.int().min(1).max(16).default(2),
    /** Of the layer before the vector. */
    hidden: z.int().min(4).max(1024).default(128),
    /** Of the softmax over venues, and of that over travellers. */
    temperature: z.number().positive().max(1).default(0.1),
    /** Of agreement between tags and signals, against the next venue. */
    agreement: z.number().min(0).max(100).default(0.5),
    /** Of what was taken rather than refused. */
    preference: z.number().min(0).max(100).default(2),
    dropout: z.number().min(0).max(0.9).default(0),
    /** Of a traveller, how many decisions an epoch asks to foresee. */
    targets: z.int().min(1).max(100).default(4),
    batch: z.int().min(2).max(4096).default(128),
    learning_rate: z.number().positive().max(1).default(0.002),
    weight_decay: z.number().min(0).max(10).default(0.01),
    epochs: z.int().min(1).max(10_000).default(60),
    patience: z.int().min(1).default(8),
    validate_every: z.int().min(1).default(1),
  })
  .strict();

export type PersonaEncoderConfig = z.infer<typeof personaEncoderConfig>;
