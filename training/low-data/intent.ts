/** Whether a variation still says the same of its traveller: what the app would learn from it, beside what it learns from the original. */
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from '../../core/persona/dimensions.ts';
import { learnDimensions } from '../../core/persona/learn.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import { seenVenue } from './decision-features.ts';
import type { DecisionRow } from './decision-row.ts';

/** From nobody's dimensions on, a run of the nightly job for each day. @param rows in order of time */
export function learnedFrom(rows: readonly DecisionRow[]): Dimensions {
  let learned: Dimensions = NEUTRAL_DIMENSIONS;
  const days = Map.groupBy(rows, ({ trip, tripDay }) => `${trip}/${tripDay}`);
  for (const day of days.values()) {
    const evidence = day.map(({ venue, accepted }) => {
      const type = accepted ? 'slot_accept' : 'slot_skip';
      const { strength } = verdictsOf({ type, venueId: venue.id, timeToActionMs: null, context: {} })[0]!;
      return { profile: seenVenue(venue).profile, accepted, weight: strength };
    });
    learned = learnDimensions(learned, evidence);
  }
  return learned;
}

/** Root mean square difference over the dimensions, in [0, 1]. */
export function apart(a: Dimensions, b: Dimensions): number {
  const squares = DIMENSION_NAMES.reduce((sum, name) => sum + (a[name] - b[name]) ** 2, 0);
  return Math.sqrt(squares / DIMENSION_NAMES.length);
}
