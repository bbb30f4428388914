/** From when on the first day of a trip can be filled. */
import { timeIn } from '../../core/itinerary/local-time.ts';

/** Who plans for today gets this long to set out. */
const HEAD_START_MINUTES = 30;

/** Minutes of the first day; 0 where it has not begun. */
export function notBeforeOf(startDate: string, timeZone: string, now: number): number {
  const { date, minutes } = timeIn(timeZone, now);
  return startDate === date ? minutes + HEAD_START_MINUTES : 0;
}
