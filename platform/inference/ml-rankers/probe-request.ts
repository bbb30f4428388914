/** A small request that every ranker has to answer before it serves. */

import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';

const venue = (id: string, lat: number, touristScore: number | null): Venue => ({
  id,
  slug: id,
  name: id,
  category: 'park',
  neighbourhood: '',
  location: { lat, lng: lat / 2 },
  priceLevel: 1,
  hours: null,
  meals: [],
  setting: 'outdoor',
  visitMinutes: 60,
  energy: 0.4,
  vibeTags: [],
  touristScore,
  localScore: touristScore,
  crossRefConfidence: null,
  overrated: false,
  source: 'catalogue',
  firstSeenAt: null,
  closedAt: null,
  version: 1,
});

const HOUR = 3_600_000;
const past = venue('probe-past', 40, 0.2);

export const PROBE_REQUEST: MlRequest = {
  persona: { dimensions: NEUTRAL_DIMENSIONS, interests: [] },
  history: [
    { venueId: past.id, accepted: true, at: HOUR, tripDay: 1, dayPart: 'morning' },
    { venueId: 'probe-unknown', accepted: false, at: 2 * HOUR, tripDay: null, dayPart: null },
  ],
  historyVenues: new Map([[past.id, past]]),
  candidates: [venue('probe-one', 41, 0.5), venue('probe-two', 40, null)],
  moments: [
    { tripDay: 1, dayPart: 'evening', at: 8 * HOUR },
    { tripDay: 2, dayPart: 'morning', at: 30 * HOUR },
  ],
};

/** Rejects where it is not answered as asked. */
export async function probeRanker(ranker: MlRanker, request = PROBE_REQUEST): Promise<void> {
  const { logits } = await ranker.rank(request);
  const { moments, candidates } = request;
  const whole = logits.length === moments.length && logits.every((row) => row.length === candidates.length);
  if (!whole) throw new Error(`the probe gave ${logits.map((row) => row.length)} scores`);
}

/** A ranker that knows no venues but those of its list: by the ids of two of them. */
export interface ListedRanker extends MlRanker {
  readonly someIds: readonly string[];
}

/** As `probeRanker`, with venues of its list: of others it would answer without a run. */
export function probeListed(ranker: ListedRanker): Promise<void> {
  const [first = 'none', second = first] = ranker.someIds;
  const { history, candidates } = PROBE_REQUEST;
  return probeRanker(ranker, {
    ...PROBE_REQUEST,
    history: [{ ...history[0]!, venueId: first }, ...history],
    candidates: [{ ...candidates[0]!, id: second }, ...candidates],
  });
}

/** `logits[moment][candidate]` of a flat array. @throws Error where one is no number, or their number is another */
export function cutLogits(flat: Float32Array, moments: number, candidates: number): Float32Array[] {
  if (flat.length !== moments * candidates)
    throw new Error(`${flat.length} scores for ${moments} moments of ${candidates} candidates`);
  for (let i = 0; i < flat.length; i++) if (!Number.isFinite(flat[i]!)) throw new Error('a score is not finite');
  return Array.from({ length: moments }, (_, row) => flat.slice(row * candidates, (row + 1) * candidates));
}
