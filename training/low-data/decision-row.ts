/** A decision of a traveller on a venue that was shown alone, as a ranker may know of it, with where it comes from. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { isWarm } from '../../core/persona/persona.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand, DayPart } from '../../core/ranking/ranker.ts';
import { PHASE_OUT } from '../../core/signal/phase-out.ts';
import { type SignalSource, SYNTHETIC_ORIGINS, trainingFactor, weightOf } from '../../core/signal/signal.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { VibeTag } from '../../core/venue/vocabulary.ts';
import type { Condition } from '../../core/weather/condition.ts';

export interface DecisionRow {
  id: string;
  actor: string;
  trip: string;
  /** Milliseconds since the epoch. */
  at: number;
  city: string;
  venue: Venue;
  dayPart: DayPart;
  /** From 1. */
  tripDay: number;
  /** Null: not known. */
  weather: Condition | null;
  party: Party | null;
  budget: BudgetBand | null;
  /** What the app took the traveller for, then. */
  persona: { dimensions: Dimensions; interests: readonly VibeTag[] };
  accepted: boolean;
  source: SignalSource;
  /** Of a variation: the row and the actor that it was made from. */
  derivedFrom: { row: string; actor: string } | null;
}

/** A venue that might be shown: what is not known yet is the decision. */
export type OpenCase = Omit<DecisionRow, 'accepted' | 'derivedFrom'>;

/** Whose row it is, seen from what may be tested on: a variation belongs to the traveller that it was made from. */
export const originOf = ({ actor, derivedFrom }: Pick<DecisionRow, 'actor' | 'derivedFrom'>) =>
  derivedFrom?.actor ?? actor;

export const isReal = ({ source }: Pick<DecisionRow, 'source'>) => source === 'user_behavioral';

/** By actor, in order of time; equal times keep the order of the rows. */
export function byActor<Row extends Pick<DecisionRow, 'actor' | 'at'>>(rows: readonly Row[]): Map<string, Row[]> {
  const actors = Map.groupBy(rows, ({ actor }) => actor);
  for (const own of actors.values()) own.sort((a, b) => a.at - b.at);
  return actors;
}

/**
 * What a row weighs in training (invariant 5), in [0, 1].
 * @param before decisions of its actor that came before it
 * @param seasoned real travellers with three trips or more: with enough of them what is made weighs nothing
 */
export function trainingWeight({ source }: Pick<DecisionRow, 'source'>, before: number, seasoned: number): number {
  return weightOf(source) * trainingFactor(source, isWarm(before), seasoned);
}

export function seasonedTravellers(rows: readonly DecisionRow[]): number {
  const trips = new Map<string, Set<string>>();
  for (const { actor, trip } of rows.filter(isReal)) trips.set(actor, (trips.get(actor) ?? new Set()).add(trip));
  return [...trips.values()].filter(({ size }) => size >= PHASE_OUT.trips).length;
}

/** Rows by source, for a lineage. */
export function countSources(rows: readonly Pick<DecisionRow, 'source'>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { source } of rows) counts[source] = (counts[source] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether any of the sources was made, not observed (invariant 9). */
export function isSynthetic(sources: readonly string[]): boolean {
  return sources.some((source) => (SYNTHETIC_ORIGINS as readonly string[]).includes(source));
}
