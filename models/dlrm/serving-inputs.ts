/**
 * How the ranking graph of the Worker is fed. One sequence serves all moments of a request: first what they share, the
 * history but for its last entry, then one row a moment, the last entry with that moment after it. A row sees the rows
 * before it in the history and itself, never another moment's: so each moment's state is what a history of its own gives.
 */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { centred } from '../../core/persona/persona-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { dimensionProfile } from '../../core/venue/venue-vector.ts';
import { DAY_PART_KINDS, GAP_KINDS, TRIP_DAY_KINDS } from '../u-sasrec/inputs.ts';

/** Raise it when what is fed means something else. */
export const SERVING_INPUTS_VERSION = 'dlrm-serving@1';

/** Rows of the one table of what a position says besides its venue: action, trip day, day part, gap, then its place. */
const ACTION_KINDS = 3;
export const CONTEXT_AT = {
  action: 0,
  tripDay: ACTION_KINDS,
  dayPart: ACTION_KINDS + TRIP_DAY_KINDS,
  gap: ACTION_KINDS + TRIP_DAY_KINDS + DAY_PART_KINDS,
  place: ACTION_KINDS + TRIP_DAY_KINDS + DAY_PART_KINDS + GAP_KINDS,
} as const;
/** Numbers a position. */
export const CONTEXT_COLUMNS = 5;

/** Rows of the head's table of moments: trip day, then day part. */
export const MOMENT_DAY_PART_AT = TRIP_DAY_KINDS;

/** What a venue's record adds to the dense features, without the traveller: the profile and five numbers. */
export const VENUE_FACTS = DIMENSION_NAMES.length + 5;

/**
 * [VENUE_FACTS]: what the venue offers to each dimension, tourist and local score (0.5 where not known), local less
 * tourist score, price level, and price level again. Times `travellerFactors`, with the traveller's own dimensions and the
 * sequence score, they are what `writeDense` writes.
 */
export function venueFacts(venue: Venue): Float32Array {
  const tourist = venue.touristScore ?? 0.5;
  const local = venue.localScore ?? 0.5;
  const price = venue.priceLevel / 4;
  return Float32Array.from([...dimensionProfile(venue), tourist, local, local - tourist, price, price]);
}

/** `own` [dimensions] in [-1, 1] and `factors` [VENUE_FACTS]. */
export function travellerFactors(dimensions: Dimensions): { own: Float32Array; factors: Float32Array } {
  const own = centred(dimensions);
  const bias = own[DIMENSION_NAMES.indexOf('local_vs_tourist_bias')]!;
  const sensitivity = own[DIMENSION_NAMES.indexOf('cost_sensitivity')]!;
  return { own: Float32Array.from(own), factors: Float32Array.from([...own, 1, 1, bias, 1, sensitivity]) };
}

/** Logit of what a row must not see. */
const NEVER = -1e9;

/**
 * [rows, rows] of the attention: `shared` rows of the history, the first `padding` of which nobody sees, then one row for
 * each of `moments`.
 */
export function treeMask(shared: number, padding: number, moments: number): Float32Array {
  const rows = shared + moments;
  const mask = new Float32Array(rows * rows);
  for (let row = 0; row < rows; row++) {
    for (let seen = 0; seen < rows; seen++) {
      const visible = seen === row || (seen >= padding && seen < shared && seen < row);
      if (!visible) mask[row * rows + seen] = NEVER;
    }
  }
  return mask;
}
