/** What happened in a slot and on a trip, as the metrics read it. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { DayPart } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Decision } from './decision.ts';
import type { SimTraveller } from './traveller.ts';

/** What another ranker would have put before the traveller in the same slot, and who was right. */
export interface ReferenceChoice {
  /** Of the language model's side. */
  top: Venue;
  /** `name@version` */
  modelVersion: string;
  /** Rank correlation of the two top tens, in [-1, 1], as the arbiter takes it. */
  agreement: number;
  /** Whether each top choice would have been taken; null where the agent cannot be asked without effect. */
  wouldTakeTop: boolean | null;
  wouldTakeReference: boolean | null;
}

export interface SlotRecord {
  /** From 1. */
  day: number;
  dayPart: DayPart;
  /** Best first, at least one. */
  ranked: readonly Venue[];
  decision: Decision;
  /** What rankers knew of the persona. */
  snapshot: Dimensions;
  /** Milliseconds since the epoch. */
  at: number;
  /** Null unless accepted. */
  taken: Venue | null;
  /** The energy that suits the moment, in [0, 1], by the arc of `core/ranking/energy-arc.ts`. */
  targetEnergy: number;
  /** What the traveller had left, in [0, 1]: known to the simulation alone. */
  energyLeft: number;
  /** Null for the cold, and where the ranker is the reference itself. */
  reference: ReferenceChoice | null;
  modelVersion: string;
  fallback: string | null;
  arbitration: { rule: string; served: 'ml' | 'llm' } | null;
}

export interface TripRecord {
  traveller: SimTraveller;
  slots: readonly SlotRecord[];
  /** Slots in which nothing could be offered. */
  emptySlots: number;
}
