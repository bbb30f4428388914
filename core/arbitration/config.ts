/** Every threshold of the arbiter, in one place: calibration replaces values, not code. */
import { z } from 'zod';
import standard from '../../data/arbitration/default.json' with { type: 'json' };
import { ARCHETYPES } from '../persona/archetypes.ts';
import type { Calibration } from './calibration.ts';
import { SWITCHED_RULES, type SwitchedRule } from './decision.ts';

const share = z.number().min(0).max(1);
const correlation = z.number().min(-1).max(1);
const archetypeIds = z.enum(ARCHETYPES.map(({ id }) => id) as [string, ...string[]]);

export const arbitrationConfigSchema = z.strictObject({
  /** Names these values; logged with each decision. */
  version: z.string().min(1).max(50),
  /** Rank correlation of the top tens above which the two agree. */
  agreement: correlation,
  /** Fewer trips than this: the cold rule. */
  cold_trips: z.int().min(0),
  /** Tourist score above which the LLM's first venue is one for tourists. */
  tourist_score: share,
  /** Local bias above which a traveller does not want those. */
  local_bias: share,
  /** Local score below which nobody does. */
  local_score: share,
  sequence_momentum: share,
  /** Confidence above which the LLM is sure. */
  llm_confident: share,
  /** Confidences below which a side is unsure. */
  ml_unsure: share,
  llm_unsure: share,
  group_conflict: share,
  /** So many of the ML top three, or more, the language model cannot know. */
  novel_venues: z.int().min(1).max(3),
  /** What is known to exist only since then, the language model cannot know: its training ended. */
  llm_cut_off: z.iso.date(),
  /** Rules that are passed over. */
  disabled: z.array(z.enum(SWITCHED_RULES)),
  /** What replaces values for travellers nearest to an archetype. */
  archetypes: z.partialRecord(archetypeIds, z.strictObject({ agreement: correlation })).optional(),
});

export type ArbitrationConfig = z.infer<typeof arbitrationConfigSchema>;

export const DEFAULT_ARBITRATION: ArbitrationConfig = arbitrationConfigSchema.parse(standard);

/** With what operators and the review have switched: `switches` by rule, true for on. */
export function withSwitches(
  config: ArbitrationConfig,
  switches: ReadonlyMap<SwitchedRule, boolean>,
): ArbitrationConfig {
  const disabled = SWITCHED_RULES.filter((rule) => !(switches.get(rule) ?? !config.disabled.includes(rule)));
  return { ...config, disabled };
}

/** With the thresholds that a run of the simulation measured; the version names both. */
export function withCalibration(
  config: ArbitrationConfig,
  { version, archetypes }: Pick<Calibration, 'version' | 'archetypes'>,
): ArbitrationConfig {
  const measured = Object.entries(archetypes).flatMap(([id, own]) => (own ? [[id, { agreement: own.agreement }]] : []));
  return { ...config, version: `${config.version}+cal.${version}`, archetypes: Object.fromEntries(measured) };
}

/** As far as it concerns a traveller nearest to that archetype: of the others it says nothing. */
export function configFor(config: ArbitrationConfig, archetypeId: string): ArbitrationConfig {
  const { archetypes, ...rest } = config;
  const own = archetypes?.[archetypeId];
  return own ? { ...rest, archetypes: { [archetypeId]: own } } : rest;
}
