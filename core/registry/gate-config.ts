/** What a version has to show before travellers are given it. All thresholds of the gate stand here. */
import { z } from 'zod';

const threshold = z.object({
  /** Of the registry's metrics of the version. */
  metric: z.string(),
  /** What is held against the bound. */
  by: z.enum(['value', 'lower']).default('value'),
  above: z.number(),
  /** Where there is one, the lower bound of the metric's interval has to be above this other metric, too. */
  floor: z.string().nullable().default(null),
});

const modelGate = z.object({
  /**
   * `ranker`: held against what serves, on randomised decisions. `other`: by its metrics alone, which are of data that it was
   * not trained on.
   */
  role: z.enum(['ranker', 'other']).default('ranker'),
  thresholds: z.array(threshold).default([]),
  /** Metrics that have to be there, whatever they say. */
  reported: z.array(z.string()).default([]),
  /** NDCG@10 over ten candidates shown in random order has to be above it; null: not asked for. */
  shownNdcgAbove: z.number().nullable().default(null),
  /** Each open venue has to have its vector of this version. */
  itemVectors: z.boolean().default(false),
  /** Whether travellers can be given it by lot: the request says which version ranks for whom. */
  canary: z.boolean().default(true),
});

const gateSchema = z.object({
  /** In the log, since the version was trained. */
  heldOutSessions: z.int().min(1).default(200),
  shadowDays: z.number().min(0).default(14),
  /** What every ranker has to beat, beside the production version of its own name. */
  baseline: z.string().default('llm-ranker'),
  /** Of the intervals. */
  level: z.number().gt(0).lt(1).default(0.95),
  /** Under so many effective acceptances nothing is said. */
  effectiveAcceptances: z.number().min(2).default(100),
  canary: z
    .object({
      /** Of the travellers; 0: a version goes from shadow to production. */
      share: z.number().min(0).max(0.5).default(0.1),
      hours: z.number().min(0).default(72),
      /** Rankings that it has to have served by then. */
      exposures: z.int().min(0).default(100),
    })
    .prefault({}),
  models: z.record(z.string(), modelGate).default({}),
});

export type GateConfig = z.output<typeof gateSchema>;
export type ModelGate = GateConfig['models'][string];

/** Source document 1, "Offline ML evaluation", where a figure is not this project's own. */
export const GATE: GateConfig = gateSchema.parse({
  models: {
    sasrec: { shownNdcgAbove: 0.7 },
    'u-sasrec': { shownNdcgAbove: 0.7 },
    dlrm: { shownNdcgAbove: 0.7 },
    'two-tower': { itemVectors: true, canary: false },
    // Over all feasible options: with the few that are offered, AUC says how they were chosen.
    'pivot-acceptance': {
      role: 'other',
      canary: false,
      thresholds: [{ metric: 'auc', above: 0.8 }],
      reported: ['precision@1'],
    },
    // Most labels are absent: who names none has an accuracy of 95%, so that alone says nothing.
    'vibe-tagger': {
      role: 'other',
      canary: false,
      thresholds: [
        { metric: 'per_label_accuracy_new_words', above: 0.85 },
        { metric: 'macro_f1_new_words', above: 0, floor: 'macro_f1_no_tags' },
      ],
    },
    'persona-encoder': { role: 'other', canary: false },
    'text-encoder': { role: 'other', canary: false },
    arbiter: {
      role: 'other',
      canary: false,
      thresholds: ['gain_over_always_llm', 'gain_over_always_ml'].map((metric) => ({ metric, by: 'lower', above: 0 })),
    },
  },
});

const DEFAULT: ModelGate = modelGate.parse({});

/** A name that is not configured is held to what rankers are. */
export function modelGateOf(config: GateConfig, name: string): ModelGate {
  return config.models[name] ?? DEFAULT;
}

/** @throws ZodError that names the field */
export function parseGateConfig(config: unknown): GateConfig {
  return gateSchema.parse(config);
}
