/** What the arbiter is asked and what it answers. All of it is JSON, so that a decision can be logged and made again. */
import type { DayPart } from '../ranking/ranker.ts';
import type { KnownFacts } from './fact-names.ts';

export const SIDES = ['ml', 'llm'] as const;
export type Side = (typeof SIDES)[number];

/** `off`: the LLM serves and nothing is decided. `shadow`: it serves, and the decision says what would have been. */
export const ARBITRATION_MODES = ['off', 'shadow', 'live'] as const;
export type ArbitrationMode = (typeof ARBITRATION_MODES)[number];

/** The rules with a condition of their own, in their order. */
export const DETECTED_RULES = [
  'agreement',
  'cold',
  'popularity_bias',
  'sequence_momentum',
  'confidence_gap',
  'group_conflict',
  'novel_venue',
] as const;
export type DetectedRule = (typeof DETECTED_RULES)[number];

/** Those that an operator or a job can switch off. `default`: no other one decides, and ML serves the warm. */
export const SWITCHED_RULES = [...DETECTED_RULES, 'default'] as const;
export type SwitchedRule = (typeof SWITCHED_RULES)[number];

/** What can have decided, at most 50 characters each: `arbitration_events.arbitration_rule`. */
export const ARBITRATION_RULES = [
  ...SWITCHED_RULES,
  /** No rule that is switched on decides, and one that is switched off would have been for ML: the LLM. */
  'switched_off',
  /** The learned arbiter, in place of the rules after `agreement`. */
  'learned',
  /** The arbiter is off, or the ML ranker is. */
  'ml_off',
  /** The traveller is cold (invariant 8): there was nothing to arbitrate. */
  'llm_only',
  'ml_unavailable',
  /** The LLM did not answer in time. */
  'llm_late',
  'llm_unavailable',
] as const;
export type ArbitrationRule = (typeof ARBITRATION_RULES)[number];

/** One ranker's answer for one moment. */
export interface SideView {
  /** Venue ids, best first, none twice: at least 1, and the first 10 count. */
  top: readonly string[];
  /** In [0, 1]: how sure it is of its list; null where it does not say. */
  confidence: number | null;
  /** `name@version` */
  version: string;
  /** `ml`, `llm`, `offline`. */
  source: string;
}

export interface MissingSide<Reason extends string> {
  missing: Reason;
}
/** `cold`: fewer than 20 signals. `off`: it is configured so, or no version serves. */
export type MissingMl = MissingSide<'cold' | 'off' | 'unavailable'>;
export type MissingLlm = MissingSide<'late' | 'unavailable'>;

/** What the detectors read of a venue. */
export interface ArbitrationVenue {
  /** In [0, 1]; null where no source speaks of it. */
  touristScore: number | null;
  localScore: number | null;
  /** ISO date since which the place is known to exist; null if unknown. */
  firstSeenAt: string | null;
}

export interface ArbitrationContext {
  /** Trips before this one. */
  userTripCount: number;
  /** Signals that count (invariant 8). */
  countingSignals: number;
  /** `sequenceMomentum` of the latest decisions, in [0, 1]; null where it is not known. */
  sequenceMomentum: number | null;
  /** Persona dimension `local_vs_tourist_bias`, in [0, 1]. */
  localBias: number;
  /** Of the persona; of a group's, its members' mean. Missing in logs from before there were thresholds by archetype. */
  nearestArchetype?: string | undefined;
  isGroup: boolean;
  /** `momentConflict` of the moment, in [0, 1]; null of who travels alone. */
  groupConflict: number | null;
  partySize: number;
  /** From 1. */
  tripDay: number;
  dayPart: DayPart;
  /** Venues that both ranked. */
  candidates: number;
}

export interface ArbitrationInput {
  mode: ArbitrationMode;
  ml: SideView | MissingMl;
  /** The ranking that serves where ML does not: the language model's, or what stands in for it. */
  llm: SideView | MissingLlm;
  /** By id: at least those of both top threes, as far as they are known. */
  venues: Readonly<Record<string, ArbitrationVenue>>;
  /** The top ten of the same candidates for the traveller of whom nothing is known (`NEUTRAL_DIMENSIONS`, no interests); null: not ranked. */
  anybodysTop: readonly string[] | null;
  context: ArbitrationContext;
  /** Share of disagreements that a fair coin decides, in [0, 1]. */
  exploration: number;
}

/** What a learned arbiter says of one decision. */
export interface LearnedVerdict {
  /** `name@version` */
  version: string;
  /** That the ML side is the right one, in [0, 1]. */
  probabilityMl: number;
}

export interface ArbitrationDecision {
  /** What decided; in shadow, what would have. */
  rule: ArbitrationRule;
  /** Every rule whose condition holds, in their order, switched on or not. */
  detected: readonly DetectedRule[];
  /** The side that the rules chose; in shadow, that they would have. */
  chosen: Side;
  served: Side;
  /** The coin decided. */
  explored: boolean;
  /** The probability with which the served side was to be served, in (0, 1]. */
  propensity: number;
  /** Both sides are unsure: the one case for the larger language model (invariant 3). */
  wouldEscalate: boolean;
  /** Rank correlation of the two top tens, in [-1, 1]; null where only one side answered. */
  agreement: number | null;
  /** `false_personalisation` among them: it decides nothing. */
  facts: KnownFacts;
}
