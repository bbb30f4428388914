/** The cut-offs of seed 0, "What we measure from the simulation". Scores lie in [0, 1]. */
import type { Venue } from '../../../core/venue/venue.ts';

/** Of a tourist trap, above. */
export const TOURIST_TRAP = 0.7;
/** Of an escape from the tourist traps, below. */
export const ESCAPED = 0.5;
/** Of a local gem, and of novel exposure: sources agree (above), tourists are few (below). */
export const GEM_CONFIDENCE = 0.7;
export const GEM_TOURIST = 0.4;
/** The archetypes of which escape is asked. */
export const ESCAPING = ['A1', 'A2', 'A8'] as const;
/** The head of a list. */
export const HEAD = 5;
/** The first day of fatigue. */
export const FATIGUE_DAY = 3;
/** Acceptable pivot rates: of groups; of warm travellers who go alone, below. */
export const PIVOT_BANDS = { group: [0.1, 0.2], warmSolo: [0, 0.1] } as const;

/** A place of which no source speaks is neither. */
export function isTouristTrap({ touristScore }: Pick<Venue, 'touristScore'>): boolean {
  return touristScore !== null && touristScore > TOURIST_TRAP;
}

export function isLocalGem({ touristScore, crossRefConfidence }: Venue): boolean {
  return (
    crossRefConfidence !== null &&
    crossRefConfidence > GEM_CONFIDENCE &&
    touristScore !== null &&
    touristScore < GEM_TOURIST
  );
}
