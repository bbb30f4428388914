/** An experiment on travellers: what is compared, what would stop it, and what it comes to. */
import { z } from 'zod';

/** `name@version` */
export const modelVersion = z.string().regex(/^[a-z0-9-]{1,60}@[A-Za-z0-9._-]{1,60}$/, 'name@version');

export const guardrails = z.strictObject({
  /** A variant's share of travellers who ask for a pivot may be so much above the control's. */
  pivot_rate_above_control: z.number().min(0).max(1).default(0.1),
  /** Its 95th percentile may be so high, milliseconds of ranking. */
  latency_p95_ms: z.number().gt(0).max(60_000).default(300),
  /** Share of its requests that it could not answer. */
  error_rate: z.number().min(0).max(1).default(0.02),
});
export type Guardrails = z.output<typeof guardrails>;

const variant = z.strictObject({
  name: z.string().regex(/^[a-z0-9_-]{1,40}$/, 'lower-case letters, digits, - and _'),
  model: modelVersion,
  /** Of all travellers. */
  share: z.number().gt(0).lt(1),
});

/** As an operator asks for it; the first variant is the control, whose name is the place that all of them take. */
export const experimentConfig = z.strictObject({
  variants: z.array(variant).min(2).max(6),
  /** `acceptance`: of what was shown to a traveller in the first days, the share that they took. */
  metric: z.literal('acceptance').default('acceptance'),
  guardrails: guardrails.prefault({}),
  /** Of being wrong at any look, over all variants. */
  alpha: z.number().gt(0).max(0.5).default(0.05),
  /** After the first exposure, for which a traveller's outcome is counted. */
  outcome_days: z.int().min(1).max(60).default(7),
});
export type ExperimentConfig = z.output<typeof experimentConfig>;

/** As it is stored. What a later code may have added is left out, and stops nobody. */
export const storedExperiment = z.object({
  ...experimentConfig.shape,
  kind: z.enum(['canary', 'ab']),
  salt: z.string(),
  place: z.string(),
  ended: z
    .strictObject({ by: z.string(), reason: z.string(), detail: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});
export type StoredExperiment = z.output<typeof storedExperiment>;

/** What is wrong with a config that is well-formed, with its field; null where nothing is. */
export function configFault({
  variants,
}: Pick<ExperimentConfig, 'variants'>): { field: string; message: string } | null {
  const seen = { name: new Set<string>(), model: new Set<string>() };
  for (const [i, variant] of variants.entries()) {
    for (const key of ['name', 'model'] as const) {
      if (seen[key].has(variant[key])) return { field: `variants.${i}.${key}`, message: 'stands there twice' };
      seen[key].add(variant[key]);
    }
  }
  const total = variants.reduce((sum, { share }) => sum + share, 0);
  return total > 1 + 1e-9 ? { field: 'variants', message: `their shares sum to ${total}, over 1` } : null;
}

export const placeOf = (model: string) => model.slice(0, model.lastIndexOf('@'));
export const versionOf = (model: string) => model.slice(model.lastIndexOf('@') + 1);

/** A canary is an experiment with production as its control. */
export function canaryExperiment(name: string, production: string, canary: string, share: number): StoredExperiment {
  return storedExperiment.parse({
    kind: 'canary',
    // The same travellers are in it again, whatever it is compared with.
    salt: `canary/${name}@${canary}`,
    place: name,
    // What is seen in a canary's time counts: it is to find what breaks, not what is a little better.
    outcome_days: 1,
    variants: [
      { name: 'control', model: `${name}@${production}`, share: 1 - share },
      { name: 'canary', model: `${name}@${canary}`, share },
    ],
  });
}
