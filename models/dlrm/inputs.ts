/** What the scoring head is fed, wherever it runs. */

import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import type { Persona } from '../../core/persona/persona.ts';
import { centred, PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import { dimensionProfile } from '../../core/venue/venue-vector.ts';
import { DAY_PART_KINDS, TRIP_DAY_KINDS } from '../u-sasrec/inputs.ts';

/** Groups of features besides the sequence state, whose width is the sequence model's. */
export const GROUPS = {
  venue: VENUE_FEATURES,
  persona: PERSONA_VECTOR_LENGTH,
  moment: TRIP_DAY_KINDS + DAY_PART_KINDS,
} as const;

const EXTRA = 6;
export const DENSE_FEATURES = 2 * DIMENSION_NAMES.length + EXTRA;

/** One-hot trip day, then day part, as `tripDayKind` and `dayPartKind` number them. */
export function writeMoment(tripDay: number, dayPart: number, into: Float32Array, at: number): void {
  into[at + tripDay] = 1;
  into[at + TRIP_DAY_KINDS + dayPart] = 1;
}

/**
 * The traveller's dimensions in [-1, 1]; how each meets what the venue offers; the sequence score; tourist and local score
 * (0.5 where not known), local less tourist times the local bias; price level and price level times cost sensitivity.
 */
export function writeDense(
  dimensions: Persona['dimensions'] | null,
  venue: Venue | null,
  sequenceScore: number,
  into: Float32Array,
  at: number,
): void {
  const own = dimensions ? centred(dimensions) : DIMENSION_NAMES.map(() => 0);
  const offered = venue ? dimensionProfile(venue) : new Float64Array(DIMENSION_NAMES.length);
  const tourist = venue?.touristScore ?? 0.5;
  const local = venue?.localScore ?? 0.5;
  const price = (venue?.priceLevel ?? 2) / 4;
  const bias = own[DIMENSION_NAMES.indexOf('local_vs_tourist_bias')]!;
  const sensitivity = own[DIMENSION_NAMES.indexOf('cost_sensitivity')]!;
  into.set(own, at);
  into.set(
    own.map((value, i) => value * offered[i]!),
    at + DIMENSION_NAMES.length,
  );
  into.set(
    [sequenceScore / 10, tourist, local, bias * (local - tourist), price, price * sensitivity],
    at + 2 * DIMENSION_NAMES.length,
  );
}
