/** What the persona encoder is fed, wherever it runs: decisions of a warm traveller, tags of a cold one, venues. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { centred } from '../../core/persona/persona-vector.ts';
import {
  type DescribedVenue,
  VENUE_FEATURES,
  VENUE_FEATURES_VERSION,
  venueFeatures,
} from '../../core/venue/venue-features.ts';
import { VIBE_TAG_NAMES, type VibeTag } from '../../core/venue/vocabulary.ts';

export const TAG_FEATURES = DIMENSION_NAMES.length + VIBE_TAG_NAMES.length;
/** Part of the model's card: raise it when the numbers change. */
export const PERSONA_FEATURES_VERSION = `persona-encoder-features@1+${VENUE_FEATURES_VERSION}`;

const INTEREST_AT = new Map(VIBE_TAG_NAMES.map((tag, i) => [tag, DIMENSION_NAMES.length + i]));

/** Dimensions in [-1, 1], then interests, each 1 / sqrt(their number). [TAG_FEATURES] */
export function tagFeatures(dimensions: Dimensions, interests: readonly VibeTag[]): Float32Array {
  const features = new Float32Array(TAG_FEATURES);
  features.set(centred(dimensions));
  for (const tag of interests) features[INTEREST_AT.get(tag)!] = 1 / Math.sqrt(interests.length);
  return features;
}

/** Where a venue is is no part of taste: all are at one place. */
const NOWHERE = { lat: 0, lng: 0 };

/** [VENUE_FEATURES] */
export function tasteFeatures(venue: DescribedVenue): Float32Array {
  return venueFeatures({ ...venue, location: NOWHERE });
}

export interface Decision {
  /** As `tasteFeatures`. */
  features: Float32Array;
  accepted: boolean;
  /** Of the row (invariant 5), in [0, 1]. */
  weight: number;
}

/** Kinds of decisions; 0 is padding. */
export const DECISION_KINDS = { accepted: 1, refused: 2 } as const;

/** Arrays for some travellers: what `writeDecisions` fills and the graph reads. */
export interface DecisionArrays {
  /** [travellers, length, VENUE_FEATURES] */
  features: Float32Array;
  /** [travellers * length] of `DECISION_KINDS`. */
  kinds: Int32Array;
  /** [travellers, 2, length]: shares of the accepted and of the refused; either sums to 1, or is all 0. */
  shares: Float32Array;
  /** [travellers, 2]: log(1 + number) of either. */
  counts: Float32Array;
}

export function decisionArrays(travellers: number, length: number): DecisionArrays {
  return {
    features: new Float32Array(travellers * length * VENUE_FEATURES),
    kinds: new Int32Array(travellers * length),
    shares: new Float32Array(travellers * 2 * length),
    counts: new Float32Array(travellers * 2),
  };
}

/** The latest `length` decisions, oldest first, at the end of the traveller's row. */
export function writeDecisions(
  decisions: readonly Decision[],
  length: number,
  into: DecisionArrays,
  row: number,
): void {
  const kept = decisions.slice(-length);
  const sums = [0, 0];
  const counts = [0, 0];
  for (const { accepted, weight } of kept) {
    sums[accepted ? 0 : 1]! += weight;
    counts[accepted ? 0 : 1]! += 1;
  }
  for (const [i, { features, accepted, weight }] of kept.entries()) {
    const at = length - kept.length + i;
    const side = accepted ? 0 : 1;
    into.features.set(features, (row * length + at) * VENUE_FEATURES);
    into.kinds[row * length + at] = accepted ? DECISION_KINDS.accepted : DECISION_KINDS.refused;
    into.shares[(row * 2 + side) * length + at] = sums[side]! > 0 ? weight / sums[side]! : 0;
  }
  into.counts.set(counts.map(Math.log1p), row * 2);
}
