/** What trainers and evaluation read: interactions as arrays, and, where the data are our own, what was known at each. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { DayPart } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { VibeTag } from '../../core/venue/vocabulary.ts';

/**
 * n interactions, as columns of the same length, sorted by user, then time; equal times keep the order of the input
 * (files: the order of lines; our own logs: signal id).
 */
export interface Interactions {
  /** External ids; `user` and `item` are indices of these. */
  users: readonly string[];
  items: readonly string[];
  user: Int32Array;
  item: Int32Array;
  /** Milliseconds since the epoch. Where a file has no times, the position in it. */
  time: Float64Array;
  /** 1: taken (accepted, visited, rated); 0: refused. Plain files hold only what was taken. */
  accepted: Uint8Array;
  /** Of the row in training (invariant 5), in [0, 1]. */
  weight: Float32Array;
  /** As in the file; null where it has none. */
  rating: Float32Array | null;
  /** Of a part of a data set: the row of each in the whole, to find its context. Left out of the whole. */
  rows?: Int32Array;
}

export interface PersonaSnapshot {
  dimensions: Dimensions;
  interests: readonly VibeTag[];
}

/** A ranking as it was served: everything that was offered, and how likely the policy was to show each. */
export interface CandidateSet {
  id: string;
  actor: string;
  time: number;
  city: string;
  /** itinerary, discovery, group, ... */
  kind: string;
  dayPart: DayPart | null;
  tripDay: number | null;
  modelVersion: string;
  /** Indices of `Interactions.items`. */
  items: Int32Array;
  /** In the order of `items`. */
  scores: Float32Array;
  /** Probability of being shown, in [0, 1], in the order of `items`. */
  propensity: Float32Array;
  /** 1 where it was shown. */
  shown: Uint8Array;
  /** Indices of `own.personas`: one of a traveller alone; a group's members, in no order that names them. */
  personas: Int32Array;
}

/** What was known at each interaction, as columns in the order of the interactions. */
export interface InteractionContext {
  /** Index of `Dataset.personas`, -1 where no snapshot was logged. */
  persona: Int32Array;
  /** Index of `Dataset.candidateSets`, -1 where the venue was not offered by a logged ranking. */
  candidateSet: Int32Array;
  /** Groups the interactions of one trip; -1 without a trip. */
  trip: Int32Array;
  /** From 1; 0 unknown. */
  tripDay: Int16Array;
  /** Index of DAY_PARTS, -1 unknown. */
  dayPart: Int8Array;
  groupSize: Int16Array;
  /** 1 where the traveller had 20 counting signals when it happened. */
  warm: Uint8Array;
  signalType: readonly string[];
}

export interface DataLineage {
  /** Where it was read from, as the operator gave it, and the SHA-256 of the bytes. */
  sources: readonly { path: string; sha256: string; rows: number }[];
  /** The sources of the rows: `user_behavioral`, `synthetic_...`; `external` for public files. */
  rows: Readonly<Record<string, number>>;
  /** Whether any row is synthetic or augmented (invariant 9). */
  synthetic: boolean;
  /** Signals of our own that were left out because ranking models may not train on them, by source. */
  refused?: Readonly<Record<string, { warm: number; cold: number }>>;
}

export interface Dataset {
  interactions: Interactions;
  lineage: DataLineage;
  /** Null for plain files. */
  own: {
    context: InteractionContext;
    personas: readonly PersonaSnapshot[];
    candidateSets: readonly CandidateSet[];
    /** In the order of `Interactions.items`: each venue as it was known at the end of the data; null if it is gone. */
    venues: readonly (Venue | null)[];
    /** City slug of each venue, in the same order. */
    cities: readonly string[];
  } | null;
}
