/** A plan packs its visits as early as it can; this lets the day breathe. */
import { firstOpenStart } from '../venue/opening-hours.ts';
import type { Venue } from '../venue/venue.ts';
import type { Stop } from './itinerary.ts';

interface Placed {
  stop: Stop;
  start: number;
  end: number;
}

/** Waiting up to this long between visits is left alone. */
const LEAVE_ALONE_MINUTES = 30;

/**
 * Moves each activity that is followed by a long wait toward the middle of its gap, in place, latest first, as far as
 * its window and its opening hours allow. `minutesToNext[i]` is the way from visit i to the next.
 */
export function spreadDay<Visit extends Placed>(
  visits: Visit[],
  venueOf: (visit: Visit) => Venue,
  minutesToNext: readonly number[],
  weekday: number,
): void {
  for (let i = visits.length - 2; i >= 0; i--) {
    const visit = visits[i]!;
    const length = visit.end - visit.start;
    const idle = visits[i + 1]!.start - minutesToNext[i]! - visit.end;
    if (visit.stop.role !== 'activity' || idle <= LEAVE_ALONE_MINUTES) continue;
    const latest = Math.min(visit.stop.latest, visit.stop.endBy - length);
    const { hours } = venueOf(visit);
    for (let shift = Math.floor(idle / 2 / 15) * 15; shift > 0 && hours; shift -= 15) {
      const start = visit.start + shift;
      if (start > latest || firstOpenStart(hours, weekday, start, start, length) === null) continue;
      visit.start = start;
      visit.end = start + length;
      break;
    }
  }
}
