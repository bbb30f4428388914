/** Behavioural signals: what travellers do, what the system notes of it, where a row comes from, and what it weighs. */
import { PHASE_OUT } from './phase-out.ts';

/** What an app may report. */
export const CLIENT_SIGNAL_TYPES = [
  'slot_view',
  'slot_accept',
  'slot_skip',
  /** `venue_id` is the venue that was given up. */
  'slot_swap',
  'slot_linger',
  'pivot_accept',
  'pivot_dismiss',
  'pivot_ignore',
  'thumbs_up',
  'thumbs_down',
  'discovery_swipe',
  'post_trip',
  'intention',
] as const;
export type ClientSignalType = (typeof CLIENT_SIGNAL_TYPES)[number];

/** What only the system writes. */
export const SYSTEM_SIGNAL_TYPES = ['candidate_set_logged', 'pivot_requested'] as const;
export type SystemSignalType = (typeof SYSTEM_SIGNAL_TYPES)[number];

export type SignalType = ClientSignalType | SystemSignalType;

/** Names of the source documents that mean a type of ours. */
export const SIGNAL_ALIASES: Readonly<Record<string, ClientSignalType>> = {
  card_accepted: 'slot_accept',
  card_skipped: 'slot_skip',
};

/** Why somebody does not want what is shown; what an `intention` signal states. */
export const INTENTIONS = [
  'group_conflict',
  'price_mismatch',
  'not_interested',
  'too_far',
  'too_crowded',
  'wrong_time',
  'already_been',
  'other',
] as const;
export type Intention = (typeof INTENTIONS)[number];

/** `system` marks what the system notes; the synthetic lineages stay with their rows for ever (invariant 9). */
export const SIGNAL_SOURCES = [
  'user_behavioral',
  'backfill_tier_1',
  'synthetic_agent_v1',
  'synthetic_choice_model_v1',
  'real_user_derived',
  'system',
] as const;
export type SignalSource = (typeof SIGNAL_SOURCES)[number];

/** The types that make a traveller warm (invariant 8), where their source is the traveller in the app. */
export const COUNTING_TYPES = [
  'slot_accept',
  'slot_skip',
  'slot_swap',
  'slot_linger',
  'pivot_accept',
  'pivot_dismiss',
  'thumbs_up',
  'thumbs_down',
] as const satisfies readonly ClientSignalType[];

const COUNTING: ReadonlySet<string> = new Set(COUNTING_TYPES);

/** Whether a signal may count. Of several alike (actor, slot, venue and type) the table lets only one. */
export function mayCount(type: SignalType, source: SignalSource): boolean {
  return source === 'user_behavioral' && COUNTING.has(type);
}

/** Who the rows of a type are ascribed to when the product itself writes them. */
export function sourceOf(type: SignalType): SignalSource {
  return (SYSTEM_SIGNAL_TYPES as readonly string[]).includes(type) ? 'system' : 'user_behavioral';
}

/**
 * The weight of a row (invariant 5): what happened in the app 1, backfill 0.3, the system's notes 0. Synthetic rows are
 * shaped like those of the app and weigh like them; what they are worth in training is up to `trainingFactor`.
 */
export function weightOf(source: SignalSource): number {
  switch (source) {
    case 'backfill_tier_1':
      return 0.3;
    case 'system':
      return 0;
    default:
      return 1;
  }
}

/** What others than people in the app made; each gives way once there are enough of those (`phase-out.ts`). */
export const SYNTHETIC_ORIGINS = [
  'synthetic_agent_v1',
  'synthetic_choice_model_v1',
  'real_user_derived',
] as const satisfies readonly SignalSource[];
type SyntheticOrigin = (typeof SYNTHETIC_ORIGINS)[number];

/**
 * What persona training multiplies a row's weight by (invariant 5).
 * @param warm the traveller was, at the event
 * @param seasonedUsers real users with three trips or more (`platform/database/real-users.ts`); synthetic rows alone ask
 */
export function trainingFactor(source: Exclude<SignalSource, SyntheticOrigin>, warm: boolean): number;
export function trainingFactor(source: SignalSource, warm: boolean, seasonedUsers: number): number;
export function trainingFactor(source: SignalSource, warm: boolean, seasonedUsers = 0): number {
  switch (source) {
    case 'user_behavioral':
      return warm ? 1 : 0.5;
    case 'backfill_tier_1':
      return 0.8;
    case 'system':
      return 0;
    default:
      return seasonedUsers >= PHASE_OUT.supersedeFrom ? 0 : 0.3;
  }
}
