/** How visits are cut: as little as saves a slot, or as much as brings the day back to its plan. */
import { type Beginning, type Placed, placeAfter, placeAll, type Visit } from './schedule.ts';

const STEP_MINUTES = 5;

const lasting = (visit: Visit, length: number): Visit => ({ ...visit, length });
const slack = (visit: Visit) => (visit.slot.status === 'locked' ? 0 : visit.length - visit.shortest);

/** How many of the visits can be placed before one of them does not fit. */
function placedCount(visits: readonly Visit[], beginning: Beginning): number {
  let last = beginning.before;
  for (const [i, visit] of visits.entries()) {
    last = placeAfter(last, visit, beginning);
    if (!last) return i;
  }
  return visits.length;
}

/**
 * All visits in their order, as long as usual but where one of them would not fit otherwise: then those are cut that
 * have most to spare. Null where even the shortest visits do not fit.
 */
export function placeWithLeastCuts(visits: readonly Visit[], beginning: Beginning): Placed[] | null {
  let tried = visits.map((visit) => lasting(visit, visit.usual));
  for (;;) {
    const stuck = placedCount(tried, beginning);
    if (stuck === tried.length) return placeAll(giveBack(tried, beginning), beginning);
    let cut = -1;
    for (let i = 0; i <= stuck; i++) {
      if (slack(tried[i]!) >= STEP_MINUTES && (cut < 0 || slack(tried[i]!) > slack(tried[cut]!))) cut = i;
    }
    if (cut < 0) return null;
    tried = tried.with(cut, lasting(tried[cut]!, tried[cut]!.length - STEP_MINUTES));
  }
}

/** What was cut in vain is given back, last visits first. */
function giveBack(cut: readonly Visit[], beginning: Beginning): Visit[] {
  let visits = [...cut];
  for (let i = visits.length - 1; i >= 0; i--) {
    const { length, usual } = visits[i]!;
    for (let longer = usual; longer > length; longer -= STEP_MINUTES) {
      const tried = visits.with(i, lasting(visits[i]!, longer));
      if (placedCount(tried, beginning) < visits.length) continue;
      visits = tried;
      break;
    }
  }
  return visits;
}

/** Each visit ends when it was planned to end, where that leaves it its shortest length: late only until caught up. */
export function placeCatchingUp(visits: readonly Visit[], beginning: Beginning): Placed[] | null {
  let last = beginning.before;
  const placed: Placed[] = [];
  for (const visit of visits) {
    const short = placeAfter(last, lasting(visit, visit.shortest), beginning);
    if (!short) return null;
    const length = Math.max(visit.shortest, Math.min(visit.usual, visit.slot.end - short.start));
    last = placeAfter(last, lasting(visit, length), beginning) ?? short;
    placed.push(last);
  }
  return placed;
}
